import { describe, expect, it } from 'vitest';
import { LiveEdge } from '../shared/live_edge';

/** A buffer that holds `leastS` to `leastS` + 0.2 s, as one does whose parts last 200 ms. */
function rateAt(edge: LiveEdge, leastS: number, fromMs = 0): number {
  let rate = 1;
  for (let i = 0; i < 30; i++) rate = edge.rate(fromMs + i * 100, leastS + (i % 2) * 0.2);
  return rate;
}

describe('the pace at the live edge', () => {
  it('is faster the more can be spared, and 1 where the reserve is just there', () => {
    expect(rateAt(new LiveEdge(), 0.35)).toBe(1);
    expect(rateAt(new LiveEdge(), 0.65)).toBe(1.06);
    expect(rateAt(new LiveEdge(), 4)).toBe(1.08);
  });

  it('is a little slower while the reserve is not there', () => {
    expect(rateAt(new LiveEdge(), 0.2)).toBe(0.97);
    expect(rateAt(new LiveEdge(), 0)).toBe(0.96);
  });

  it('forgets what was in the buffer long ago', () => {
    const edge = new LiveEdge();
    rateAt(edge, 0);
    expect(rateAt(edge, 0.65, 10_000)).toBe(1.06);
  });

  it('keeps more in reserve after each stall, up to two seconds', () => {
    const edge = new LiveEdge();
    edge.stalled();
    expect(rateAt(edge, 0.55)).toBe(1);
    for (let i = 0; i < 50; i++) edge.stalled();
    expect(rateAt(edge, 2)).toBe(1);
  });
});
