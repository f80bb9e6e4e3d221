// An order's state in words, with the look of its tag and its name for tests.
import { OrderState } from './gen/livefair/v1/order_pb';
import { type Pair, say } from './i18n';

const STATES: Record<OrderState, { words: Pair; look: string; name: string }> = {
  [OrderState.UNSPECIFIED]: { words: ['状态不明', 'State unknown'], look: '', name: 'unknown' },
  [OrderState.RESERVED]: { words: ['待付款', 'To be paid'], look: 'gold', name: 'reserved' },
  [OrderState.PAID]: { words: ['已付款', 'Paid'], look: 'leaf', name: 'paid' },
  [OrderState.EXPIRED]: { words: ['超时未付，已释放', 'Expired unpaid'], look: '', name: 'expired' },
  [OrderState.CANCELLED]: { words: ['已取消', 'Cancelled'], look: '', name: 'cancelled' },
  [OrderState.REFUSED]: { words: ['未成交', 'Refused'], look: 'rosy', name: 'refused' },
  [OrderState.PACKED]: { words: ['已打包', 'Packed'], look: 'leaf', name: 'packed' },
  [OrderState.SHIPPED]: { words: ['已发货', 'Shipped'], look: 'leaf', name: 'shipped' },
  [OrderState.DONE]: { words: ['已完成', 'Received'], look: 'leaf', name: 'done' },
  [OrderState.REFUNDING]: { words: ['退款中', 'Being refunded'], look: 'gold', name: 'refunding' },
  [OrderState.REFUNDED]: { words: ['已退款', 'Refunded'], look: '', name: 'refunded' },
};

/** A state of a newer server is one that is not known. */
export function orderState(state: OrderState): { words: string; look: string; name: string } {
  const { words, look, name } = STATES[state] ?? STATES[OrderState.UNSPECIFIED];
  return { words: say(words), look, name };
}
