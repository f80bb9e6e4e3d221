// The organisations' league, and the buyers of a show that a person should look at; both counted by the server.
import { signal } from '@preact/signals';
import type { League, SalesFlag } from '../shared/gen/livefair/v1/totals_pb';
import { explain } from '../shared/ui/parts';

export interface LeagueSource {
  league(fromMs: bigint, asOfMs: bigint, show: string): Promise<League>;
  salesFlags(show: string, asOfMs: bigint): Promise<readonly SalesFlag[]>;
}

export interface LeagueQuestion {
  /** Whose flags are shown. */
  show: string;
  /** Whether the league is of this show alone. */
  ofShow: boolean;
  fromMs: bigint;
  /** 0: now. */
  asOfMs: bigint;
}

export class LeagueDesk {
  readonly league = signal<League | undefined>(undefined);
  readonly flags = signal<readonly SalesFlag[]>([]);
  readonly problem = signal('');
  readonly busy = signal(false);
  #asked = 0;

  constructor(private readonly source: LeagueSource) {}

  /** Both as of one moment: that of the league's answer. */
  async count({ show, ofShow, fromMs, asOfMs }: LeagueQuestion): Promise<void> {
    const asked = ++this.#asked;
    this.busy.value = true;
    try {
      const league = await this.source.league(fromMs, asOfMs, ofShow ? show : '');
      const flags = await this.source.salesFlags(show, league.asOfMs);
      if (asked !== this.#asked) return; // another question was asked meanwhile
      this.league.value = league;
      this.flags.value = flags;
      this.problem.value = '';
    } catch (error) {
      if (asked === this.#asked) this.problem.value = explain(error);
    }
    if (asked === this.#asked) this.busy.value = false;
  }
}

/** "104.5%" of 1045 thousandths. */
export function percent(permille: bigint): string {
  return `${permille / 10n}.${permille % 10n}%`;
}
