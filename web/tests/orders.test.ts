import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { actionsOf, eventName, headline, isPaidOutside, OrdersDesk, type OrdersSource } from '../operator/orders';
import { ApiError } from '../shared/api';
import { Channel } from '../shared/gen/livefair/v1/catalog_pb';
import { AddressSchema, OrderEventSchema, OrderKind, OrderSchema, OrderState, RefundSchema, RefundState } from '../shared/gen/livefair/v1/order_pb';

const id = (n: number) => `order-${String(n).padStart(3, '0')}`;
const orderOf = (n: number, state = OrderState.PAID) => create(OrderSchema, { id: id(n), state, amountFen: 100n, address: { recipient: '王*' } });
const wish = { quantity: 1n, amountFen: 0n, why: '坏了', reference: '' };

/** A show of 60 paid orders. */
class Source implements OrdersSource {
  readonly asked: string[] = [];
  refuse: ApiError | undefined;
  orders = Array.from({ length: 60 }, (_, n) => orderOf(n));
  async ordersOfShow(show: string, state: OrderState, text: string, after: string, count: number) {
    this.asked.push(`${show} ${state} ${text} ${count}`);
    if (text.length > 64) throw new ApiError(400, 'invalid_input', '“text” 最多 64 个字', '"text" may have at most 64 characters');
    if (show === 'away') throw new ApiError(503, 'ledger_unavailable', '账本暂时不可用', 'The ledger is away');
    return this.orders.filter((order) => order.id > after && order.id.startsWith(text) && (state === 0 || order.state === state)).slice(0, count);
  }
  async orderHistory(_show: string, order: string) {
    return [create(OrderEventSchema, { kind: 'placed', detail: order })];
  }
  async lookAtAddress() {
    return create(AddressSchema, { recipient: '王小满' });
  }
  async takeStep(_show: string, order: string) {
    return create(OrderSchema, { id: order, state: OrderState.PACKED });
  }
  async refund(_show: string, order: string, body: { refundId: string }) {
    this.asked.push(`refund ${body.refundId}`);
    if (this.refuse) throw this.refuse;
    return create(RefundSchema, { id: body.refundId, orderId: order, state: RefundState.ASKED });
  }
  async refundsOfShow() {
    return [create(RefundSchema, { id: 'r', orderId: id(3) })];
  }
  async resolveFailed(_show: string, refund: string, _why: string, reference: string) {
    this.asked.push(`resolve ${refund} ${reference}`);
    this.orders[3] = orderOf(3, OrderState.REFUNDED);
    return create(RefundSchema, { id: refund });
  }
  async decideRefund() {
    this.orders[3] = orderOf(3, OrderState.REFUNDING);
    return create(RefundSchema, { id: 'r' });
  }
  refundIds = () => this.asked.filter((line) => line.startsWith('refund '));
}

describe('the orders desk', () => {
  it('lists page by page, and says when there are no more', async () => {
    const desk = new OrdersDesk(new Source());
    await desk.list('s');
    expect(desk.orders.value).toHaveLength(50);
    expect(desk.hasMore.value).toBe(true);
    await desk.more();
    expect(desk.orders.value?.map((order) => order.id)).toEqual(Array.from({ length: 60 }, (_, n) => id(n)));
    expect(desk.hasMore.value).toBe(false);
  });

  it('finds orders by a text, page by page, and has all of them again without', async () => {
    const source = new Source();
    const desk = new OrdersDesk(source);
    await desk.list('s', OrderState.UNSPECIFIED, ` ${id(57)} `);
    expect(desk.orders.value?.map((order) => order.id)).toEqual([id(57)]);
    expect(desk.hasMore.value).toBe(false);
    await desk.list('s', OrderState.PAID, 'order-0');
    await desk.more();
    expect(desk.orders.value).toHaveLength(60);
    expect(source.asked.slice(-2)).toEqual(['s 2 order-0 50', 's 2 order-0 50']);
    await desk.list('s', OrderState.UNSPECIFIED);
    expect(source.asked.at(-1)).toBe('s 0  50');
  });

  it('shows an order that was decided about whatever the search is, and says why a text is refused', async () => {
    const source = new Source();
    const desk = new OrdersDesk(source);
    await desk.list('s', OrderState.UNSPECIFIED, 'order-00');
    await desk.decide(desk.waiting.value[0]!, true, '');
    expect(source.asked.at(-1)).toBe('s 0  1');
    expect(desk.orders.value![3]!.state).toBe(OrderState.REFUNDING);
    await desk.list('s', OrderState.UNSPECIFIED, 'x'.repeat(65));
    expect(desk.problem.value).toBe('“text” 最多 64 个字');
  });

  it('opens an order with its history, shows the address to who looks, and forgets both with the order', async () => {
    const desk = new OrdersDesk(new Source());
    await desk.list('s');
    await desk.open(id(1));
    expect(desk.history.value[0]?.detail).toBe(id(1));
    await desk.look(desk.orders.value![1]!, '核对');
    expect(desk.address.value?.recipient).toBe('王小满');
    await desk.open(id(2));
    expect(desk.address.value).toBeUndefined();
    await desk.open(id(2));
    expect(desk.opened.value).toBe('');
    expect(desk.history.value).toHaveLength(0);
  });

  it('shows what a step made of the order', async () => {
    const desk = new OrdersDesk(new Source());
    await desk.list('s');
    await desk.takeStep(desk.orders.value![0]!, 'pack', {});
    expect(desk.orders.value![0]!.state).toBe(OrderState.PACKED);
  });

  it('asks again for the same refund while nobody knows what became of it, and for another one after an answer', async () => {
    const source = new Source();
    const desk = new OrdersDesk(source);
    await desk.list('s');
    const order = desk.orders.value![0]!;
    for (const status of [0, 503]) {
      source.refuse = new ApiError(status, 'unreachable', '', '');
      await expect(desk.refund(order, wish)).rejects.toThrow();
    }
    source.refuse = new ApiError(400, 'invalid_input', '', '');
    await expect(desk.refund(order, wish)).rejects.toThrow();
    source.refuse = undefined;
    await desk.refund(order, wish);
    await desk.refund(order, wish);
    const [first, second, third, fourth, fifth] = source.refundIds();
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(fourth).not.toBe(first);
    expect(fifth).not.toBe(fourth);
  });

  it('shows the order anew when a refund of it was decided', async () => {
    const desk = new OrdersDesk(new Source());
    await desk.list('s');
    await desk.decide(desk.waiting.value[0]!, true, '');
    expect(desk.orders.value![3]!.state).toBe(OrderState.REFUNDING);
  });

  it('shows the order anew when a refund that had failed was given back otherwise', async () => {
    const source = new Source();
    const desk = new OrdersDesk(source);
    await desk.list('s');
    await desk.resolveFailed(desk.failed.value[0]!, '账户已注销', 'T-1');
    expect(source.asked).toContain('resolve r T-1');
    expect(desk.orders.value![3]!.state).toBe(OrderState.REFUNDED);
  });

  it('says what the server says, and shows no orders of another show meanwhile', async () => {
    const desk = new OrdersDesk(new Source());
    await desk.list('s');
    await desk.list('away');
    expect(desk.problem.value).toBe('账本暂时不可用');
    expect(desk.orders.value).toBeUndefined();
    await desk.list('s');
    expect(desk.problem.value).toBe('');
  });
});

it('what can be done with an order follows its state', () => {
  expect(actionsOf(orderOf(1))).toEqual(['pack', 'ship', 'look', 'refund']);
  expect(actionsOf(orderOf(1, OrderState.SHIPPED))).toEqual(['done', 'correct', 'look', 'refund']);
  expect(actionsOf(orderOf(1, OrderState.RESERVED))).toEqual([]);
  const bulk = { kind: OrderKind.DONATION, amountFen: 5n };
  expect(actionsOf(create(OrderSchema, { ...bulk, state: OrderState.RESERVED }))).toEqual(['paid', 'release']);
  expect(actionsOf(create(OrderSchema, { ...bulk, state: OrderState.PAID }))).toEqual(['pack', 'ship', 'certificate', 'refund']);
  expect(actionsOf(create(OrderSchema, { ...bulk, state: OrderState.DONE, refundedFen: 1n }))).toEqual(['refund']);
  expect(actionsOf(create(OrderSchema, { state: OrderState.DONE, amountFen: 5n, refundedFen: 5n }))).toEqual([]);
});

it('an order is called by its goods, one of an organisation by how many of them', () => {
  const lines = [{ title: '新晃黄牛肉', units: 1200n }];
  expect(headline(create(OrderSchema, { title: '新晃黄牛肉 3 袋装', quantity: 2n, lines }))).toBe('新晃黄牛肉 3 袋装 × 2');
  expect(headline(create(OrderSchema, { title: '新晃黄牛肉 1 袋', quantity: 1n, kind: OrderKind.BULK, lines }))).toBe('新晃黄牛肉 × 1,200');
});

it('how the money went back is asked for where no provider had it', () => {
  const of = (kind: OrderKind) => create(OrderSchema, { kind });
  expect(isPaidOutside(of(OrderKind.SALE), Channel.SHOW)).toBe(false);
  expect(isPaidOutside(of(OrderKind.SALE), Channel.STALL)).toBe(true);
  expect(isPaidOutside(of(OrderKind.DONATION), Channel.SHOW)).toBe(true);
  expect(isPaidOutside(of(OrderKind.SALE), Channel.BULK)).toBe(true);
});

it('an event is called by its name, one that is not known by the server’s', () => {
  expect(eventName('tracking_corrected')).toBe('更正运单');
  expect(eventName('teleported')).toBe('teleported');
});
