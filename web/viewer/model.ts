// What the viewer's page knows and does; the components only draw it.
import { computed, signal } from '@preact/signals';
import { api } from '../shared/api';
import { askSocket, newOrder, pendingOrder, settle } from '../shared/checkout';
import { yuan } from '../shared/format';
import type { Account } from '../shared/gen/livefair/v1/account_pb';
import type { Offer } from '../shared/gen/livefair/v1/catalog_pb';
import { StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import { ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { type Address, type Order, type OrderAnswer, Outcome, type PlaceOrder, OrderState } from '../shared/gen/livefair/v1/order_pb';
import { Beacon } from '../shared/beacon';
import { spoken } from '../shared/i18n';
import { RoomMedia } from '../shared/media';
import type { LivePlayer, Source } from '../shared/player';
import { RoomStore } from '../shared/room_store';
import { type ClientBody, pageSocket } from '../shared/socket';
import { explain, toast, toastError } from '../shared/ui/parts';
import { AfterSale } from './after_sale';
import { Replays } from './replays';
import { t } from './words';

export type SheetName = 'none' | 'shelf' | 'questions' | 'signIn' | 'buy' | 'orders' | 'sellers';

/** The one purchase under way. */
export interface Purchase {
  order: PlaceOrder;
  phase: 'asking' | 'unknown' | 'accepted' | 'rejected';
  answer?: OrderAnswer;
  words?: string;
}

const LIKE_FLUSH_MS = 1000;
const LIKES_PER_MESSAGE = 50;

export class Viewer {
  readonly socket = pageSocket();
  readonly room: RoomStore;
  readonly account = signal<Account | undefined>(undefined);
  readonly sheet = signal<SheetName>('none');
  readonly offerId = signal('');
  readonly purchase = signal<Purchase | undefined>(undefined);
  readonly orders = signal<ReadonlyMap<string, Order>>(new Map());
  readonly addresses = signal<readonly Address[] | undefined>(undefined);
  readonly ownLikes = signal(0);
  /** Questions that this page has voted for. */
  readonly voted = signal<ReadonlySet<string>>(new Set());
  readonly offer = computed(() => this.offers.value.find((offer) => offer.id === this.offerId.value));
  readonly offers = computed<readonly Offer[]>(() => this.room.state.value?.offers ?? []);
  readonly toPay = computed(() => [...this.orders.value.values()].filter((order) => order.state === OrderState.RESERVED).length);
  /** Made anew only when the show's address or access changes. */
  readonly media = computed(() => {
    const [playlistUrl, access] = this.#place.value.split(' ');
    return playlistUrl ? new RoomMedia({ playlistUrl, roomId: this.room.roomId, isPrivate: access === 'private' }, () => this.socket.clock.now()) : undefined;
  });
  readonly replays: Replays;
  readonly afterSale = new AfterSale(api, (order) => this.#keep(order));
  /** Whether there is a live picture. */
  readonly onAir = computed(() => {
    const state = this.room.state.value;
    const status = state?.stream?.status;
    return state?.show.state !== ShowState.ENDED && (status === StreamStatus.LIVE || status === StreamStatus.RECONNECTING);
  });
  /** What to play; nothing while there is no picture to show. */
  readonly source = computed<Source | undefined>(() => this.replays.source.value ?? (this.onAir.value && this.isLive.value ? this.media.value?.live() : undefined));
  readonly isLive = computed(() => this.replays.watching.value.kind === 'live');

  readonly #place = computed(() => {
    const show = this.room.state.value?.show;
    return show ? `${show.playlistUrl} ${show.isPrivate ? 'private' : 'public'}` : '';
  });
  #player: LivePlayer | undefined;
  #afterSignIn: () => void = () => {};
  #unsentLikes = 0;

  constructor(roomId: string) {
    this.room = new RoomStore(this.socket, roomId);
    // A pin waits for the moment in the live picture; beside a recording there is none to wait for.
    this.room.playingTime = () => (this.isLive.peek() ? this.#player?.playingMs() : undefined);
    this.replays = new Replays(this.media, this.room.state, () => this.#player);
    new Beacon(roomId, () => this.isLive.peek() && this.#player?.status.peek() === 'playing', () => !this.isLive.peek());
    this.socket.onOpen(() => this.#known());
    this.socket.onMessage((body) => {
      if (body.case === 'orderChanged' && body.value.order) this.#orderChanged(body.value.order);
    });
    setInterval(() => this.#flushLikes(), LIKE_FLUSH_MS);
  }

  watchWith(player: LivePlayer): void {
    this.#player = player;
  }

  seekTo(unixMs: number): void {
    this.#player?.seekTo(unixMs);
  }

  /** After each Welcome: who we are, our orders, and the purchase whose answer was lost with the last page. */
  #known(): void {
    const account = this.socket.account.value;
    this.account.value = account?.id ? account : undefined;
    if (!this.account.value) return;
    void this.loadOrders();
    const pending = this.purchase.value ? undefined : pendingOrder.load();
    if (!pending) return;
    this.offerId.value = pending.offerId;
    this.sheet.value = 'buy';
    void this.#settle(pending);
  }

  /** Runs `action` for somebody signed in; asks a guest to sign in first. */
  signedIn(action: () => void): void {
    if (this.account.value) return action();
    this.#afterSignIn = action;
    this.sheet.value = 'signIn';
  }

  async signIn(phone: string, code: string, nickname: string): Promise<void> {
    const { account } = await api.signIn({ phone, code, nickname });
    this.account.value = account;
    this.sheet.value = 'none';
    this.addresses.value = undefined;
    toast(t('hello', { name: account?.nickname ?? '' }));
    this.socket.reconnect(); // the new cookie tells the gateway who we are
    const next = this.#afterSignIn;
    this.#afterSignIn = () => {};
    next();
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.account.value = undefined;
    this.orders.value = new Map();
    this.addresses.value = undefined;
    this.sheet.value = 'none';
    this.socket.reconnect();
  }

  say(text: string): Promise<boolean> {
    return this.#heard({ case: 'say', value: { roomId: this.room.roomId, text } });
  }

  ask(text: string): Promise<boolean> {
    return this.#heard({ case: 'ask', value: { roomId: this.room.roomId, text } });
  }

  async vote(questionId: string): Promise<void> {
    const taken = await this.#heard({ case: 'voteQuestion', value: { roomId: this.room.roomId, questionId } });
    if (taken) this.voted.value = new Set(this.voted.value).add(questionId);
  }

  like(): void {
    this.ownLikes.value += 1;
    this.#unsentLikes += 1;
  }

  /** Whether the room has taken it; what it has to say about it is shown. */
  async #heard(body: ClientBody): Promise<boolean> {
    try {
      const answer = await this.socket.request(body);
      if (answer.case === 'done' && answer.value.code !== '') toast(spoken(answer.value)); // held, seen by its author alone, a vote for what was there
      return true;
    } catch (error) {
      toastError(error);
      return false;
    }
  }

  #flushLikes(): void {
    const count = Math.min(this.#unsentLikes, LIKES_PER_MESSAGE);
    if (count === 0 || !this.socket.send({ case: 'like', value: { roomId: this.room.roomId, count } })) return;
    this.#unsentLikes -= count;
  }

  startBuying(offer: Offer): void {
    this.signedIn(() => {
      if (this.purchase.value?.phase !== 'asking' && this.purchase.value?.phase !== 'unknown') this.purchase.value = undefined;
      if (!this.purchase.value) this.offerId.value = offer.id;
      this.sheet.value = 'buy';
      if (!this.addresses.value) void this.loadAddresses();
    });
  }

  async loadAddresses(): Promise<void> {
    this.addresses.value = await api.addresses().catch((error: unknown) => {
      toastError(error);
      return [];
    });
  }

  /** `isAdult`: the buyer has said to be 18 or older. */
  place(offer: Offer, quantity: number, addressId: string, isAdult: boolean): void {
    const order = newOrder({ showId: offer.showId, offerId: offer.id, quantity: BigInt(quantity), addressId, isAdult });
    pendingOrder.save(order);
    void this.#settle(order);
  }

  async #settle(order: PlaceOrder): Promise<void> {
    this.purchase.value = { order, phase: 'asking' };
    try {
      const answer = await settle(() => askSocket(this.socket, order), {
        onUnknown: () => (this.purchase.value = { order, phase: 'unknown' }),
      });
      if (!answer) return;
      if (answer.outcome === Outcome.ACCEPTED) await this.loadOrders();
      this.purchase.value = { order, phase: answer.outcome === Outcome.ACCEPTED ? 'accepted' : 'rejected', answer };
    } catch (error) {
      this.purchase.value = { order, phase: 'rejected', words: explain(error) };
    }
    pendingOrder.clear();
  }

  async loadOrders(): Promise<void> {
    try {
      const orders = await api.orders();
      this.orders.value = new Map(orders.map((order) => [order.id, order]));
    } catch (error) {
      toastError(error);
    }
  }

  async cancel(order: Order): Promise<void> {
    const answer = await api.cancelOrder(order.id);
    if (answer.order) this.#keep(answer.order);
  }

  /** Opens the payment page beside the show, or in its place where pop-ups are blocked. */
  async pay(order: Order): Promise<void> {
    const page = window.open('', '_blank');
    try {
      const { payUrl } = await api.pay(order.id);
      if (page) page.location.href = payUrl;
      else location.assign(payUrl);
    } catch (error) {
      page?.close();
      throw error;
    }
  }

  #orderChanged(order: Order): void {
    const before = this.orders.value.get(order.id);
    this.#keep(order);
    if (order.state === OrderState.PAID && before?.state !== OrderState.PAID) toast(t('paidToast', { title: `${order.title} ${yuan(order.amountFen)}` }));
  }

  #keep(order: Order): void {
    this.orders.value = new Map(this.orders.value).set(order.id, order);
  }
}
