import { describe, expect, it } from 'vitest';
import { beijingField, countOf, dayOf, fenOf, justBefore, timeOf } from '../operator/fields';

describe('what is typed into a form', () => {
  it('is money exact to the fen, without floating point', () => {
    expect(fenOf('12')).toBe(1200n);
    expect(fenOf(' 12.3 ')).toBe(1230n);
    expect(fenOf('1,234,567,890.29')).toBe(123456789029n);
    expect(fenOf('¥0.07')).toBe(7n);
  });

  it('is refused in words when it is no amount or no number', () => {
    for (const text of ['', '-1', '1.234', '1e3', '十', '12.']) expect(() => fenOf(text)).toThrow('invalid_input');
    for (const text of ['', '-1', '1.5', 'x']) expect(() => countOf(text)).toThrow('invalid_input');
    expect(countOf(' 20 ')).toBe(20n);
  });

  it('is a time of Beijing, wherever the page is read', () => {
    expect(timeOf('2026-11-26T20:15')).toBe(BigInt(Date.UTC(2026, 10, 26, 12, 15)));
    expect(timeOf('2026-11-26')).toBe(BigInt(Date.UTC(2026, 10, 25, 16)));
    expect(() => timeOf('')).toThrow('invalid_input');
    expect(dayOf(timeOf('2026-11-26T00:15'))).toBe('2026-11-26');
    expect(beijingField(timeOf('2026-11-26T20:15:09'))).toBe('2026-11-26T20:15:09');
  });
});

it('a list after justBefore(id) begins with id or with the first that follows', () => {
  const ids = ['a', 'a-', 'ab', 'abz', 'ab_', 'b', 'A', '0', 'azzz', 'a0'].sort();
  for (const id of ids) expect(ids.filter((each) => each > justBefore(id))[0]).toBe(id);
  expect(ids.filter((each) => each > justBefore('ac'))[0]).toBe('azzz');
});
