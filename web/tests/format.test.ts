import { afterEach, describe, expect, it } from 'vitest';
import { countdown, dayAndTime, monthDay, price, shortNumber, shortYuan, timeOfDay, weight, yuan } from '../shared/format';
import { lang } from '../shared/i18n';

afterEach(() => void (lang.value = 'zh'));

describe('money', () => {
  it('is exact to the fen, with thousands separators', () => {
    expect(yuan(136_200_000_007n)).toBe('¥1,362,000,000.07');
    expect(yuan(5n)).toBe('¥0.05');
    expect(yuan(-1234n)).toBe('¥-12.34');
  });
  it('on a card shows cents only when there are some', () => {
    expect(price(5900n)).toBe('¥59');
    expect(price(5990n)).toBe('¥59.90');
  });
  it('in short is 万 and 亿 in Chinese, k and M in English', () => {
    expect(shortYuan(1_362_000_000n)).toBe('¥1,362万');
    lang.value = 'en';
    expect(shortYuan(1_362_000_000n)).toBe('¥13.6M');
    expect(shortNumber(12_850)).toBe('12.8k');
  });
});

describe('weight', () => {
  it('is 克, 斤, 公斤, 吨 by size; one 斤 is 500 g', () => {
    expect(weight(250n)).toBe('250克');
    expect(weight(500n)).toBe('1斤');
    expect(weight(2_500n)).toBe('5斤');
    expect(weight(150_000n)).toBe('150公斤');
    expect(weight(75_000_000n)).toBe('75吨');
  });
  it('is metric in English', () => {
    lang.value = 'en';
    expect(weight(2_500n)).toBe('2.5 kg');
  });
});

describe('time', () => {
  it('is Beijing time on every device', () => {
    expect(timeOfDay(Date.UTC(2026, 10, 22, 12, 15, 9), true)).toBe('20:15:09');
    expect(dayAndTime(Date.UTC(2026, 10, 22, 18, 0))).toBe('11-23 02:00');
    expect(monthDay(Date.UTC(2026, 10, 22, 18, 0))).toBe('11月23日');
    lang.value = 'en';
    expect(monthDay(Date.UTC(2026, 10, 22, 18, 0))).toBe('23 Nov');
  });
  it('counts down to nothing and no further', () => {
    expect(countdown(61_000)).toBe('1:01');
    expect(countdown(1)).toBe('0:01');
    expect(countdown(3_600_000)).toBe('1:00:00');
    expect(countdown(-5)).toBe('0:00');
  });
});
