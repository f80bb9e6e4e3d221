import { describe, expect, it } from 'vitest';
import { LONGEST_WAIT_MS, shownAt, type Timed, withChange } from '../shared/timeline';

const pin = (value: string, mediaTimeMs: number, arrivedMs = 1000): Timed<string> => ({ value, mediaTimeMs, arrivedMs });

describe('a pin', () => {
  it('appears when the player reaches the moment of the click, not before', () => {
    const pins = [pin('tea', 50_000)];
    expect(shownAt(pins, 49_999, 2000)).toBeUndefined();
    expect(shownAt(pins, 50_000, 2000)?.value).toBe('tea');
  });

  it('leaves the card before it on the screen until its own moment', () => {
    const pins = [pin('tea', 50_000), pin('rice', 60_000)];
    expect(shownAt(pins, 55_000, 2000)?.value).toBe('tea');
    expect(shownAt(pins, 60_001, 2000)?.value).toBe('rice');
  });

  it('appears at once when nothing plays, and when it names no moment', () => {
    expect(shownAt([pin('tea', 50_000)], undefined, 2000)?.value).toBe('tea');
    expect(shownAt([pin('tea', 0)], 1, 2000)?.value).toBe('tea');
  });

  it('does not wait for ever for a paused player', () => {
    const pins = [pin('tea', 50_000, 1000)];
    expect(shownAt(pins, 10_000, 1000 + LONGEST_WAIT_MS)?.value).toBe('tea');
  });

  it('once shown stays when the player starts behind it', () => {
    const pins = [pin('tea', 50_000), pin('rice', 60_000)];
    const shown = shownAt(pins, undefined, 2000);
    expect(shownAt(pins, 40_000, 2100, shown)?.value).toBe('rice');
  });
});

it('only the newest changes are kept', () => {
  let changes: readonly Timed<string>[] = [];
  for (let i = 0; i < 50; i++) changes = withChange(changes, pin(String(i), i));
  expect(changes.length).toBeLessThanOrEqual(8);
  expect(changes.at(-1)?.value).toBe('49');
});
