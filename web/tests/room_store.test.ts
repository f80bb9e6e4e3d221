import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SnapshotSchema } from '../shared/gen/livefair/v1/room_pb';
import { RoomStore } from '../shared/room_store';
import { RequestError, type Socket } from '../shared/socket';

type Answer = RequestError | MessageInitShape<typeof SnapshotSchema>;

/** A store whose joins get these answers, one after the other; `joins` says when it asked. */
function storeWith(answers: Answer[]): { store: RoomStore; joins: number[] } {
  const joins: number[] = [];
  let open = () => {};
  const socket = {
    clock: { offsetMs: signal(0) },
    onOpen: (handler: () => void) => (open = handler),
    onMessage: () => {},
    request: () => {
      joins.push(Date.now());
      const answer = answers[joins.length - 1]!;
      return answer instanceof RequestError ? Promise.reject(answer) : Promise.resolve({ case: 'snapshot', value: create(SnapshotSchema, answer) });
    },
  };
  const store = new RoomStore(socket as unknown as Socket, 'r1');
  open();
  return { store, joins };
}

const refused = (code: string) => new RequestError(code, '', '');

beforeEach(() => vi.useFakeTimers({ now: 1000 }));
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe('a room that is full for now', () => {
  it('is asked again, ever later, until it lets the page in', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { store, joins } = storeWith([refused('overloaded'), refused('redis_unavailable'), { roomId: 'r1', epoch: 'e1', show: {} }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.failure.value?.code).toBe('overloaded');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(joins).toEqual([1000, 5000, 13_000]);
    expect(store.failure.value).toBeUndefined();
    expect(store.state.value?.epoch).toBe('e1');
  });

  it('is not asked again when the answer would be the same', async () => {
    const { store, joins } = storeWith([refused('not_found')]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(joins).toHaveLength(1);
    expect(store.failure.value?.code).toBe('not_found');
  });
});
