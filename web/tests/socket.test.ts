import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from '../shared/backoff';
import { ServerClock } from '../shared/clock';
import { type ClientMessage, ClientMessageSchema, ServerMessageSchema } from '../shared/gen/livefair/v1/socket_pb';
import { EventStream, type SocketLike } from '../shared/event_stream';
import { Socket } from '../shared/socket';

/** A WebSocket whose other end is the test. */
class FakeSocket {
  binaryType = '';
  onopen?: () => void;
  onmessage?: (event: { data: ArrayBuffer }) => void;
  onclose?: (event: { code: number }) => void;
  sent: ClientMessage[] = [];

  send(data: Uint8Array): void {
    this.sent.push(fromBinary(ClientMessageSchema, data));
  }
  close(): void {
    this.onclose?.({ code: 1006 });
  }
  answer(message: MessageInitShape<typeof ServerMessageSchema>): void {
    const bytes = toBinary(ServerMessageSchema, create(ServerMessageSchema, message));
    this.onmessage?.({ data: bytes.slice().buffer });
  }
}

const made: FakeSocket[] = [];
const newest = () => made.at(-1)!;
const flush = () => vi.advanceTimersByTimeAsync(0);

async function opened(): Promise<Socket> {
  const socket = new Socket('ws://test/ws', () => {
    made.push(new FakeSocket());
    return newest() as unknown as SocketLike;
  });
  socket.connect();
  await welcome();
  return socket;
}

async function welcome(): Promise<void> {
  newest().onopen?.();
  newest().answer({ requestId: newest().sent[0]!.requestId, body: { case: 'welcome', value: {} } });
  await flush();
}

/** A socket that is told whether it gets a WebSocket or a stream; `ways` says which it asked for. */
function withTwoWays(): { socket: Socket; ways: string[] } {
  const ways: string[] = [];
  const make = (way: string) => {
    ways.push(way);
    made.push(new FakeSocket());
    return newest() as unknown as SocketLike;
  };
  const socket = new Socket('ws://test/ws', () => make('websocket'), () => make('stream'));
  socket.connect();
  return { socket, ways };
}

/** An EventSource and a fetch whose other ends are the test. */
class FakeSource {
  static newest: FakeSource;
  onmessage?: (event: { data: string }) => void;
  onerror?: () => void;
  closes?: (event: { data: string }) => void;
  isClosed = false;
  constructor(readonly url: string) {
    FakeSource.newest = this;
  }
  addEventListener(_name: string, listener: (event: { data: string }) => void): void {
    this.closes = listener;
  }
  close(): void {
    this.isClosed = true;
  }
}

beforeEach(() => {
  made.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

describe('the socket', () => {
  it('greets first and is open after the welcome', async () => {
    const socket = await opened();
    expect(newest().sent[0]?.body.case).toBe('hello');
    expect(socket.state.value).toBe('open');
  });

  it('gives each request its own answer, in whatever order they come', async () => {
    const socket = await opened();
    const one = socket.request({ case: 'say', value: { text: '1' } });
    const two = socket.request({ case: 'say', value: { text: '2' } });
    const [first, second] = newest().sent.slice(-2);
    newest().answer({ requestId: second!.requestId, body: { case: 'done', value: {} } });
    newest().answer({ requestId: first!.requestId, body: { case: 'failure', value: { code: 'forbidden' } } });
    await expect(one).rejects.toThrow('forbidden');
    await expect(two).resolves.toMatchObject({ case: 'done' });
  });

  it('gives up waiting for an answer after a while', async () => {
    const socket = await opened();
    const asked = expect(socket.request({ case: 'say', value: {} }, 1000)).rejects.toThrow('timed_out');
    await vi.advanceTimersByTimeAsync(1001);
    await asked;
  });

  it('comes back by itself after a close below 3500, and fails what was under way', async () => {
    const socket = await opened();
    const asked = expect(socket.request({ case: 'say', value: {} })).rejects.toThrow('closed');
    newest().onclose?.({ code: 3008 });
    await asked;
    expect(socket.state.value).toBe('waiting');
    await vi.advanceTimersByTimeAsync(500);
    expect(made.length).toBe(2);
    await welcome();
    expect(socket.state.value).toBe('open');
  });

  it('stays away after a close of 3500 and above', async () => {
    const socket = await opened();
    newest().onclose?.({ code: 3504 });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(socket.state.value).toBe('stopped');
    expect(made.length).toBe(1);
  });

  it('hands on what answers no request', async () => {
    const socket = await opened();
    const heard: string[] = [];
    socket.onMessage((body) => heard.push(body.case ?? ''));
    newest().answer({ requestId: 0, body: { case: 'events', value: { roomId: 'r' } } });
    expect(heard).toEqual(['events']);
  });

  it('closes a connection that no longer answers pings', async () => {
    const socket = await opened();
    await vi.advanceTimersByTimeAsync(8_001);
    expect(socket.state.value).not.toBe('open');
  });
});

it('back-off is anywhere between nothing and a step that doubles up to a cap', () => {
  expect(backoffMs(0, () => 1)).toBe(500);
  expect(backoffMs(3, () => 1)).toBe(4000);
  expect(backoffMs(60, () => 1)).toBe(15_000);
  expect(backoffMs(60, () => 0)).toBe(0);
});

it('the clock believes the quickest round trip', () => {
  const clock = new ServerClock();
  clock.sample(1000, 1010, 5005);
  expect(clock.offsetMs.value).toBe(4000);
  clock.sample(2000, 3000, 9000);
  expect(clock.offsetMs.value).toBe(4000);
});

describe('the way to the gateway', () => {
  it('is a stream of events after two WebSockets without a welcome', async () => {
    const { socket, ways } = withTwoWays();
    newest().close();
    await vi.advanceTimersByTimeAsync(60_000);
    newest().close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ways).toEqual(['websocket', 'websocket', 'stream']);
    await welcome();
    expect(socket.state.value).toBe('open');
    // It worked: the next one is a stream again. One that does not says that the network is away.
    newest().close();
    await vi.advanceTimersByTimeAsync(60_000);
    newest().close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ways.slice(3)).toEqual(['stream', 'websocket']);
  });

  it('stays a WebSocket when that has worked before', async () => {
    const { ways } = withTwoWays();
    for (let i = 0; i < 4; ++i) {
      await welcome();
      newest().close();
      await vi.advanceTimersByTimeAsync(60_000);
    }
    expect(new Set(ways)).toEqual(new Set(['websocket']));
  });
});

describe('a stream of events', () => {
  it('opens with the welcome, posts one message after the other with its id, and hands on what comes', async () => {
    const posted: { headers: Record<string, string>; body: string }[] = [];
    let answered: () => void = () => undefined;
    vi.stubGlobal('EventSource', FakeSource);
    vi.stubGlobal('fetch', (_url: string, request: { headers: Record<string, string>; body: string }) => {
      posted.push(request);
      return new Promise((resolve) => (answered = () => resolve({ status: 202 })));
    });
    vi.stubGlobal('CloseEvent', class extends Event { code: number; constructor(name: string, init: { code: number }) { super(name); this.code = init.code; } });
    const stream = new EventStream('/api/v1/stream');
    let opened = 0;
    const heard: string[] = [];
    const codes: number[] = [];
    stream.onopen = () => ++opened;
    stream.onmessage = (event) => heard.push(fromBinary(ServerMessageSchema, new Uint8Array(event.data as ArrayBuffer)).body.case ?? '');
    stream.onclose = (event) => codes.push(event.code);
    const source = FakeSource.newest;
    source.onmessage?.({ data: '{"welcome":{"streamId":"0.abc"}}' });
    expect(opened).toBe(1);
    for (const text of ['one', 'two'])
      stream.send(toBinary(ClientMessageSchema, create(ClientMessageSchema, { requestId: 1, body: { case: 'say', value: { text } } })));
    await flush();
    expect(posted.map((each) => each.body)).toEqual(['{"requestId":1,"say":{"text":"one"}}']);
    expect(posted[0]?.headers['livefair-stream']).toBe('0.abc');
    answered();
    await flush();
    expect(posted).toHaveLength(2);
    source.onmessage?.({ data: '{"requestId":1,"done":{},"fromTheFuture":1}' });
    expect(heard).toEqual(['done']);
    source.closes?.({ data: '{"code":3001,"reason":"come back"}' });
    source.onerror?.();
    expect(codes).toEqual([3001]);
    expect(source.isClosed).toBe(true);
    vi.unstubAllGlobals();
  });
});
