import { create } from '@bufbuild/protobuf';
import { describe, expect, it, vi } from 'vitest';
import { newOrder, newOrderId, pendingOrder, settle } from '../shared/checkout';
import { Outcome, OrderAnswerSchema, RejectReason } from '../shared/gen/livefair/v1/order_pb';
import { RequestError } from '../shared/socket';

const answer = (outcome: Outcome, reason = RejectReason.UNSPECIFIED) => create(OrderAnswerSchema, { outcome, reason });
const wait = () => Promise.resolve();

function script(...steps: (Outcome | string)[]) {
  let asked = 0;
  const ask = () => {
    const step = steps[asked++]!;
    return typeof step === 'string' ? Promise.reject(new RequestError(step, '', '')) : Promise.resolve(answer(step));
  };
  return { ask, asked: () => asked };
}

describe('an order', () => {
  it('that is unknown is asked about again until the answer is final', async () => {
    const { ask, asked } = script(Outcome.UNKNOWN, 'timed_out', 'closed', 'redis_unavailable', Outcome.ACCEPTED);
    let unknown = 0;
    const final = await settle(ask, { onUnknown: () => unknown++, wait });
    expect(final?.outcome).toBe(Outcome.ACCEPTED);
    expect(asked()).toBe(5);
    expect(unknown).toBe(4);
  });

  it('is asked about no sooner than the server wants', async () => {
    const pauses: number[] = [];
    const busy = create(OrderAnswerSchema, { outcome: Outcome.UNKNOWN, retryAfterMs: 1000n });
    const answers = [busy, answer(Outcome.ACCEPTED)];
    await settle(() => Promise.resolve(answers.shift()!), { onUnknown: () => {}, wait: (ms) => (pauses.push(ms), Promise.resolve()) });
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeGreaterThanOrEqual(1300);
  });

  it('that is rejected is final at once', async () => {
    const { ask, asked } = script(Outcome.REJECTED);
    expect((await settle(ask, { onUnknown: () => {}, wait }))?.outcome).toBe(Outcome.REJECTED);
    expect(asked()).toBe(1);
  });

  it('that the server refuses as such is not repeated', async () => {
    const { ask } = script('unauthenticated');
    await expect(settle(ask, { onUnknown: () => {}, wait })).rejects.toThrow('unauthenticated');
  });

  it('that waits over a reload still says that its buyer is of age', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('sessionStorage', { setItem: (key: string, text: string) => kept.set(key, text), getItem: (key: string) => kept.get(key) ?? null });
    const order = newOrder({ showId: 's', offerId: 'o', quantity: 2n, addressId: 'a', isAdult: true });
    pendingOrder.save(order);
    expect(pendingOrder.load()).toEqual(order);
    vi.unstubAllGlobals();
  });

  it('has an id that the server takes, new each time', () => {
    const ids = new Set(Array.from({ length: 500 }, newOrderId));
    expect(ids.size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  });
});
