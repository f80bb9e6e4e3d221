// Server-sent events in the place of a WebSocket, for networks that break those: what the server says comes by the stream, what we say goes
// by POST, one message after the other. Looks like a WebSocket of the binary subprotocol.
import { fromBinary, fromJsonString, toBinary, toJsonString } from '@bufbuild/protobuf';
import { ClientMessageSchema, ServerMessageSchema } from './gen/livefair/v1/socket_pb';

/** What Socket needs of a WebSocket. */
export interface SocketLike {
  binaryType: string;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

const LOST = 1006;

export class EventStream implements SocketLike {
  binaryType = 'arraybuffer';
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  readonly #source: EventSource;
  #id = '';
  #sent: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(private readonly url: string) {
    this.#source = new EventSource(url);
    this.#source.onmessage = (event) => this.#receive(event.data as string);
    this.#source.addEventListener('close', (event) => this.#end((JSON.parse((event as MessageEvent<string>).data) as { code: number }).code));
    // It would come back by itself, at once and for ever; when and whether is for the one above to say.
    this.#source.onerror = () => this.#end(LOST);
  }

  send(data: Uint8Array): void {
    const json = toJsonString(ClientMessageSchema, fromBinary(ClientMessageSchema, data));
    this.#sent = this.#sent.then(() => this.#post(json));
  }

  close(code = LOST): void {
    this.#end(code);
  }

  #receive(text: string): void {
    const message = fromJsonString(ServerMessageSchema, text, { ignoreUnknownFields: true });
    if (this.#id) {
      this.onmessage?.(new MessageEvent('message', { data: toBinary(ServerMessageSchema, message).buffer }));
    } else if (message.body.case === 'welcome') {
      this.#id = message.body.value.streamId;
      this.onopen?.(new Event('open'));
    }
  }

  async #post(json: string): Promise<void> {
    if (this.#ended) return;
    try {
      const answer = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json', 'livefair-stream': this.#id }, body: json });
      if (answer.status === 404) this.#end(LOST);
    } catch {
      this.#end(LOST);
    }
  }

  #end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source.close();
    this.onclose?.(new CloseEvent('close', { code }));
  }
}
