// What became of an order in its buyer's words, and what the buyer can do about it: say that it came, ask for money back.
import { signal } from '@preact/signals';
import { type Order, OrderState, type Refund, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { RequestIds } from '../shared/request_ids';

export type StoryKey =
  'storyPlaced' | 'storyPaid' | 'storyPacked' | 'storyShipped' | 'storyReceived' | 'storyExpired' | 'storyCancelled' | 'storyRefused' | 'storyRefunding' | 'storyRefunded';

export interface StoryStep {
  key: StoryKey;
  /** 0: the answer does not say when. */
  atMs: bigint;
}

const GOODS: Partial<Record<OrderState, StoryKey[]>> = {
  [OrderState.PACKED]: ['storyPacked'],
  [OrderState.SHIPPED]: ['storyShipped'],
  [OrderState.DONE]: ['storyShipped', 'storyReceived'],
};
const ENDS: Partial<Record<OrderState, StoryKey>> = {
  [OrderState.EXPIRED]: 'storyExpired',
  [OrderState.CANCELLED]: 'storyCancelled',
  [OrderState.REFUSED]: 'storyRefused',
  [OrderState.REFUNDING]: 'storyRefunding',
  [OrderState.REFUNDED]: 'storyRefunded',
};

/** Oldest first. */
export function storyOf(order: Order): StoryStep[] {
  const end = ENDS[order.state];
  // An order that goes back whole does not say how far its goods were, but its parcel does.
  const goods = GOODS[order.state] ?? (order.trackingNumber ? (['storyShipped'] as const) : []);
  return [
    { key: 'storyPlaced', atMs: order.placedMs },
    ...(order.paidMs > 0n ? [{ key: 'storyPaid' as const, atMs: order.paidMs }] : []),
    ...goods.map((key) => ({ key, atMs: 0n })),
    ...(end ? [{ key: end, atMs: 0n }] : []),
  ];
}

const REFUNDABLE = [OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.DONE];

/** Pieces that no refund has taken yet. */
export function quantityLeft(order: Order, refunds: readonly Refund[]): bigint {
  const counts = ({ state }: Refund) => state !== RefundState.ASKED && state !== RefundState.DECLINED;
  return refunds.filter(counts).reduce((left, refund) => left - refund.quantity, order.quantity);
}

/** One refund waits at a time; what has all gone back can't be asked for again. */
export function mayAskForRefund(order: Order, refunds: readonly Refund[]): boolean {
  return REFUNDABLE.includes(order.state) && order.refundedFen < order.amountFen && quantityLeft(order, refunds) > 0n && refunds.every(({ state }) => state !== RefundState.ASKED);
}

/** What the server gives back for so many pieces: all the rest for the last of them. */
export function refundFen(order: Order, refunds: readonly Refund[], quantity: bigint): bigint {
  const rest = order.amountFen - order.refundedFen;
  const cost = quantity * order.unitPriceFen;
  return quantity === quantityLeft(order, refunds) || cost > rest ? rest : cost;
}

export interface AfterSaleSource {
  refunds(order: string): Promise<readonly Refund[]>;
  receiveOrder(order: string): Promise<Order>;
  askForRefund(order: string, body: { refundId: string; quantity: bigint; amountFen: bigint; why: string }): Promise<Refund>;
}

export class AfterSale {
  /** By order; only of orders that were looked at. */
  readonly refunds = signal<ReadonlyMap<string, readonly Refund[]>>(new Map());
  readonly #ids = new RequestIds();

  /** `keep` takes an order as it has become. */
  constructor(private readonly source: AfterSaleSource, private readonly keep: (order: Order) => void) {}

  async load(order: string): Promise<void> {
    const refunds = await this.source.refunds(order);
    this.refunds.value = new Map(this.refunds.peek()).set(order, refunds);
  }

  async receive(order: Order): Promise<void> {
    this.keep(await this.source.receiveOrder(order.id));
  }

  async ask(order: Order, quantity: bigint, why: string): Promise<void> {
    await this.#ids.ask(order.id, (refundId) => this.source.askForRefund(order.id, { refundId, quantity, amountFen: 0n, why }));
    await this.load(order.id);
  }
}
