// Ties one room to the socket: joins, resumes, keeps the state in a signal.
import { type ReadonlySignal, computed, signal } from '@preact/signals';
import type { Offer, Segment } from './gen/livefair/v1/catalog_pb';
import type { PinChanged, RoomEvents, Snapshot } from './gen/livefair/v1/room_pb';
import { continues, fromSnapshot, type RoomState, withEvents } from './room';
import { RequestError, type Socket } from './socket';
import { shownAt, type Timed } from './timeline';

/** Where the player is on the media's clock; undefined while nothing plays. */
export type PlayingTime = () => number | undefined;

const SHOWN_CHECK_MS = 100;

export class RoomStore {
  readonly state = signal<RoomState | undefined>(undefined);
  /** Why the room could not be joined, if it could not. */
  readonly failure = signal<RequestError | undefined>(undefined);
  readonly pinnedId = signal('');
  readonly segmentId = signal('');
  readonly pinned: ReadonlySignal<Offer | undefined>;
  readonly segment: ReadonlySignal<Segment | undefined>;
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
    const before = this.state.value;
    try {
      const answer = await this.socket.request({
        case: 'join',
        value: { roomId: this.roomId, epoch: before?.epoch ?? '', seq: before?.seq ?? 0n },
      });
      if (answer.case !== 'snapshot') return;
      this.socket.clock.offsetMs.value ||= Number(answer.value.serverMs) - Date.now();
      this.#start(answer.value);
    } catch (error) {
      if (error instanceof RequestError && error.code !== 'closed') this.failure.value = error;
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
