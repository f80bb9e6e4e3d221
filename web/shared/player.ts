// The picture, live or recorded: hls.js, in low-latency mode when live, or the browser's own HLS without Media Source (older iOS).
import type Hls from 'hls.js/light';
import { signal } from '@preact/signals';
import { backoffMs } from './backoff';
import type { ServerClock } from './clock';
import { LiveEdge } from './live_edge';
import { type MediaTokens, withFreshToken } from './media';

/** blocked: the browser wants a tap before it plays. */
export type PlayerStatus = 'idle' | 'loading' | 'playing' | 'stalled' | 'blocked';

const STALL_REBUILD_MS = 8_000;
const WATCH_MS = 500;
const PACE_MS = 100;
const FAR_BEHIND_MS = 12_000;

/** What to play. `tokens`: of a private room, whose address has "~-" where the token stands. */
export interface Source {
  url: string;
  live: boolean;
  tokens?: MediaTokens | undefined;
}

type VideoWithStart = HTMLVideoElement & { getStartDate?: () => Date };

export class LivePlayer {
  readonly status = signal<PlayerStatus>('idle');
  readonly latencyMs = signal<number | undefined>(undefined);
  readonly muted = signal(false);
  /** Fatal errors of hls.js since the page was loaded; each was followed by a new attempt. */
  readonly fatalErrors = signal(0);
  /** How often a picture that played had to wait for the net. */
  readonly stalls = signal(0);

  #hls: Hls | undefined;
  #source: Source | undefined;
  #attempt = 0;
  #generation = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lastTime = 0;
  #lastMovedMs = 0;
  #edge = new LiveEdge();

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly clock: ServerClock,
  ) {
    video.addEventListener('volumechange', () => (this.muted.value = video.muted));
    video.addEventListener('waiting', () => this.#ranDry());
    setInterval(() => this.#watch(), WATCH_MS);
    setInterval(() => this.#pace(), PACE_MS);
  }

  /** Plays `source`; the same address again changes nothing. */
  load(source: Source): void {
    if (source.url === this.#source?.url) return;
    this.stop();
    this.#source = source;
    void this.#start();
  }

  stop(): void {
    this.#source = undefined;
    this.#tearDown();
    this.video.playbackRate = 1;
    this.status.value = 'idle';
    this.latencyMs.value = undefined;
  }

  /** The moment being shown, on PROGRAM-DATE-TIME's axis, Unix milliseconds. */
  playingMs(): number | undefined {
    if (this.status.value !== 'playing' && this.status.value !== 'stalled') return undefined;
    if (this.#hls) return this.#hls.playingDate?.getTime();
    const start = (this.video as VideoWithStart).getStartDate?.().getTime();
    return start !== undefined && Number.isFinite(start) ? start + this.video.currentTime * 1000 : undefined;
  }

  /** Goes to a moment of a recording, Unix milliseconds. */
  seekTo(unixMs: number): void {
    const fragments = this.#hls?.levels[Math.max(0, this.#hls.currentLevel)]?.details?.fragments ?? [];
    const fragment = fragments.findLast(({ programDateTime }) => (programDateTime ?? Infinity) <= unixMs) ?? fragments[0];
    if (fragment) this.video.currentTime = fragment.start + Math.max(0, unixMs - (fragment.programDateTime ?? unixMs)) / 1000;
    else if (!this.#hls) this.#seekNative(unixMs);
    void this.#play();
  }

  #seekNative(unixMs: number): void {
    const start = (this.video as VideoWithStart).getStartDate?.().getTime() ?? NaN;
    if (Number.isFinite(start)) this.video.currentTime = Math.max(0, (unixMs - start) / 1000);
  }

  jumpToLive(): void {
    const { seekable } = this.video;
    const edge = this.#hls?.liveSyncPosition ?? (seekable.length > 0 ? seekable.end(seekable.length - 1) - 1 : undefined);
    if (edge !== undefined && Number.isFinite(edge)) this.video.currentTime = edge;
    void this.#play();
  }

  unmute(): void {
    this.video.muted = false;
    void this.#play();
  }

  toggleMuted(): void {
    this.video.muted = !this.video.muted;
  }

  async #start(): Promise<void> {
    const generation = ++this.#generation;
    this.status.value = 'loading';
    this.#lastMovedMs = Date.now();
    const { default: HlsLight } = await import('hls.js/light');
    const token = await this.#source?.tokens?.get().catch(() => undefined);
    if (generation !== this.#generation || !this.#source) return;
    if (this.#source.tokens && token === undefined) return this.#retry();
    const url = withFreshToken(this.#source.url, token ?? '');
    if (HlsLight.isSupported()) this.#startHls(HlsLight, this.#source, url);
    else this.#startNative(url);
  }

  #startHls(HlsLight: typeof Hls, { live, tokens }: Source, url: string): void {
    const hls = new HlsLight({
      lowLatencyMode: live,
      enableWorker: false, // fragmented MP4 passes through: nothing to do in a worker
      backBufferLength: live ? 20 : 60,
      maxBufferLength: live ? 10 : 30,
      maxLiveSyncPlaybackRate: 1, // the pace is ours: #pace
      ...(!live && { startPosition: 0 }),
      // The token in the path of a playlist grows old while it is followed: each request goes out with one that holds.
      ...(tokens && { xhrSetup: async (xhr: XMLHttpRequest, asked: string) => xhr.open('GET', withFreshToken(asked, await tokens.get()), true) }),
    });
    this.#hls = hls;
    hls.on(HlsLight.Events.MANIFEST_PARSED, () => void this.#play());
    hls.on(HlsLight.Events.ERROR, (_, data) => {
      if (!data.fatal) return;
      this.fatalErrors.value += 1;
      this.#retry();
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  #startNative(url: string): void {
    this.video.src = url;
    this.video.onerror = () => this.#retry();
    void this.#play();
  }

  /** With sound when the browser lets us, else without; a tap brings the sound. */
  async #play(): Promise<void> {
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      this.video.muted = true;
      await this.video.play().catch(() => (this.status.value = 'blocked'));
    }
  }

  #retry(): void {
    this.#tearDown();
    if (!this.#source) return;
    this.status.value = 'stalled';
    this.#retryTimer = setTimeout(() => void this.#start(), 500 + backoffMs(this.#attempt++, Math.random, 500, 5_000));
  }

  #tearDown(): void {
    this.#generation++;
    clearTimeout(this.#retryTimer);
    this.#hls?.destroy();
    this.#hls = undefined;
    this.video.onerror = null;
    this.video.removeAttribute('src');
  }

  #watch(): void {
    if (!this.#source || this.status.value === 'blocked') return;
    const nowMs = Date.now();
    if (this.video.paused || this.video.ended || this.video.currentTime !== this.#lastTime) {
      this.#moved(nowMs);
    } else if (this.status.value === 'playing' && nowMs - this.#lastMovedMs > 1_500) {
      this.status.value = 'stalled';
    } else if (this.status.value === 'stalled' && nowMs - this.#lastMovedMs > STALL_REBUILD_MS && this.#hls) {
      this.#lastMovedMs = nowMs;
      this.#retry();
    }
    this.video.dataset.playingMs = String(Math.round(this.playingMs() ?? 0)); // what a tester or a supporter reads off the page
    const playing = this.#source.live ? this.playingMs() : undefined;
    this.latencyMs.value = playing === undefined ? undefined : Math.max(0, this.clock.now() - playing);
    if (this.status.value === 'playing' && !this.video.paused && (this.latencyMs.value ?? 0) > FAR_BEHIND_MS) this.jumpToLive();
  }

  #pace(): void {
    const { buffered, currentTime, seeking, paused } = this.video;
    if (!this.#hls || !this.#source?.live || this.status.value !== 'playing' || seeking || paused || buffered.length === 0) return;
    const rate = this.#edge.rate(performance.now(), buffered.end(buffered.length - 1) - currentTime);
    if (rate !== this.video.playbackRate) this.video.playbackRate = rate;
  }

  #ranDry(): void {
    if (!this.#source?.live || this.status.value !== 'playing' || this.video.seeking) return;
    this.stalls.value += 1;
    this.#edge.stalled();
  }

  #moved(nowMs: number): void {
    if (this.video.currentTime !== this.#lastTime && !this.video.paused) {
      this.status.value = 'playing';
      this.#attempt = 0;
    }
    this.#lastTime = this.video.currentTime;
    this.#lastMovedMs = nowMs;
  }
}
