// Totals by a dimension, as of a moment, down to their orders. Every figure is counted by the server from the ledger's orders; nothing is added up here.
import { signal } from '@preact/signals';
import { ApiError } from '../shared/api';
import { channelName } from '../shared/channel';
import { timeOfDay } from '../shared/format';
import type { ListSalesOrdersResponse, SalesFigures, SalesOrder, SalesTotals } from '../shared/gen/livefair/v1/totals_pb';
import { type Pair, say, spoken } from '../shared/i18n';
import { provinceName } from '../shared/region';

export const DIMENSIONS = {
  segment: ['环节', 'Segment'],
  host: ['主播', 'Host'],
  origin_city: ['产地（市州）', 'Origin, city'],
  origin_county: ['产地（区县）', 'Origin, county'],
  buyer_city: ['收货地（市州）', 'Destination, city'],
  buyer_county: ['收货地（区县）', 'Destination, county'],
  product: ['商品', 'Product'],
  supplier: ['供应商', 'Supplier'],
  organisation: ['采购单位', 'Buying organisation'],
  channel: ['渠道', 'Channel'],
  kind: ['订单种类', 'Kind of order'],
  ten_minutes: ['每 10 分钟', 'Ten minutes'],
} as const satisfies Record<string, Pair>;
export type Dimension = keyof typeof DIMENSIONS;

const KINDS: Record<string, Pair> = { 1: ['零售', 'Sale'], 2: ['以购代捐', 'Bought to donate'], 3: ['集采', 'Bulk'], 4: ['赠品', 'Gift'] };
const NONE: Partial<Record<Dimension, Pair>> = {
  segment: ['不属于任何环节', 'In no segment'],
  host: ['没有主播', 'Without a host'],
  organisation: ['个人', 'People'],
};

/** A kind of order by its number. */
export const kindName = (kind: string) => say(KINDS[kind] ?? [kind, kind]);

/** What a line is called: the ledger's name, else what its key means. */
export function lineName(dimension: Dimension, line: Pick<SalesFigures, 'key' | 'name'>): string {
  if (line.name) return line.name;
  if (line.key === '') return say(NONE[dimension] ?? ['不明', 'Unknown']);
  if (dimension === 'channel') return channelName(Number(line.key)) ?? line.key;
  if (dimension === 'kind') return kindName(line.key);
  if (dimension === 'ten_minutes') return `${timeOfDay(BigInt(line.key))}–${timeOfDay(BigInt(line.key) + 600_000n)}`;
  return provinceName(line.key) ?? line.key;
}

export interface TotalsSource {
  salesTotals(show: string, dimension: string, asOfMs: bigint): Promise<SalesTotals>;
  salesOrders(show: string, dimension: string, key: string, asOfMs: bigint, after: string): Promise<ListSalesOrdersResponse>;
}

export class TotalsDesk {
  readonly dimension = signal<Dimension>('segment');
  /** The moment that is asked for; 0: now. */
  readonly asOfMs = signal(0n);
  readonly totals = signal<SalesTotals | undefined>(undefined);
  /** Who came back, watched and benefited is told with the show's own totals. */
  readonly people = signal<SalesTotals | undefined>(undefined);
  readonly problem = signal('');
  readonly opened = signal<string | undefined>(undefined);
  readonly orders = signal<readonly SalesOrder[]>([]);
  readonly hasMore = signal(false);
  #show = '';
  #asked = 0;

  constructor(private readonly source: TotalsSource) {}

  /** Counts anew as of now (0) or of a moment; the dimension and the moment stay as they are when left out. */
  async count(show: string, dimension: Dimension = this.dimension.peek(), asOfMs = this.asOfMs.peek()): Promise<void> {
    const asked = ++this.#asked;
    this.#show = show;
    this.dimension.value = dimension;
    this.asOfMs.value = asOfMs;
    this.#close();
    try {
      const totals = await this.source.salesTotals(show, dimension, asOfMs);
      const people = await this.source.salesTotals(show, 'show', totals.asOfMs);
      if (asked !== this.#asked) return; // another question was asked meanwhile
      this.totals.value = totals;
      this.people.value = people;
      this.problem.value = '';
    } catch (error) {
      if (asked === this.#asked) this.#fail(error);
    }
  }

  /** The orders of a line, as of the moment that the line is of; the same line again closes it. */
  async open(key: string): Promise<void> {
    if (this.opened.peek() === key) return this.#close();
    this.#close();
    this.opened.value = key;
    await this.more();
  }

  async more(): Promise<void> {
    const key = this.opened.peek();
    const totals = this.totals.peek();
    if (key === undefined || !totals) return;
    const asked = this.#asked;
    try {
      const page = await this.source.salesOrders(this.#show, totals.dimension, key, totals.asOfMs, this.orders.peek().at(-1)?.orderId ?? '');
      if (asked !== this.#asked || this.opened.peek() !== key) return;
      this.orders.value = [...this.orders.peek(), ...page.orders];
      this.hasMore.value = page.hasMore;
    } catch (error) {
      if (asked === this.#asked) this.#fail(error);
    }
  }

  #close(): void {
    this.opened.value = undefined;
    this.orders.value = [];
    this.hasMore.value = false;
  }

  #fail(error: unknown): void {
    this.problem.value = error instanceof ApiError ? spoken(error) : String(error);
  }
}
