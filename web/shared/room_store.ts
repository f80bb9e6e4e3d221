// Ties one room to the socket: joins, resumes, keeps the state in a signal.
import { type ReadonlySignal, computed, signal } from '@preact/signals';
import type { Offer, Segment } from './gen/livefair/v1/catalog_pb';
import type { PinChanged, RoomEvents, Snapshot } from './gen/livefair/v1/room_pb';
import { continues, fromSnapshot, type RoomState, withEvents } from './room';
import { backoffMs } from './backoff';
import { RequestError, type Socket } from './socket';
import { shownAt, type Timed } from './timeline';

/** Where the player is on the media's clock; undefined while nothing plays. */
export type PlayingTime = () => number | undefined;

const SHOWN_CHECK_MS = 100;
/** Why a room can't be entered now, but may be soon. A lost connection is not among them: the socket comes back by itself. */
const PASSING = new Set(['overloaded', 'redis_unavailable', 'redis_unknown', 'ledger_unavailable', 'timed_out', 'internal']);
const JOIN_AGAIN_MS = 4000;

export class RoomStore {
  readonly state = signal<RoomState | undefined>(undefined);
  /** Why the room could not be joined, if it could not. */
  readonly failure = signal<RequestError | undefined>(undefined);
  readonly pinnedId = signal('');
  readonly segmentId = signal('');
  readonly pinned: ReadonlySignal<Offer | undefined>;
  readonly segment: ReadonlySignal<Segment | undefined>;
  #refusals = 0; // in a row
  #joinAgain: ReturnType<typeof setTimeout> | undefined;
  playingTime: PlayingTime = () => undefined;
  #shownPin: Timed<PinChanged> | undefined;
  #shownSegment: Timed<string> | undefined;

  constructor(
    private readonly socket: Socket,
    readonly roomId: string,
  ) {
    this.pinned = computed(() => this.state.value?.offers.find((offer) => offer.id === this.pinnedId.value));
    this.segment = computed(() => this.state.value?.segments.find((segment) => segment.id === this.segmentId.value));
    socket.onOpen(() => void this.#join());
    socket.onMessage((body) => {
      if (body.case === 'events' && body.value.roomId === roomId) this.#apply(body.value);
      if (body.case === 'snapshot' && body.value.roomId === roomId) this.#start(body.value);
    });
    setInterval(() => this.#showDue(), SHOWN_CHECK_MS);
  }

  async #join(): Promise<void> {
    clearTimeout(this.#joinAgain);
    const before = this.state.value;
    try {
      const answer = await this.socket.request({
        case: 'join',
        value: { roomId: this.roomId, epoch: before?.epoch ?? '', seq: before?.seq ?? 0n },
      });
      if (answer.case !== 'snapshot') return;
      this.#refusals = 0;
      this.socket.clock.offsetMs.value ||= Number(answer.value.serverMs) - Date.now();
      this.#start(answer.value);
    } catch (error) {
      if (!(error instanceof RequestError) || error.code === 'closed') return;
      this.failure.value = error;
      if (PASSING.has(error.code)) this.#joinAgain = setTimeout(() => void this.#join(), backoffMs(this.#refusals++, Math.random, JOIN_AGAIN_MS));
    }
  }

  /** Also unasked, when the room has begun a new life. */
  #start(snapshot: Snapshot): void {
    this.state.value = fromSnapshot(this.state.value, snapshot, Date.now());
    this.failure.value = undefined;
    this.#showDue();
  }

  #apply(frame: RoomEvents): void {
    const state = this.state.value;
    if (!state) return;
    if (continues(state, frame)) {
      this.state.value = withEvents(state, frame, Date.now());
      return;
    }
    this.state.value = { ...state, epoch: '', seq: 0n }; // another life of the room: start over
    void this.#join();
  }

  #showDue(): void {
    const state = this.state.value;
    if (!state) return;
    const playingMs = this.playingTime();
    const nowMs = Date.now();
    this.#shownPin = shownAt(state.pins, playingMs, nowMs, this.#shownPin);
    this.#shownSegment = shownAt(state.segmentChanges, playingMs, nowMs, this.#shownSegment);
    this.pinnedId.value = this.#shownPin?.value.offerId ?? '';
    this.segmentId.value = this.#shownSegment?.value ?? '';
  }
}
