// What can be watched besides the live picture: whole recordings, and the clip of each product. And which of them is on.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { chapterAt, newestClips, type PlacedClip, type Recording, type RoomMedia } from '../shared/media';
import { ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import type { LivePlayer, Source } from '../shared/player';
import type { RoomState } from '../shared/room';

export type Watching =
  | { kind: 'live' }
  | { kind: 'replay'; recording: Recording }
  | { kind: 'clip'; clip: PlacedClip };

const REFRESH_MS = 30_000;
/** A clip is there when the segment with its end has been written. */
const AFTER_UNPIN_MS = 4_000;
const CHAPTER_CHECK_MS = 500;

export class Replays {
  readonly watching = signal<Watching>({ kind: 'live' });
  readonly recordings = signal<readonly Recording[]>([]);
  readonly clips = signal<readonly PlacedClip[]>([]);
  readonly clipOf = computed(() => newestClips(this.clips.value));
  /** The recording to offer when the show is over: the longest, for a show may have begun anew after a break. */
  readonly main = computed(() => this.recordings.value.reduce<Recording | undefined>((best, one) => (!best || one.durationMs > best.durationMs ? one : best), undefined));
  readonly chapters = computed(() => {
    const watching = this.watching.value;
    return watching.kind === 'replay' ? this.clips.value.filter((clip) => clip.recordingId === watching.recording.id) : [];
  });
  /** What the recorded picture explains at this moment. */
  readonly chapter = signal<PlacedClip | undefined>(undefined);
  readonly source: ReadonlySignal<Source | undefined>;

  constructor(
    private readonly media: ReadonlySignal<RoomMedia | undefined>,
    state: ReadonlySignal<RoomState | undefined>,
    private readonly player: () => LivePlayer | undefined,
  ) {
    this.source = computed(() => {
      const watching = this.watching.value;
      if (watching.kind === 'replay') return this.media.value?.replay(watching.recording.id);
      return watching.kind === 'clip' ? this.media.value?.clip(watching.clip) : undefined;
    });
    let seen = '';
    state.subscribe((now) => {
      const moment = now ? `${now.show.state} ${now.pins.at(-1)?.value.mediaTimeMs}` : '';
      if (moment === seen) return;
      setTimeout(() => void this.refresh(), seen === '' ? 0 : AFTER_UNPIN_MS);
      seen = moment;
      if (now?.show.state === ShowState.PLANNED) this.toLive();
    });
    setInterval(() => !document.hidden && void this.refresh(), REFRESH_MS);
    setInterval(() => this.#follow(), CHAPTER_CHECK_MS);
  }

  async refresh(): Promise<void> {
    const media = this.media.peek();
    if (!media) return;
    try {
      const recordings = await media.recordings();
      this.clips.value = await media.recentClips(recordings);
      this.recordings.value = recordings;
    } catch {
      // What was found before stays; the next round asks again.
    }
  }

  watchClip(clip: PlacedClip): void {
    this.watching.value = { kind: 'clip', clip };
    this.chapter.value = clip;
  }

  watchReplay(recording: Recording): void {
    this.watching.value = { kind: 'replay', recording };
    this.chapter.value = undefined;
  }

  toLive(): void {
    this.watching.value = { kind: 'live' };
    this.chapter.value = undefined;
  }

  #follow(): void {
    const watching = this.watching.peek();
    if (watching.kind === 'replay') this.chapter.value = chapterAt(this.chapters.peek(), this.player()?.playingMs());
  }
}
