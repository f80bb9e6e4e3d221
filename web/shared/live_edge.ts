// How fast to play to stay near the live edge. hls.js itself speeds up only while more than a second is buffered, which keeps every
// viewer a second behind for nothing: parts come five times a second. Here what counts is the least that was in the buffer during the
// last seconds. It is what the net's unevenness has not used, so it can be given up.

const WINDOW_MS = 2_500;
const RESERVE_S = 0.35;
const RESERVE_MAX_S = 2;
const STALL_COSTS_S = 0.2;
const RATE_MIN = 0.96;
const RATE_MAX = 1.08;
const RATE_PER_S = 0.2;
const DEAD_ZONE_S = 0.06;

export class LiveEdge {
  #reserveS = RESERVE_S;
  #samples: { atMs: number; aheadS: number }[] = [];

  /** The playback rate, 0.96 to 1.08, given what is in the buffer beyond the playhead now. Called every 100 ms or so. */
  rate(nowMs: number, aheadS: number): number {
    this.#samples.push({ atMs: nowMs, aheadS });
    this.#samples = this.#samples.filter((sample) => nowMs - sample.atMs <= WINDOW_MS);
    const spareS = Math.min(...this.#samples.map((sample) => sample.aheadS)) - this.#reserveS;
    if (Math.abs(spareS) < DEAD_ZONE_S) return 1;
    const rate = Math.min(RATE_MAX, Math.max(RATE_MIN, 1 + spareS * RATE_PER_S));
    return Math.round(rate * 100) / 100;
  }

  /** The buffer ran dry: this net needs a larger reserve. */
  stalled(): void {
    this.#reserveS = Math.min(RESERVE_MAX_S, this.#reserveS + STALL_COSTS_S);
    this.#samples = [];
  }
}
