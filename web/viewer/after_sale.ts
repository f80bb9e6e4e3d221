// What became of an order in its buyer's words, and what the buyer can do about it: say that it came, ask for money back.
import { signal } from '@preact/signals';
import { type Order, OrderState, type OwnOrderEvent, type Refund, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { RequestIds } from '../shared/request_ids';

export type StoryKey =
  | 'storyPlaced' | 'storyPaid' | 'storyPacked' | 'storyShipped' | 'storyCorrected' | 'storyReceived' | 'storyExpired' | 'storyCancelled' | 'storyRefused'
  | 'storyRefundDue' | 'storyRefundAsked' | 'storyRefundAccepted' | 'storyRefundDeclined' | 'storyRefundPaid' | 'storyRefundFailed';

export interface StoryStep {
  key: StoryKey;
  atMs: bigint;
  /** Carrier and number of a parcel; empty: none. */
  parcel: string;
  /** Of a refund's steps; 0: none. */
  amountFen: bigint;
}

const STEPS = new Map<string, StoryKey>(Object.entries({
  placed: 'storyPlaced',
  paid: 'storyPaid',
  packed: 'storyPacked',
  shipped: 'storyShipped',
  tracking_corrected: 'storyCorrected',
  done: 'storyReceived',
  expired: 'storyExpired',
  cancelled: 'storyCancelled',
  refused: 'storyRefused',
  refund_due: 'storyRefundDue',
  refund_asked: 'storyRefundAsked',
  refund_accepted: 'storyRefundAccepted',
  refund_declined: 'storyRefundDeclined',
  refund_paid: 'storyRefundPaid',
  refund_failed: 'storyRefundFailed',
}));

/** Oldest first. An event of a newer server that has no words here is left out. */
export function storyOf(events: readonly OwnOrderEvent[]): StoryStep[] {
  return events.flatMap(({ kind, atMs, carrier, trackingNumber, amountFen }) => {
    const key = STEPS.get(kind);
    return key ? [{ key, atMs, parcel: `${carrier} ${trackingNumber}`.trim(), amountFen }] : [];
  });
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
  ownHistory(order: string): Promise<readonly OwnOrderEvent[]>;
  refunds(order: string): Promise<readonly Refund[]>;
  receiveOrder(order: string): Promise<Order>;
  askForRefund(order: string, body: { refundId: string; quantity: bigint; amountFen: bigint; why: string }): Promise<Refund>;
}

export class AfterSale {
  /** By order; only of orders that were looked at. */
  readonly refunds = signal<ReadonlyMap<string, readonly Refund[]>>(new Map());
  readonly stories = signal<ReadonlyMap<string, readonly StoryStep[]>>(new Map());
  readonly #ids = new RequestIds();

  /** `keep` takes an order as it has become. */
  constructor(private readonly source: AfterSaleSource, private readonly keep: (order: Order) => void) {}

  async load(order: string): Promise<void> {
    const [refunds, events] = await Promise.all([this.source.refunds(order), this.source.ownHistory(order)]);
    this.refunds.value = new Map(this.refunds.peek()).set(order, refunds);
    this.stories.value = new Map(this.stories.peek()).set(order, storyOf(events));
  }

  async receive(order: Order): Promise<void> {
    this.keep(await this.source.receiveOrder(order.id));
  }

  async ask(order: Order, quantity: bigint, why: string): Promise<void> {
    await this.#ids.ask(order.id, (refundId) => this.source.askForRefund(order.id, { refundId, quantity, amountFen: 0n, why }));
    await this.load(order.id);
  }
}
