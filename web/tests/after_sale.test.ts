import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { type Order, OrderSchema, OrderState, type Refund, RefundSchema, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { AfterSale, type AfterSaleSource, mayAskForRefund, quantityLeft, refundFen, storyOf } from '../viewer/after_sale';

const orderOf = (more: MessageInitShape<typeof OrderSchema> = {}) =>
  create(OrderSchema, { id: 'o', state: OrderState.PAID, placedMs: 1n, paidMs: 2n, quantity: 3n, unitPriceFen: 100n, amountFen: 300n, ...more });
const refundOf = (state: RefundState, quantity: bigint, amountFen = quantity * 100n) => create(RefundSchema, { id: 'r', state, quantity, amountFen });
const keys = (order: Order) => storyOf(order).map(({ key }) => key);

describe('what became of an order', () => {
  it('is told from the oldest step on, with the times that are known', () => {
    expect(storyOf(orderOf())).toEqual([{ key: 'storyPlaced', atMs: 1n }, { key: 'storyPaid', atMs: 2n }]);
    expect(keys(orderOf({ state: OrderState.SHIPPED, trackingNumber: 'SF1' }))).toEqual(['storyPlaced', 'storyPaid', 'storyShipped']);
    expect(keys(orderOf({ state: OrderState.DONE, trackingNumber: 'SF1' }))).toEqual(['storyPlaced', 'storyPaid', 'storyShipped', 'storyReceived']);
  });

  it('ends with why there is nothing more to come', () => {
    expect(keys(orderOf({ state: OrderState.EXPIRED, paidMs: 0n }))).toEqual(['storyPlaced', 'storyExpired']);
    expect(keys(orderOf({ state: OrderState.REFUNDED }))).toEqual(['storyPlaced', 'storyPaid', 'storyRefunded']);
    expect(keys(orderOf({ state: OrderState.REFUNDING, trackingNumber: 'SF1' }))).toEqual(['storyPlaced', 'storyPaid', 'storyShipped', 'storyRefunding']);
  });
});

describe('a refund', () => {
  it('can be asked for while something is left and none waits', () => {
    expect(mayAskForRefund(orderOf(), [])).toBe(true);
    expect(mayAskForRefund(orderOf(), [refundOf(RefundState.ASKED, 1n)])).toBe(false);
    expect(mayAskForRefund(orderOf(), [refundOf(RefundState.DECLINED, 3n)])).toBe(true);
    expect(mayAskForRefund(orderOf({ refundedFen: 300n }), [])).toBe(false);
    expect(mayAskForRefund(orderOf({ state: OrderState.RESERVED }), [])).toBe(false);
  });

  it('takes no more pieces than are left, and the last of them takes the rest of the money', () => {
    const before = [refundOf(RefundState.DONE, 1n)];
    const order = orderOf({ refundedFen: 120n });
    expect(quantityLeft(order, before)).toBe(2n);
    expect(refundFen(order, before, 1n)).toBe(100n);
    expect(refundFen(order, before, 2n)).toBe(180n);
  });

  it('is asked for under one id until there is an answer', async () => {
    const ids: string[] = [];
    let refunds: Refund[] = [];
    let away = true;
    const source: AfterSaleSource = {
      refunds: () => Promise.resolve(refunds),
      receiveOrder: () => Promise.resolve(orderOf({ state: OrderState.DONE })),
      askForRefund: (_order, { refundId }) => {
        ids.push(refundId);
        if (away) return Promise.reject(new Error('away'));
        refunds = [refundOf(RefundState.ASKED, 1n)];
        return Promise.resolve(refunds[0]!);
      },
    };
    const kept: Order[] = [];
    const desk = new AfterSale(source, (order) => kept.push(order));
    await expect(desk.ask(orderOf(), 1n, '坏了')).rejects.toThrow('away');
    away = false;
    await desk.ask(orderOf(), 1n, '坏了');
    expect(ids[1]).toBe(ids[0]);
    expect(desk.refunds.value.get('o')).toHaveLength(1);
    await desk.receive(orderOf({ state: OrderState.SHIPPED }));
    expect(kept[0]?.state).toBe(OrderState.DONE);
  });
});
