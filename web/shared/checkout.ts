// One purchase: the order id is made once and asked about until the answer is final. Nothing is ever bought twice.
import { create } from '@bufbuild/protobuf';
import { backoffMs } from './backoff';
import { Outcome, type OrderAnswer, type PlaceOrder, PlaceOrderSchema } from './gen/livefair/v1/order_pb';
import { RequestError, type Socket } from './socket';

/**
 * 24 characters: 11 of the time in milliseconds, 13 random ones; the server takes 16 to 64. With the time first the ledger writes orders of one
 * moment beside each other.
 */
export function newOrderId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const random = Array.from(crypto.getRandomValues(new Uint8Array(13)), (byte) => letters[byte & 63]).join('');
  return Date.now().toString(16).padStart(11, '0') + random;
}

export const newOrder = (order: Omit<PlaceOrder, '$typeName' | '$unknown' | 'orderId'>): PlaceOrder =>
  create(PlaceOrderSchema, { ...order, orderId: newOrderId() });

/** Sends one order over the socket. */
export async function askSocket(socket: Socket, order: PlaceOrder): Promise<OrderAnswer> {
  const body = await socket.request({ case: 'placeOrder', value: order });
  if (body.case === 'orderAnswer') return body.value;
  throw new RequestError('internal', '服务器的回答不对', 'Unexpected answer');
}

/** Failures that say nothing about the order itself: it may or may not have been taken, so ask again. */
const ASK_AGAIN = new Set([
  'closed', 'timed_out', 'too_many_requests', 'redis_unavailable', 'redis_unknown', 'redis_error', 'ledger_unavailable', 'internal',
]);

export interface SettleOptions {
  onUnknown: () => void;
  wait?: (ms: number) => Promise<void>;
  stopped?: () => boolean;
}

/** Repeats `ask` until the answer is final; throws RequestError when the server refused the request as such. */
export async function settle(ask: () => Promise<OrderAnswer>, options: SettleOptions): Promise<OrderAnswer | undefined> {
  const wait = options.wait ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
  for (let attempt = 0; !options.stopped?.(); attempt++) {
    // When too many are buying, the server says how long it needs.
    let hintMs = 0;
    try {
      const answer = await ask();
      if (answer.outcome === Outcome.ACCEPTED || answer.outcome === Outcome.REJECTED) return answer;
      hintMs = Number(answer.retryAfterMs);
    } catch (error) {
      if (!(error instanceof RequestError) || !ASK_AGAIN.has(error.code)) throw error;
    }
    options.onUnknown();
    await wait(hintMs + 300 + backoffMs(attempt, Math.random, 700, 8_000));
  }
  return undefined;
}

const PENDING = 'livefair.pending-order';

/** Kept over a reload, so that an order whose answer was lost is asked about again. One at a time. */
export const pendingOrder = {
  save(order: PlaceOrder): void {
    try {
      const { orderId, showId, offerId, quantity, addressId, isAdult } = order;
      sessionStorage.setItem(PENDING, JSON.stringify({ orderId, showId, offerId, quantity: String(quantity), addressId, isAdult }));
    } catch {
      // storage may be forbidden; the order is then only asked about while the page lives
    }
  },
  load(): PlaceOrder | undefined {
    try {
      const kept = JSON.parse(sessionStorage.getItem(PENDING) ?? 'null') as { quantity?: string; isAdult?: boolean } | null;
      return kept ? create(PlaceOrderSchema, { ...kept, quantity: BigInt(kept.quantity ?? '1') }) : undefined;
    } catch {
      return undefined;
    }
  },
  clear(): void {
    try {
      sessionStorage.removeItem(PENDING);
    } catch {
      // see save()
    }
  },
};
