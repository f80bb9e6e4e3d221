// Tells the server every 30 s that this page's picture really moves, so that viewers are counted through any CDN.

const BEAT_MS = 30_000;
const CHECK_MS = 1_000;

export type Beat = 'playing' | 'left' | 'none';

/** What to say now. `saidMs`: when "playing" was said last, 0 when never or since "left". A short stall is no leaving: silence tells it. */
export function beatAt(playing: boolean, leaving: boolean, saidMs: number, nowMs: number): Beat {
  if (leaving) return saidMs === 0 ? 'none' : 'left';
  return playing && nowMs - saidMs >= BEAT_MS ? 'playing' : 'none';
}

/** Lives as long as the page. `isPlaying`: whether the live picture moves; `isAway`: whether the page shows something else. */
export class Beacon {
  readonly #player = crypto.randomUUID();
  #saidMs = 0;

  constructor(
    private readonly roomId: string,
    private readonly isPlaying: () => boolean,
    private readonly isAway: () => boolean,
  ) {
    setInterval(() => this.#check(this.isAway()), CHECK_MS);
    addEventListener('pagehide', () => this.#check(true));
  }

  #check(leaving: boolean): void {
    const nowMs = Date.now();
    const beat = beatAt(this.isPlaying(), leaving, this.#saidMs, nowMs);
    if (beat === 'none') return;
    this.#saidMs = beat === 'playing' ? nowMs : 0;
    this.#send(beat === 'left');
  }

  /** Without a cookie: the count is of pages, not of people. sendBeacon would send one, so it is a fetch that outlives the page. */
  #send(left: boolean): void {
    const init: RequestInit = { method: 'POST', keepalive: true, credentials: 'omit', headers: { 'Content-Type': 'application/json' } };
    void fetch(`/api/v1/rooms/${encodeURIComponent(this.roomId)}/playing`, { ...init, body: JSON.stringify({ player: this.#player, left }) }).catch(() => {});
  }
}
