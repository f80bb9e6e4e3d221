import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { OfferState, ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { ChatRulesSchema, HoldReason, type RoomEventSchema, RoomEventsSchema, SnapshotSchema } from '../shared/gen/livefair/v1/room_pb';
import { CHAT_KEPT, continues, fromSnapshot, type RoomState, withEvents } from '../shared/room';

type Body = MessageInitShape<typeof RoomEventSchema>['body'];

const snapshot = (more: { epoch?: string; seq?: bigint; chat?: [] } = {}) =>
  create(SnapshotSchema, {
    roomId: 'r1', epoch: 'e1', seq: 10n,
    show: {
      id: 's1', state: ShowState.LIVE,
      offers: [{ id: 'b', number: 2, left: 5n }, { id: 'a', number: 1, left: 9n }],
      segments: [{ id: 'g1', position: 1 }],
    },
    chat: [{ seq: 9n, event: { body: { case: 'chat', value: { id: 'c9', nickname: '小红', text: '好茶' } } } }],
    ...more,
  });

const joined = (): RoomState => fromSnapshot(undefined, snapshot(), 0)!;
const frame = (...bodies: [bigint, Body][]) =>
  create(RoomEventsSchema, { roomId: 'r1', epoch: 'e1', events: bodies.map(([seq, body]) => ({ seq, event: { atMs: 1n, body } })) });
const line = (id: string): Body => ({ case: 'chat', value: { id, text: id } });

describe('a snapshot', () => {
  it('gives the shelf by number and the newest chat', () => {
    expect(joined().offers.map((offer) => offer.id)).toEqual(['a', 'b']);
    expect(joined().chat.map((entry) => entry.text)).toEqual(['好茶']);
    expect(joined().seq).toBe(10n);
  });

  it('that is not recovered forgets the old lines', () => {
    const state = withEvents(joined(), frame([11n, line('c11')]), 0);
    const next = fromSnapshot(state, snapshot({ epoch: 'e2', seq: 3n, chat: [] }), 0)!;
    expect(next.chat).toEqual([]);
    expect(next.seq).toBe(3n);
  });

  it('that is recovered keeps all that is known and takes the missed events that follow', () => {
    const state = withEvents(joined(), frame([11n, line('c11')]), 0);
    const next = fromSnapshot(state, create(SnapshotSchema, { roomId: 'r1', epoch: 'e1', recovered: true, seq: 11n }), 0)!;
    expect(next.offers.length).toBe(2);
    const caught = withEvents(next, frame([12n, line('c12')], [13n, line('c13')]), 0);
    expect(caught.chat.map((entry) => entry.id)).toEqual(['c9', 'c11', 'c12', 'c13']);
  });

  it('without a show is refused', () => {
    expect(fromSnapshot(undefined, create(SnapshotSchema, {}), 0)).toBeUndefined();
  });
});

describe('a frame of events', () => {
  it('is applied once, however often it comes', () => {
    const once = withEvents(joined(), frame([11n, line('c11')]), 0);
    expect(withEvents(once, frame([11n, line('c11')]), 0)).toEqual(once);
  });

  it('may leave gaps in the sequence, for dropped chat', () => {
    expect(withEvents(joined(), frame([11n, line('a')], [40n, line('b')]), 0).seq).toBe(40n);
  });

  it('of another epoch does not continue this room', () => {
    expect(continues(joined(), create(RoomEventsSchema, { roomId: 'r1', epoch: 'e2' }))).toBe(false);
  });

  it('takes latest values without a sequence number', () => {
    const state = withEvents(joined(), frame(
      [0n, { case: 'stock', value: { offerId: 'b', left: 4n } }],
      [0n, { case: 'counts', value: { viewers: 7n, likes: 8n } }],
    ), 0);
    expect(state.offers[1]?.left).toBe(4n);
    expect(state.counts?.viewers).toBe(7n);
    expect(state.seq).toBe(10n);
  });

  it('knows while its gateway has lost touch, whether it hears of it or joins meanwhile', () => {
    const cut = withEvents(joined(), frame([0n, { case: 'feed', value: { interrupted: true } }]), 0);
    expect(cut.interrupted).toBe(true);
    expect(withEvents(cut, frame([0n, { case: 'feed', value: { interrupted: false } }]), 0).interrupted).toBe(false);
    expect(fromSnapshot(cut, create(SnapshotSchema, { roomId: 'r1', epoch: 'e1', seq: 10n, recovered: true }), 0)?.interrupted).toBe(false);
    expect(fromSnapshot(joined(), create(SnapshotSchema, { ...snapshot(), interrupted: true }), 0)?.interrupted).toBe(true);
  });

  it('opens an offer, adds one, and keeps the order of numbers', () => {
    const state = withEvents(joined(), frame(
      [11n, { case: 'offer', value: { offer: { id: 'b', number: 2, state: OfferState.OPEN } } }],
      [12n, { case: 'offer', value: { offer: { id: 'c', number: 0 } } }],
    ), 0);
    expect(state.offers.map((offer) => offer.id)).toEqual(['c', 'a', 'b']);
    expect(state.offers[2]?.state).toBe(OfferState.OPEN);
  });

  it('keeps the lines that wait until somebody decides on them, and the rules as they are set', () => {
    const held = (id: string) => ({ case: 'chatHeld' as const, value: { line: { id, text: id }, reason: HoldReason.WORD } });
    const waiting = withEvents(joined(), frame([0n, held('x')], [0n, held('y')], [0n, held('x')]), 0);
    expect(waiting.held.map(({ line }) => line?.id)).toEqual(['y', 'x']);
    expect(waiting.chat).toEqual(joined().chat);
    const decided = withEvents(waiting, frame([0n, { case: 'chatReviewed', value: { chatId: 'x', approved: true } }]), 0);
    expect(decided.held.map(({ line }) => line?.id)).toEqual(['y']);
    expect(fromSnapshot(decided, create(SnapshotSchema, { ...snapshot(), chatRules: create(ChatRulesSchema, { muteAll: true }) }), 0)).toMatchObject({ held: [], rules: { muteAll: true } });
    expect(withEvents(decided, frame([11n, { case: 'chatRules', value: { rules: { slowMs: 5000n } } }]), 0).rules?.slowMs).toBe(5000n);
  });

  it('has the newest board of questions, and the queue that only moderators are sent', () => {
    const first = withEvents(joined(), frame([0n, { case: 'questions', value: { open: 2n, questions: [{ id: 'q', votes: 3n }] } }]), 0);
    expect(first.questions?.questions[0]?.votes).toBe(3n);
    expect(first.questionQueue).toBeUndefined();
    expect(withEvents(first, frame([0n, { case: 'questionQueue', value: { open: 2n } }]), 0).questionQueue?.open).toBe(2n);
    expect(fromSnapshot(first, snapshot(), 0)?.questions).toBeUndefined();
  });

  it('deletes a chat line and ends a show', () => {
    const state = withEvents(joined(), frame(
      [11n, { case: 'chatDeleted', value: { chatId: 'c9' } }],
      [12n, { case: 'show', value: { state: ShowState.ENDED } }],
    ), 0);
    expect(state.chat).toEqual([]);
    expect(state.show.state).toBe(ShowState.ENDED);
  });

  it('from a newer server, with an event this page does not know, is passed over', () => {
    expect(withEvents(joined(), frame([11n, { case: undefined }]), 0).seq).toBe(11n);
  });

  it('never lets the chat grow without bound', () => {
    const many = Array.from({ length: 3 * CHAT_KEPT }, (_, i): [bigint, Body] => [BigInt(11 + i), line(String(i))]);
    expect(withEvents(joined(), frame(...many), 0).chat.length).toBe(CHAT_KEPT);
  });
});
