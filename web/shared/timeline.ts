// Changes that belong to a moment of the picture: a pin appears when the viewer's own player reaches the moment of the host's click.

export interface Timed<T> {
  value: T;
  mediaTimeMs: number; // PROGRAM-DATE-TIME axis; 0: at once
  arrivedMs: number;   // when this page heard of it
}

/** A player that is paused or far behind does not hold a change back for longer than this. */
export const LONGEST_WAIT_MS = 30_000;
const CHANGES_KEPT = 8;

function isDue(change: Timed<unknown>, playingMs: number | undefined, nowMs: number): boolean {
  if (change.mediaTimeMs === 0 || playingMs === undefined) return true; // nothing plays: no moment to wait for
  return playingMs >= change.mediaTimeMs || nowMs - change.arrivedMs >= LONGEST_WAIT_MS;
}

/**
 * The newest change whose moment has come; `playingMs` is the player's place on the media's clock. What was `shown` stays until
 * something newer is due, so a card does not vanish when the player starts, jumps back or loses its clock.
 */
export function shownAt<T>(
  changes: readonly Timed<T>[],
  playingMs: number | undefined,
  nowMs: number,
  shown?: Timed<T>,
): Timed<T> | undefined {
  const due = changes.findLastIndex((change) => isDue(change, playingMs, nowMs));
  const before = shown ? changes.indexOf(shown) : -1;
  return changes[Math.max(due, before)];
}

export function withChange<T>(changes: readonly Timed<T>[], change: Timed<T>): readonly Timed<T>[] {
  return [...changes, change].slice(-CHANGES_KEPT);
}
