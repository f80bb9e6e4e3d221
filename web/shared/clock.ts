// The server's clock, as far as this page can know it: sales open and close by it, not by the device's own.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

interface Sample {
  roundTripMs: number;
  offsetMs: number;
}

const SAMPLES_KEPT = 8;

/** Keeps the offset of the quickest recent round trip: the shorter the trip, the smaller the error. */
export class ServerClock {
  readonly offsetMs = signal(0);
  #samples: Sample[] = [];

  sample(sentMs: number, receivedMs: number, serverMs: number): void {
    const roundTripMs = receivedMs - sentMs;
    if (roundTripMs < 0) return; // the device's clock was set meanwhile
    this.#samples.push({ roundTripMs, offsetMs: serverMs + roundTripMs / 2 - receivedMs });
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift();
    const best = this.#samples.reduce((a, b) => (b.roundTripMs < a.roundTripMs ? b : a));
    this.offsetMs.value = best.offsetMs;
  }

  now(): number {
    return Date.now() + this.offsetMs.value;
  }
}

/** Redraws the component every `stepMs` and gives the server's time. */
export function useServerNow(clock: ServerClock, stepMs = 250): number {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((n) => n + 1), stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return clock.now();
}
