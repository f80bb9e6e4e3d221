// Where a room's picture, recordings and clips are, and the tokens that private rooms and downloads need (docs/protocol.md section 5).
import { api } from './api';
import type { Show } from './gen/livefair/v1/catalog_pb';
import type { Source } from './player';

export interface Recording {
  id: string;
  startMs: number;
  endMs: number;
  durationMs: number;
  bytes: number;
  lostMs: number; // media time that could not be written
  live: boolean;
  thumbnail?: string;
}

/** What was explained from pin to unpin. */
export interface Clip {
  id: string;
  offerId: string;
  title: string;
  priceFen: number;
  startMs: number;
  endMs: number;
  /** A flash sale is a cue of its own, beside the pin. */
  kind?: 'pin' | 'sale';
  /** False while it goes on, or its segments are not written yet. */
  ready?: boolean;
}

export interface PlacedClip extends Clip {
  recordingId: string;
}

const RENEW_BEFORE_MS = 60_000;
const RECORDINGS_SEARCHED = 5;
const TOKEN_SEGMENT = /\/~[^/]*(?=\/)/;

/** `url` with `token` in place of the one in its path; unchanged when there is none. */
export function withFreshToken(url: string, token: string): string {
  return token === '' ? url : url.replace(TOKEN_SEGMENT, `/~${token}`);
}

/** The newest clip of each offer. */
export function newestClips(clips: readonly PlacedClip[]): ReadonlyMap<string, PlacedClip> {
  const newest = new Map<string, PlacedClip>();
  for (const clip of clips) {
    const known = newest.get(clip.offerId);
    if (!known || clip.startMs > known.startMs) newest.set(clip.offerId, clip);
  }
  return newest;
}

/** The chapter that runs at `playingMs`; undefined between two. */
export function chapterAt<C extends Clip>(clips: readonly C[], playingMs: number | undefined): C | undefined {
  return playingMs === undefined ? undefined : clips.findLast((clip) => playingMs >= clip.startMs && playingMs < clip.endMs);
}

/** A room's token, renewed a minute before it expires; the old one is given out while it still holds. */
export class MediaTokens {
  #token = '';
  #expiresMs = 0;
  #asking: Promise<string> | undefined;

  constructor(
    private readonly ask: () => Promise<{ token: string; expiresMs: bigint }>,
    private readonly now: () => number = Date.now,
  ) {}

  async get(): Promise<string> {
    if (this.now() >= this.#expiresMs - RENEW_BEFORE_MS) this.#asking ??= this.#renew().finally(() => (this.#asking = undefined));
    if (this.#asking && this.now() >= this.#expiresMs) return this.#asking;
    this.#asking?.catch(() => {}); // asked again by the next request
    return this.#token;
  }

  async #renew(): Promise<string> {
    const { token, expiresMs } = await this.ask();
    this.#token = token;
    this.#expiresMs = Number(expiresMs);
    return token;
  }
}

/** The media of one room. `tokens` is undefined for a public room, whose addresses stay the same for everybody. */
export class RoomMedia {
  readonly tokens: MediaTokens | undefined;
  readonly #base: string;
  readonly #room: string;

  constructor(show: Pick<Show, 'playlistUrl' | 'roomId' | 'isPrivate'>, now: () => number = Date.now) {
    this.#base = show.playlistUrl.replace(/\/hls\/.*$/, '');
    this.#room = show.roomId;
    this.tokens = show.isPrivate ? new MediaTokens(() => api.mediaToken(show.roomId, 'watch'), now) : undefined;
  }

  live(): Source {
    return { url: this.#path('hls', 'index.m3u8'), live: true, tokens: this.tokens };
  }

  replay(recordingId: string): Source {
    return { url: this.#path('replay', `${recordingId}/index.m3u8`), live: false, tokens: this.tokens };
  }

  clip({ recordingId, id }: PlacedClip): Source {
    return { url: this.#path('replay', `${recordingId}/clip_${encodeURIComponent(id)}.m3u8`), live: false, tokens: this.tokens };
  }

  /** The same for all pages within ten seconds, so that a cache in between serves them. */
  async thumbnail(nowMs: number): Promise<string> {
    return `${await this.#url('thumb', 'latest.jpg')}?t=${Math.floor(nowMs / 10_000)}`;
  }

  poster(recordingId: string): Promise<string> {
    return this.#url('replay', `${recordingId}/poster.jpg`);
  }

  /** Newest first; none while nothing was recorded. */
  async recordings(): Promise<Recording[]> {
    const list = await this.#json<Recording[]>('list.json');
    return list.sort((a, b) => b.startMs - a.startMs);
  }

  /** In the order of the show. */
  async clips(recordingId: string): Promise<PlacedClip[]> {
    const clips = await this.#json<Clip[]>(`${recordingId}/clips.json`);
    const explained = clips.filter((clip) => clip.kind !== 'sale' && clip.ready !== false && clip.endMs > clip.startMs);
    return explained.map((clip) => ({ ...clip, recordingId })).sort((a, b) => a.startMs - b.startMs);
  }

  async recentClips(recordings: readonly Recording[]): Promise<PlacedClip[]> {
    const searched = recordings.slice(0, RECORDINGS_SEARCHED);
    return (await Promise.all(searched.map(({ id }) => this.clips(id).catch(() => [])))).flat();
  }

  /** The MP4 of a recording: asked for until it is made. `onProgress`: 0 to 1. Resolves to the address that downloads it. */
  async mp4(recordingId: string, onProgress: (done: number) => void, signal: AbortSignal): Promise<string> {
    const { token } = await api.mediaToken(this.#room, 'download');
    const url = `${this.#base}/replay/${encodeURIComponent(this.#room)}/~${token}/${recordingId}/download.mp4`;
    for (;;) {
      const answer = await fetch(url, { signal, headers: { Range: 'bytes=0-0' } });
      if (answer.status === 200 || answer.status === 206) return url;
      if (answer.status !== 202) throw new Error(`${answer.status}`);
      onProgress(((await answer.json()) as { progress: number }).progress);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  async #json<T>(path: string): Promise<T> {
    const answer = await fetch(await this.#url('replay', path));
    if (answer.status === 404) return [] as T;
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as T;
  }

  /** With a stand-in for the token of a private room. */
  #path(tree: 'hls' | 'replay' | 'thumb', path: string): string {
    return `${this.#base}/${tree}/${encodeURIComponent(this.#room)}${this.tokens ? '/~-' : ''}/${path}`;
  }

  async #url(tree: 'hls' | 'replay' | 'thumb', path: string): Promise<string> {
    return withFreshToken(this.#path(tree, path), (await this.tokens?.get()) ?? '');
  }
}
