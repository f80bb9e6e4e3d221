// The way to the gateway, a WebSocket or, where none gets through, server-sent events: connects, comes back, matches answers to requests. What the
// messages mean is for others.
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { signal } from '@preact/signals';
import { backoffMs } from './backoff';
import { ServerClock } from './clock';
import { EventStream, type SocketLike } from './event_stream';
import type { Account } from './gen/livefair/v1/account_pb';
import { ClientMessageSchema, type Failure, type ServerMessage, ServerMessageSchema } from './gen/livefair/v1/socket_pb';

export type ClientBody = NonNullable<MessageInitShape<typeof ClientMessageSchema>['body']>;
export type ServerBody = ServerMessage['body'];
/** waiting: between two attempts. stopped: the server asked this page not to come back; see `closeCode`. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'stopped';

/** Why a request got no proper answer: the server's own code, or `timed_out` or `closed` from this side. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    readonly messageZh: string,
    readonly messageEn: string,
  ) {
    super(code);
  }

  static of(failure: Failure): RequestError {
    return new RequestError(failure.code, failure.messageZh, failure.messageEn);
  }
}

const closed = () => new RequestError('closed', '连接断开了，正在重连', 'The connection was lost; reconnecting');
const timedOut = () => new RequestError('timed_out', '等待太久没有回音，请再试一次', 'No answer in time; please try again');

const SUBPROTOCOL = 'livefair.v1.proto';
const REQUEST_MS = 8_000;
/** So many WebSockets in a row that brought no welcome, and the next attempt is a stream of server-sent events. */
const WEBSOCKETS_TRIED = 2;
const PING_EVERY_MS = 15_000;
const LAST_CODE_THAT_COMES_BACK = 3499;

interface Waiting {
  resolve: (body: ServerBody) => void;
  reject: (error: RequestError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Socket {
  readonly state = signal<SocketState>('connecting');
  readonly account = signal<Account | undefined>(undefined);
  readonly closeCode = signal(0);
  readonly clock = new ServerClock();

  #socket: SocketLike | undefined;
  #attempt = 0;
  #unwelcome = 0; // attempts in a row that brought no welcome, with the way that is used now
  #streams = false;
  #nextId = 1;
  #waiting = new Map<number, Waiting>();
  #opened = new Set<() => void>();
  #heard = new Set<(body: ServerBody) => void>();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;

  /** `open` and `openStream` make the socket; tests give their own. */
  constructor(
    private readonly url: string,
    private readonly open: (url: string, protocol: string) => SocketLike = (u, p) => new WebSocket(u, p),
    private readonly openStream: () => SocketLike = () => new EventStream('/api/v1/stream'),
  ) {}

  connect(): void {
    clearTimeout(this.#retryTimer);
    this.state.value = 'connecting';
    this.#chooseWay();
    const socket = this.#streams ? this.openStream() : this.open(this.url, SUBPROTOCOL);
    ++this.#unwelcome;
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => void this.#greet(socket);
    socket.onmessage = (event) => socket === this.#socket && this.#receive(event.data as ArrayBuffer);
    socket.onclose = (event) => socket === this.#socket && this.#lost(event.code);
  }

  /** A fresh connection at once, with the cookies of now: after signing in or out, or when the network is back. */
  reconnect(): void {
    const old = this.#socket;
    this.#socket = undefined;
    this.#dropRequests();
    old?.close(1000);
    this.#attempt = 0;
    this.#unwelcome = 0;
    this.#streams = false;
    this.connect();
  }

  /** A stream that brings no welcome either says that the network is away, not that WebSockets are broken. */
  #chooseWay(): void {
    if (this.#unwelcome < (this.#streams ? 1 : WEBSOCKETS_TRIED)) return;
    this.#streams = !this.#streams;
    this.#unwelcome = 0;
  }

  /** Called after each Welcome, and now if the socket is open. */
  onOpen(listener: () => void): () => void {
    this.#opened.add(listener);
    if (this.state.value === 'open') listener();
    return () => this.#opened.delete(listener);
  }

  /** Every message that answers no request. */
  onMessage(listener: (body: ServerBody) => void): () => void {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  /** Sends without waiting; false when there is no connection. */
  send(body: ClientBody): boolean {
    if (this.state.value !== 'open') return false;
    this.#write(0, body);
    return true;
  }

  /** Sends and waits for the one answer; a Failure and a lost connection reject with RequestError. */
  request(body: ClientBody, timeoutMs = REQUEST_MS): Promise<ServerBody> {
    if (this.state.value !== 'open') return Promise.reject(closed());
    return this.#ask(body, timeoutMs);
  }

  #ask(body: ClientBody, timeoutMs: number): Promise<ServerBody> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(timedOut());
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#write(id, body);
    });
  }

  #write(requestId: number, body: ClientBody): void {
    this.#socket?.send(toBinary(ClientMessageSchema, create(ClientMessageSchema, { requestId, body })));
  }

  async #greet(socket: SocketLike): Promise<void> {
    try {
      const answer = await this.#ask({ case: 'hello', value: {} }, REQUEST_MS);
      if (socket !== this.#socket || answer.case !== 'welcome') return;
      this.account.value = answer.value.account;
    } catch {
      socket.close();
      return;
    }
    this.#attempt = 0;
    this.#unwelcome = 0;
    this.state.value = 'open';
    void this.#ping();
    this.#pingTimer = setInterval(() => void this.#ping(), PING_EVERY_MS);
    for (const listener of this.#opened) listener();
  }

  async #ping(): Promise<void> {
    const socket = this.#socket;
    const sentMs = Date.now();
    try {
      const answer = await this.request({ case: 'ping', value: { clientMs: BigInt(sentMs) } });
      if (answer.case === 'pong') this.clock.sample(sentMs, Date.now(), Number(answer.value.serverMs));
    } catch {
      // A socket that does not answer is dead even if the network has not noticed.
      if (socket && socket === this.#socket) socket.close();
    }
  }

  #receive(data: ArrayBuffer): void {
    const { requestId, body } = fromBinary(ServerMessageSchema, new Uint8Array(data));
    const waiting = this.#waiting.get(requestId);
    if (!waiting) {
      for (const listener of this.#heard) listener(body);
      return;
    }
    this.#waiting.delete(requestId);
    clearTimeout(waiting.timer);
    if (body.case === 'failure') waiting.reject(RequestError.of(body.value));
    else waiting.resolve(body);
  }

  #lost(code: number): void {
    this.#socket = undefined;
    this.#dropRequests();
    this.closeCode.value = code;
    if (code > LAST_CODE_THAT_COMES_BACK) {
      this.state.value = 'stopped';
      return;
    }
    this.state.value = 'waiting';
    this.#retryTimer = setTimeout(() => this.connect(), backoffMs(this.#attempt++));
  }

  #dropRequests(): void {
    clearInterval(this.#pingTimer);
    const dropped = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of dropped) {
      clearTimeout(timer);
      reject(closed());
    }
  }
}

/** The page's own socket; comes back at once when the device finds its network again. */
export function pageSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new Socket(`${scheme}://${location.host}/ws`);
  addEventListener('online', () => socket.state.value === 'waiting' && socket.reconnect());
  socket.connect();
  return socket;
}
