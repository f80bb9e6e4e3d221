// Around a recorded picture: that it is one, the way back, chapters, and the product it shows at today's price.
import { useServerNow } from '../shared/clock';
import { dayAndTime, timeOfDay } from '../shared/format';
import { type Offer, ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { Icon } from '../shared/ui/icons';
import { ProductArt } from '../shared/ui/product_art';
import type { Viewer } from './model';
import { BuyButton, Left, PriceLine } from './pinned';
import { saleState } from '../shared/offer';
import { t } from './words';

/** On the picture: nobody may take a recording for the live show. */
export function ReplayNote({ viewer }: { viewer: Viewer }) {
  const watching = viewer.replays.watching.value;
  if (watching.kind === 'live') return null;
  const startMs = watching.kind === 'clip' ? watching.clip.startMs : watching.recording.startMs;
  const isLive = viewer.room.state.value?.show.state === ShowState.LIVE;
  return (
    <div class="replay-note" data-testid="replay" data-kind={watching.kind}>
      <span class="pill recorded"><Icon name="clock" size={14} />{t(watching.kind === 'clip' ? 'clipOf' : 'replayOf', { t: dayAndTime(startMs) })}</span>
      <button class="pill action" type="button" data-testid="back-to-live" onClick={() => viewer.replays.toLive()}><Icon name="forward" size={14} />{t(isLive ? 'watchLive' : 'closeReplay')}</button>
    </div>
  );
}

/** Of a whole recording: each product explained, in order; a tap goes there. */
export function Chapters({ viewer }: { viewer: Viewer }) {
  const chapters = viewer.replays.chapters.value;
  if (chapters.length === 0) return null;
  return (
    <nav class="chapters" aria-label={t('chapters')} data-testid="chapters">
      {chapters.map((chapter) => (
        <button key={chapter.id} class={`chapter ${viewer.replays.chapter.value?.id === chapter.id ? 'now' : ''}`} type="button" data-testid={`chapter-${chapter.offerId}`} onClick={() => viewer.seekTo(chapter.startMs)}>
          <time class="number">{timeOfDay(chapter.startMs)}</time><span class="one-line">{chapter.title}</span>
        </button>
      ))}
    </nav>
  );
}

/** Starts the clip of a product, where there is one. */
export function ClipButton({ viewer, offer }: { viewer: Viewer; offer: Offer }) {
  const clip = viewer.replays.clipOf.value.get(offer.id);
  if (!clip) return null;
  const watch = () => {
    viewer.replays.watchClip(clip);
    viewer.sheet.value = 'none';
    scrollTo({ top: 0, behavior: 'smooth' });
  };
  return <button class="clip-button" type="button" data-testid={`clip-${offer.id}`} data-start-ms={clip.startMs} onClick={watch}><Icon name="forward" size={13} />{t('clip')}</button>;
}

/** The product that the recording shows, as it is sold now. */
export function ReplayCard({ viewer }: { viewer: Viewer }) {
  const chapter = viewer.replays.chapter.value;
  const now = useServerNow(viewer.socket.clock, 1000);
  const offer = viewer.offers.value.find(({ id }) => id === chapter?.offerId);
  if (!offer) return null;
  return (
    <article class="pinned" key={offer.id} data-testid="replay-card" data-offer={offer.id}>
      <div class="pinned-art"><ProductArt offer={offer} size={84} /><b class="ribbon recorded">{t('replay')}</b></div>
      <div class="pinned-body">
        <h3 class="one-line"><b class="no number">{t('number', { n: offer.number })}</b><span>{offer.title}</span></h3>
        <p class="facts">{viewer.socket.state.value === 'open' ? t('nowAsOf', { t: timeOfDay(now, true) }) : t('reconnecting')}</p>
        <div class="pinned-foot">
          <div><PriceLine offer={offer} now={now} />{saleState(offer, now) === 'open' && <Left offer={offer} />}</div>
          <BuyButton viewer={viewer} offer={offer} testid="replay-buy" />
        </div>
      </div>
    </article>
  );
}

/** The way into the replay when the show is over. */
export function WatchReplay({ viewer }: { viewer: Viewer }) {
  const recording = viewer.replays.main.value;
  if (!recording) return null;
  return <button class="button" type="button" data-testid="watch-replay" onClick={() => viewer.replays.watchReplay(recording)}><Icon name="forward" size={16} />{t('watchReplay')}</button>;
}
