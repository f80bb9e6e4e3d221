// What the host's console knows and does.
import { computed, signal } from '@preact/signals';
import { api } from '../shared/api';
import { Role } from '../shared/gen/livefair/v1/account_pb';
import { type Offer, type PushTarget, ShowState, type StreamKeyResponse } from '../shared/gen/livefair/v1/catalog_pb';
import { StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import { QuestionState } from '../shared/gen/livefair/v1/room_pb';
import type { ShowTotals } from '../shared/gen/livefair/v1/order_pb';
import { RoomMedia } from '../shared/media';
import type { LivePlayer } from '../shared/player';
import { roleIn } from '../shared/roles';
import { RoomStore } from '../shared/room_store';
import { type ClientBody, pageSocket } from '../shared/socket';

const MUTE_MS = 10 * 60_000;
const BAN_MS = 24 * 3600_000;

export class HostDesk {
  readonly socket = pageSocket();
  readonly room: RoomStore;
  /** False until the first Welcome: nobody is asked to sign in before we know. */
  readonly greeted = signal(false);
  readonly key = signal<StreamKeyResponse | undefined>(undefined);
  readonly role = computed(() => roleIn(this.socket.account.value, this.roomId));
  readonly mayIn = computed(() => this.role.value !== Role.VIEWER);
  readonly mayHost = computed(() => this.role.value === Role.OPERATOR || this.role.value === Role.HOST);
  readonly maySell = computed(() => this.mayHost.value || this.role.value === Role.ASSISTANT);
  /** With all figures once the room has sent them; what everybody sees until then. */
  readonly stream = computed(() => this.room.state.value?.health ?? this.room.state.value?.stream);
  readonly media = computed(() => {
    const [playlistUrl, access] = this.#place.value.split(' ');
    return playlistUrl ? new RoomMedia({ playlistUrl, roomId: this.roomId, isPrivate: access === 'private' }, () => this.socket.clock.now()) : undefined;
  });
  readonly source = computed(() => (this.stream.value?.status === StreamStatus.LIVE ? this.media.value?.live() : undefined));
  readonly backupKey = signal<StreamKeyResponse | undefined>(undefined);
  readonly pushTargets = signal<readonly PushTarget[]>([]);
  /** The newest sums: from the room's events, and from the API until the first event. */
  readonly totals = computed(() => this.room.state.value?.totals ?? this.#fetchedTotals.value);

  readonly #place = computed(() => {
    const show = this.room.state.value?.show;
    return show ? `${show.playlistUrl} ${show.isPrivate ? 'private' : 'public'}` : '';
  });
  readonly #fetchedTotals = signal<ShowTotals | undefined>(undefined);
  #player: LivePlayer | undefined;

  constructor(readonly roomId: string) {
    this.room = new RoomStore(this.socket, roomId);
    this.socket.onOpen(() => (this.greeted.value = true));
    this.room.state.subscribe((state) => {
      if (state && this.mayHost.value && !this.#fetchedTotals.peek()) void this.#fetchTotals(state.show.id);
    });
    this.mayHost.subscribe((may) => may && void this.#fetchPushTargets());
  }

  watchWith(player: LivePlayer): void {
    this.#player = player;
  }

  signedIn(): void {
    this.socket.reconnect();
  }

  async signOut(): Promise<void> {
    await api.signOut();
    location.reload();
  }

  /** The host clicks at what the preview shows: that moment goes with the pin, so that viewers see the card with the same picture. */
  pin(offerId: string): Promise<void> {
    const mediaTimeMs = BigInt(Math.round(this.#player?.playingMs() ?? 0));
    return this.#done({ case: 'pin', value: { roomId: this.roomId, offerId, mediaTimeMs } });
  }

  startSegment(segmentId: string): Promise<void> {
    return this.#done({ case: 'startSegment', value: { roomId: this.roomId, segmentId } });
  }

  openOffer(offer: Offer, durationMs: number): Promise<void> {
    return this.#done({ case: 'openOffer', value: { showId: offer.showId, offerId: offer.id, durationMs: BigInt(durationMs) } });
  }

  closeOffer(offer: Offer): Promise<void> {
    return this.#done({ case: 'closeOffer', value: { showId: offer.showId, offerId: offer.id } });
  }

  say(text: string): Promise<void> {
    return this.#done({ case: 'say', value: { roomId: this.roomId, text } });
  }

  deleteChat(chatId: string): Promise<void> {
    return this.#done({ case: 'deleteChat', value: { roomId: this.roomId, chatId } });
  }

  mute(accountId: string, muted: boolean): Promise<void> {
    return this.#done({ case: 'mute', value: { roomId: this.roomId, accountId, durationMs: BigInt(muted ? MUTE_MS : 0) } });
  }

  /** An answer is given where the preview is, so that the replay jumps to the host's first words. */
  closeQuestion(questionId: string, state: QuestionState): Promise<void> {
    const mediaTimeMs = BigInt(state === QuestionState.ANSWERED ? Math.round(this.#player?.playingMs() ?? 0) : 0);
    return this.#done({ case: 'closeQuestion', value: { roomId: this.roomId, questionId, state, mediaTimeMs } });
  }

  review(chatId: string, approve: boolean): Promise<void> {
    return this.#done({ case: 'reviewChat', value: { roomId: this.roomId, chatId, approve } });
  }

  setRules(change: { slowMs?: bigint; muteAll?: boolean; reviewAll?: boolean }): Promise<void> {
    const { slowMs = 0n, muteAll = false, reviewAll = false } = this.room.state.value?.rules ?? {};
    return this.#done({ case: 'setChatRules', value: { roomId: this.roomId, rules: { slowMs, muteAll, reviewAll, ...change } } });
  }

  ban(accountId: string): Promise<void> {
    return this.#done({ case: 'ban', value: { roomId: this.roomId, accountId, durationMs: BigInt(BAN_MS) } });
  }

  async createKey(): Promise<void> {
    this.key.value = await api.streamKey(this.roomId);
  }

  async createBackupKey(): Promise<void> {
    this.backupKey.value = await api.backupKey(this.roomId);
  }

  giveBack(): Promise<unknown> {
    return api.giveBack(this.roomId);
  }

  async addPush(target: { name: string; url: string; key: string }): Promise<void> {
    await api.addPushTarget(this.roomId, target);
    await this.#fetchPushTargets();
  }

  async removePush(target: string): Promise<void> {
    await api.removePushTarget(this.roomId, target);
    await this.#fetchPushTargets();
  }

  async #fetchPushTargets(): Promise<void> {
    this.pushTargets.value = await api.pushTargets(this.roomId).catch(() => this.pushTargets.peek());
  }

  async setShowState(state: ShowState): Promise<void> {
    const show = this.room.state.value?.show;
    if (show) await api.setShowState(show.id, state);
  }

  async #done(body: ClientBody): Promise<void> {
    await this.socket.request(body);
  }

  async #fetchTotals(showId: string): Promise<void> {
    this.#fetchedTotals.value = await api.totals(showId).catch(() => undefined);
  }
}
