/** Full jitter: anything between 0 and the doubled step, so that a crowd that lost its server does not come back at once. */
export function backoffMs(attempt: number, random: () => number = Math.random, baseMs = 500, capMs = 15_000): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16));
}
