// A room as this page knows it: pure functions from (state, message) to state. The signals around it are in room_store.ts.
import type { Offer, Segment, Show } from './gen/livefair/v1/catalog_pb';
import type { StreamState } from './gen/livefair/v1/media_pb';
import type { ShowTotals } from './gen/livefair/v1/order_pb';
import type { Role } from './gen/livefair/v1/account_pb';
import type { ChatHeld, ChatRules, Counts, PinChanged, QuestionBoard, RoomEvents, SequencedEvent, Snapshot } from './gen/livefair/v1/room_pb';
import { type Timed, withChange } from './timeline';

export interface ChatEntry {
  id: string;
  accountId: string;
  nickname: string;
  role: Role;
  text: string;
  atMs: number;
}

export interface RoomState {
  readonly roomId: string;
  readonly epoch: string;
  readonly seq: bigint;
  readonly show: Show;
  readonly segments: readonly Segment[];
  readonly offers: readonly Offer[]; // by number
  readonly pins: readonly Timed<PinChanged>[];
  readonly segmentChanges: readonly Timed<string>[];
  readonly stream: StreamState | undefined; // what everybody may see
  readonly health: StreamState | undefined; // with all figures, for staff
  readonly counts: Counts | undefined;
  readonly totals: ShowTotals | undefined;
  readonly chat: readonly ChatEntry[];
  readonly questions: QuestionBoard | undefined; // the first of those that are open
  readonly questionQueue: QuestionBoard | undefined; // more of them and who asked, for moderators
  readonly rules: ChatRules | undefined;
  readonly held: readonly ChatHeld[]; // lines that wait for review, oldest first; for moderators
  readonly mutedUntilMs: ReadonlyMap<string, number>;
  readonly interrupted: boolean; // the gateway gets nothing new for now
}

export const CHAT_KEPT = 200;

/** What a late joiner sees. A recovered snapshot only says where we were: all that we know stays, and the missed events follow. */
export function fromSnapshot(before: RoomState | undefined, snapshot: Snapshot, nowMs: number): RoomState | undefined {
  if (snapshot.recovered && before) return { ...before, epoch: snapshot.epoch, interrupted: snapshot.interrupted };
  const show = snapshot.show;
  if (!show) return undefined;
  const state: RoomState = {
    roomId: snapshot.roomId,
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    show,
    segments: show.segments,
    offers: byNumber(show.offers),
    pins: snapshot.pin ? [timedPin(snapshot.pin, nowMs)] : [],
    segmentChanges: snapshot.segmentId ? [{ value: snapshot.segmentId, mediaTimeMs: 0, arrivedMs: nowMs }] : [],
    stream: snapshot.stream,
    health: before?.health,
    counts: snapshot.counts,
    totals: before?.totals,
    chat: [],
    questions: snapshot.questions,
    questionQueue: before?.questionQueue,
    rules: snapshot.chatRules,
    held: [], // told anew after the snapshot
    mutedUntilMs: new Map(),
    interrupted: snapshot.interrupted,
  };
  return snapshot.chat.reduce<RoomState>((next, line) => withEvent(next, line, nowMs), state);
}

/** False when the events are of another life of the room: the page must join anew. */
export function continues(state: RoomState, events: RoomEvents): boolean {
  return events.epoch === state.epoch;
}

/** Applies one frame; events that were seen already are passed over. */
export function withEvents(state: RoomState, frame: RoomEvents, nowMs: number): RoomState {
  let next = state;
  for (const item of frame.events) {
    if (item.seq !== 0n && item.seq <= next.seq) continue;
    next = withEvent(next, item, nowMs);
    if (item.seq !== 0n) next = { ...next, seq: item.seq };
  }
  return next;
}

function withEvent(state: RoomState, item: SequencedEvent, nowMs: number): RoomState {
  const body = item.event?.body;
  switch (body?.case) {
    case 'chat': {
      const { id, accountId, nickname, role, text } = body.value;
      const line: ChatEntry = { id, accountId, nickname, role, text, atMs: Number(item.event!.atMs) };
      return { ...state, chat: [...state.chat, line].slice(-CHAT_KEPT) };
    }
    case 'chatDeleted': {
      const gone = body.value.chatId;
      return { ...state, chat: state.chat.filter((line) => line.id !== gone) };
    }
    case 'mute':
      return { ...state, mutedUntilMs: new Map(state.mutedUntilMs).set(body.value.accountId, Number(body.value.untilMs)) };
    case 'pin':
      return { ...state, pins: withChange(state.pins, timedPin(body.value, nowMs)) };
    case 'segment': {
      const { segmentId, mediaTimeMs } = body.value;
      const change = { value: segmentId, mediaTimeMs: Number(mediaTimeMs), arrivedMs: nowMs };
      return { ...state, segmentChanges: withChange(state.segmentChanges, change) };
    }
    case 'offer':
      return body.value.offer ? { ...state, offers: withOffer(state.offers, body.value.offer) } : state;
    case 'show':
      return { ...state, show: { ...state.show, state: body.value.state } };
    case 'stream':
      return { ...state, stream: body.value };
    case 'health':
      return { ...state, health: body.value };
    case 'stock':
      return { ...state, offers: withLeft(state.offers, body.value.offerId, body.value.left) };
    case 'counts':
      return { ...state, counts: body.value };
    case 'totals':
      return { ...state, totals: body.value };
    case 'chatRules':
      return { ...state, rules: body.value.rules };
    case 'chatHeld':
      return { ...state, held: [...state.held.filter(({ line }) => line?.id !== body.value.line?.id), body.value].slice(-CHAT_KEPT) };
    case 'chatReviewed':
      return { ...state, held: state.held.filter(({ line }) => line?.id !== body.value.chatId) };
    case 'questions':
      return { ...state, questions: body.value };
    case 'questionQueue':
      return { ...state, questionQueue: body.value };
    case 'feed':
      return { ...state, interrupted: body.value.interrupted };
    default:
      return state; // an event of a newer server
  }
}

function timedPin(pin: PinChanged, nowMs: number): Timed<PinChanged> {
  return { value: pin, mediaTimeMs: Number(pin.mediaTimeMs), arrivedMs: nowMs };
}

function byNumber(offers: readonly Offer[]): readonly Offer[] {
  return [...offers].sort((a, b) => a.number - b.number);
}

function withOffer(offers: readonly Offer[], changed: Offer): readonly Offer[] {
  return byNumber([...offers.filter((offer) => offer.id !== changed.id), changed]);
}

function withLeft(offers: readonly Offer[], offerId: string, left: bigint): readonly Offer[] {
  return offers.map((offer) => (offer.id === offerId && offer.left !== left ? { ...offer, left } : offer));
}
