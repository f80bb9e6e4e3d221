// The operator's wall: one Dashboard a second over the socket, and a curve per show from the API.
import { computed, signal } from '@preact/signals';
import { api } from '../shared/api';
import type { CurvePoint, ShowCurve } from '../shared/gen/livefair/v1/order_pb';
import { type Show, ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import type { Dashboard } from '../shared/gen/livefair/v1/socket_pb';
import type { Reconciliation } from '../shared/gen/livefair/v1/totals_pb';
import { isOperator } from '../shared/roles';
import { pageSocket } from '../shared/socket';
import { ranking, sumOf } from '../shared/totals';
import { staffApi } from './api';
import { sumCurves } from './curves';
import { TotalsDesk } from './totals';

const CURVE_EVERY_MS = 10_000;
const SHOWS_EVERY_MS = 30_000;

export class Wall {
  readonly socket = pageSocket();
  readonly greeted = signal(false);
  readonly dashboard = signal<Dashboard | undefined>(undefined);
  /** A show's id, or empty for all of them. */
  readonly chosen = signal('');
  readonly mayIn = computed(() => isOperator(this.socket.account.value));
  readonly shows = computed(() => (this.dashboard.value?.shows ?? []).filter(({ show }) => this.chosen.value === '' || show?.id === this.chosen.value));
  readonly sum = computed(() => sumOf(this.shows.value.flatMap(({ totals }) => totals?.show ?? [])));
  readonly viewers = computed(() => this.shows.value.reduce((sum, { counts }) => sum + (counts?.viewers ?? 0n), 0n));
  readonly cities = computed(() => ranking(this.shows.value.flatMap(({ totals }) => totals?.cities ?? [])));
  readonly products = computed(() => ranking(this.shows.value.flatMap(({ totals }) => totals?.products ?? [])));
  /** When the oldest of the summed figures was true. */
  readonly asOfMs = computed(() => {
    const times = this.shows.value.map(({ totals }) => Number(totals?.asOfMs ?? 0n)).filter((ms) => ms > 0);
    return times.length > 0 ? Math.min(...times) : Number(this.dashboard.value?.asOfMs ?? 0n);
  });
  readonly points = computed<CurvePoint[]>(() => sumCurves(this.shows.value.flatMap(({ show }) => this.#curves.value.get(show?.id ?? '') ?? [])));

  readonly desk = new TotalsDesk(staffApi);
  /** Also those that have ended; live ones first. */
  readonly allShows = signal<readonly Show[]>([]);
  readonly recounts = signal<readonly Reconciliation[]>([]);

  readonly #curves = signal<ReadonlyMap<string, ShowCurve>>(new Map());

  constructor() {
    this.socket.onOpen(() => {
      this.greeted.value = true;
      if (this.mayIn.value) void this.#watch();
    });
    this.socket.onMessage((body) => {
      if (body.case === 'dashboard') this.dashboard.value = body.value;
    });
    setInterval(() => void this.#fetchCurves(), CURVE_EVERY_MS);
    setInterval(() => void this.#fetchShows(), SHOWS_EVERY_MS);
  }

  choose(showId: string): void {
    this.chosen.value = this.chosen.value === showId ? '' : showId;
  }

  async signOut(): Promise<void> {
    await api.signOut();
    location.reload();
  }

  async #watch(): Promise<void> {
    const answer = await this.socket.request({ case: 'watchDashboard', value: {} }).catch(() => undefined);
    if (answer?.case === 'dashboard') this.dashboard.value = answer.value;
    else this.dashboard.value ??= await api.dashboard().catch(() => undefined);
    await Promise.all([this.#fetchCurves(), this.#fetchShows()]);
  }

  async #fetchShows(): Promise<void> {
    if (!this.mayIn.peek()) return;
    const shows = await api.shows().catch(() => this.allShows.peek());
    this.allShows.value = [...shows].sort((a, b) => Number(b.state === ShowState.LIVE) - Number(a.state === ShowState.LIVE) || Number(b.startsMs - a.startsMs));
    this.recounts.value = await staffApi.reconciliations().catch(() => this.recounts.peek());
  }

  async #fetchCurves(): Promise<void> {
    if (!this.mayIn.peek()) return;
    const ids = (this.dashboard.peek()?.shows ?? []).map(({ show }) => show?.id ?? '');
    const curves = await Promise.all(ids.map((id) => api.curve(id).catch(() => this.#curves.peek().get(id))));
    this.#curves.value = new Map(curves.flatMap((curve, i) => (curve ? [[ids[i]!, curve] as const] : [])));
  }
}
