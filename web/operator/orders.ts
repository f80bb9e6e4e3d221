// Orders of a show as staff work on them: what can be done with one, what happened to it, and the refunds that wait for a second person.
import { signal } from '@preact/signals';
import { count } from '../shared/format';
import { Channel } from '../shared/gen/livefair/v1/catalog_pb';
import { type Address, type Order, type OrderEvent, OrderKind, OrderState, type Refund, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { type Pair, say } from '../shared/i18n';
import { RequestIds } from '../shared/request_ids';
import { explain } from '../shared/ui/parts';
import type { Step } from './api';
import { justBefore } from './fields';

const PAGE = 50;

export type Action = 'pack' | 'ship' | 'correct' | 'done' | 'refund' | 'look' | 'paid' | 'release' | 'certificate';

/** Orders of organisations and gifts: the ledger takes them itself, and their parts go to consignees. */
export function hasConsignees(order: Order): boolean {
  return order.kind === OrderKind.DONATION || order.kind === OrderKind.BULK || order.kind === OrderKind.GIFT;
}

/** "新晃黄牛肉 1 袋 × 3". An order of the ledger's own is one piece of the whole count, so its goods say how many. */
export function headline(order: Order): string {
  if (!hasConsignees(order)) return `${order.title} × ${count(order.quantity)}`;
  return order.lines.map(({ title, units }) => `${title} × ${count(units)}`).join('、') || order.title;
}

/** What staff can do next; the server decides whether it may be done. */
export function actionsOf(order: Order): Action[] {
  const look: Action[] = order.address?.recipient ? ['look'] : [];
  const refund: Action[] = order.amountFen > order.refundedFen ? ['refund'] : [];
  const certificate: Action[] = order.kind === OrderKind.DONATION && order.refundedFen === 0n ? ['certificate'] : [];
  const rest = [...look, ...certificate, ...refund];
  switch (order.state) {
    case OrderState.RESERVED: return hasConsignees(order) ? ['paid', 'release'] : [];
    case OrderState.PAID: return ['pack', 'ship', ...rest];
    case OrderState.PACKED: return ['ship', ...rest];
    case OrderState.SHIPPED: return ['done', 'correct', ...rest];
    case OrderState.DONE: return rest;
    default: return [];
  }
}

/** The money of bulk and stall orders came past the payment provider and goes back so: staff says how. */
export function isPaidOutside(order: Order, channel: Channel): boolean {
  return channel === Channel.BULK || channel === Channel.STALL || order.kind === OrderKind.BULK || order.kind === OrderKind.DONATION;
}

const EVENTS: Record<string, Pair> = {
  placed: ['下单', 'Placed'],
  entered: ['录入', 'Entered by staff'],
  paid: ['付款', 'Paid'],
  paid_outside: ['确认收款', 'Payment noted'],
  handed_over: ['当面交货', 'Handed over'],
  expired: ['超时未付，已释放', 'Expired unpaid'],
  cancelled: ['买家取消', 'Cancelled by the buyer'],
  released: ['解除占用', 'Released by staff'],
  refused: ['未成交', 'Refused'],
  refund_due: ['付款太晚，退回', 'Paid too late; goes back'],
  packed: ['打包', 'Packed'],
  shipped: ['发货', 'Shipped'],
  tracking_corrected: ['更正运单', 'Parcel number corrected'],
  done: ['完成', 'Done'],
  refund_asked: ['申请退款', 'Refund asked for'],
  refund_accepted: ['同意退款', 'Refund agreed to'],
  refund_declined: ['拒绝退款', 'Refund declined'],
  refund_paid: ['退款到账', 'Refund paid out'],
  refund_failed: ['退款失败，需人工处理', 'Refund failed; see to it'],
  refund_asked_again: ['重新申请退款', 'Refund asked for again'],
};

/** An event of a newer server keeps the name it has there. */
export function eventName(kind: string): string {
  const name = EVENTS[kind];
  return name ? say(name) : kind;
}

export interface RefundWish {
  quantity: bigint;
  amountFen: bigint;
  why: string;
  reference: string;
}

export interface OrdersSource {
  ordersOfShow(show: string, state: OrderState, text: string, after: string, count: number): Promise<readonly Order[]>;
  orderHistory(show: string, order: string): Promise<readonly OrderEvent[]>;
  lookAtAddress(show: string, order: string, why: string): Promise<Address>;
  takeStep(show: string, order: string, step: Step, body: { why: string; carrier: string; trackingNumber: string }): Promise<Order>;
  refund(show: string, order: string, body: RefundWish & { refundId: string }): Promise<Refund>;
  refundsOfShow(show: string, state: RefundState): Promise<readonly Refund[]>;
  decideRefund(show: string, refund: string, agree: boolean, why: string): Promise<Refund>;
  /** A refund that the provider refused for good: asked for again, or, with a reference, given back past it. */
  resolveFailed(show: string, refund: string, why: string, reference: string): Promise<Refund>;
}

export class OrdersDesk {
  readonly state = signal(OrderState.UNSPECIFIED);
  /** Nothing until the first answer. */
  readonly orders = signal<readonly Order[] | undefined>(undefined);
  readonly hasMore = signal(false);
  readonly problem = signal('');
  readonly busy = signal(false);
  /** The order that is open, what happened to it, and its address in full once somebody has looked. */
  readonly opened = signal('');
  readonly history = signal<readonly OrderEvent[]>([]);
  readonly address = signal<Address | undefined>(undefined);
  /** Refunds that wait for a second person, newest first. */
  readonly waiting = signal<readonly Refund[]>([]);
  /** Refunds that the provider has refused for good. */
  readonly failed = signal<readonly Refund[]>([]);
  #show = '';
  #text = '';
  #asked = 0;
  readonly #ids = new RequestIds();

  constructor(private readonly source: OrdersSource) {}

  /** The first page: of a state (0: of all), of what a text is found in ('': of all); see the server's `text`. */
  async list(show: string, state = this.state.peek(), text = ''): Promise<void> {
    const asked = ++this.#asked;
    if (show !== this.#show) this.orders.value = undefined;
    this.#show = show;
    this.#text = text.trim();
    this.state.value = state;
    this.#close();
    await this.#load(asked, async () => {
      const [orders, showRefunds] = await Promise.all([this.#page(''), this.#openRefunds()]);
      return () => {
        this.#keep(orders, []);
        showRefunds();
      };
    });
  }

  async more(): Promise<void> {
    const before = this.orders.peek() ?? [];
    await this.#load(this.#asked, async () => {
      const orders = await this.#page(before.at(-1)?.id ?? '');
      return () => this.#keep(orders, before);
    });
  }

  /** Opens an order; the same one again closes it. */
  async open(id: string): Promise<void> {
    const again = this.opened.peek() === id;
    this.#close();
    if (again) return;
    this.opened.value = id;
    await this.#loadHistory();
  }

  /** The steps throw what the server says when it refuses. */
  async takeStep(order: Order, step: Step, body: { why?: string; carrier?: string; trackingNumber?: string }): Promise<void> {
    const { why = '', carrier = '', trackingNumber = '' } = body;
    await this.change(this.source.takeStep(this.#show, order.id, step, { why, carrier, trackingNumber }));
  }

  /** Shows what some other request made of an order. */
  async change(changed: Promise<Order>): Promise<void> {
    this.#replace(await changed);
    await this.#loadHistory();
  }

  async look(order: Order, why: string): Promise<void> {
    const address = await this.source.lookAtAddress(this.#show, order.id, why);
    if (this.opened.peek() === order.id) this.address.value = address;
  }

  async refund(order: Order, wish: RefundWish): Promise<Refund> {
    const refund = await this.#ids.ask(order.id, (refundId) => this.source.refund(this.#show, order.id, { ...wish, refundId }));
    await this.#refresh(order.id);
    return refund;
  }

  async decide(refund: Refund, agree: boolean, why: string): Promise<void> {
    await this.source.decideRefund(this.#show, refund.id, agree, why);
    await this.#refresh(refund.orderId);
  }

  async resolveFailed(refund: Refund, why: string, reference: string): Promise<void> {
    await this.source.resolveFailed(this.#show, refund.id, why, reference);
    await this.#refresh(refund.orderId);
  }

  /** Asks for the refunds that somebody has to see to; the answer shows them. */
  async #openRefunds(): Promise<() => void> {
    const [waiting, failed] = await Promise.all([RefundState.ASKED, RefundState.FAILED].map((state) => this.source.refundsOfShow(this.#show, state)));
    return () => {
      this.waiting.value = waiting ?? [];
      this.failed.value = failed ?? [];
    };
  }

  /** An order and the open refunds anew, after money moved. */
  async #refresh(id: string): Promise<void> {
    const [showRefunds, orders] = await Promise.all([
      this.#openRefunds(),
      this.source.ordersOfShow(this.#show, OrderState.UNSPECIFIED, '', justBefore(id), 1),
    ]);
    showRefunds();
    for (const order of orders) this.#replace(order);
    await this.#loadHistory();
  }

  #page(after: string): Promise<readonly Order[]> {
    return this.source.ordersOfShow(this.#show, this.state.peek(), this.#text, after, PAGE);
  }

  #keep(page: readonly Order[], before: readonly Order[]): void {
    this.orders.value = [...before, ...page];
    this.hasMore.value = page.length === PAGE;
  }

  #replace(changed: Order): void {
    this.orders.value = this.orders.peek()?.map((order) => (order.id === changed.id ? changed : order));
  }

  async #loadHistory(): Promise<void> {
    const id = this.opened.peek();
    if (id === '') return;
    const events = await this.source.orderHistory(this.#show, id).catch((error: unknown) => {
      this.problem.value = explain(error);
      return this.history.peek();
    });
    if (this.opened.peek() === id) this.history.value = events;
  }

  /** Runs `work` and, unless another question was asked meanwhile, what it gives back. */
  async #load(asked: number, work: () => Promise<() => void>): Promise<void> {
    this.busy.value = true;
    try {
      const show = await work();
      if (asked !== this.#asked) return;
      show();
      this.problem.value = '';
    } catch (error) {
      if (asked === this.#asked) this.problem.value = explain(error);
    }
    if (asked === this.#asked) this.busy.value = false;
  }

  #close(): void {
    this.opened.value = '';
    this.history.value = [];
    this.address.value = undefined;
  }
}
