import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { type Order, OrderSchema, OrderState, OwnOrderEventSchema, type Refund, RefundSchema, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { AfterSale, type AfterSaleSource, mayAskForRefund, quantityLeft, refundFen, storyOf } from '../viewer/after_sale';
import { t } from '../viewer/words';

const orderOf = (more: MessageInitShape<typeof OrderSchema> = {}) =>
  create(OrderSchema, { id: 'o', state: OrderState.PAID, placedMs: 1n, paidMs: 2n, quantity: 3n, unitPriceFen: 100n, amountFen: 300n, ...more });
const refundOf = (state: RefundState, quantity: bigint, amountFen = quantity * 100n) => create(RefundSchema, { id: 'r', state, quantity, amountFen });
const eventOf = (kind: string, atMs: bigint, more: MessageInitShape<typeof OwnOrderEventSchema> = {}) => create(OwnOrderEventSchema, { kind, atMs, ...more });

describe('what became of an order', () => {
  it('is told step by step with its times, its parcel and the money of its refunds', () => {
    const steps = storyOf([
      eventOf('placed', 1n),
      eventOf('paid', 2n),
      eventOf('shipped', 3n, { carrier: '中国 邮政', trackingNumber: 'EMS-1' }),
      eventOf('done', 4n),
      eventOf('refund_paid', 5n, { amountFen: 100n }),
    ]);
    expect(steps.map(({ key, atMs }) => `${atMs} ${key}`)).toEqual(['1 storyPlaced', '2 storyPaid', '3 storyShipped', '4 storyReceived', '5 storyRefundPaid']);
    expect(steps.map(({ parcel }) => parcel)).toEqual(['', '', '中国 邮政 EMS-1', '', '']);
    expect(steps.map(({ amountFen }) => amountFen)).toEqual([0n, 0n, 0n, 0n, 100n]);
  });

  it('has words for all that the server tells, in Chinese first', () => {
    const kinds = ['placed', 'paid', 'expired', 'cancelled', 'refused', 'refund_due', 'packed', 'shipped', 'tracking_corrected', 'done',
      'refund_asked', 'refund_accepted', 'refund_declined', 'refund_paid', 'refund_failed'];
    const words = storyOf(kinds.map((kind) => eventOf(kind, 1n))).map(({ key }) => t(key));
    expect(new Set(words).size).toBe(kinds.length);
    expect(words[0]).toBe('下单成功');
  });

  it('leaves out what a newer server tells beside, whatever it is called', () => {
    expect(storyOf([eventOf('teleported', 1n), eventOf('', 2n), eventOf('constructor', 3n), eventOf('paid', 4n)]).map(({ key }) => key)).toEqual(['storyPaid']);
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
      ownHistory: () => Promise.resolve([eventOf('placed', 1n), ...refunds.map(() => eventOf('refund_asked', 2n))]),
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
    expect(desk.stories.value.get('o')?.map(({ key }) => key)).toEqual(['storyPlaced', 'storyRefundAsked']);
    await desk.receive(orderOf({ state: OrderState.SHIPPED }));
    expect(kept[0]?.state).toBe(OrderState.DONE);
  });
});
