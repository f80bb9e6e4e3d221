// The list of shows: live ones first, then what comes, then what was.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { api } from '../shared/api';
import { otherChannel } from '../shared/channel';
import { dayAndTime } from '../shared/format';
import { type Show, ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { RoomMedia } from '../shared/media';
import { Icon } from '../shared/ui/icons';
import { Brand, explain, LangSwitch } from '../shared/ui/parts';
import { Thumb } from '../shared/ui/thumb';
import { t } from './words';

const REFRESH_MS = 15_000;
const PLACES_SHOWN = 8;

function Status({ show }: { show: Show }) {
  if (show.state === ShowState.LIVE) return <span class="tag red"><i class="live-dot" />{t('live')}</span>;
  return show.state === ShowState.ENDED ? <span class="tag">{t('ended')}</span> : <span class="tag gold">{t('starts', { t: dayAndTime(show.startsMs) })}</span>;
}

/** One of four colour schemes, always the same one for a show. */
function lookOf(show: Show): number {
  return [...show.id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 4;
}

/** The newest still of a live show, the poster of a past one; the drawn face where there is none. */
function Poster({ show, onRecorded }: { show: Show; onRecorded: () => void }) {
  const media = useMemo(() => new RoomMedia(show), [show.playlistUrl, show.isPrivate]);
  const [poster, setPoster] = useState('');
  const ended = show.state === ShowState.ENDED;
  useEffect(() => {
    if (ended) void media.recordings().then(async ([newest]) => {
      if (!newest) return;
      onRecorded();
      setPoster(await media.poster(newest.id));
    }).catch(() => {});
  }, [media, ended]);
  if (show.state === ShowState.LIVE) return <Thumb media={media} alt="" />;
  if (poster === '') return null;
  return <img class="thumb" src={poster} alt="" decoding="async" onError={() => setPoster('')} />;
}

function ShowCard({ show }: { show: Show }) {
  const [recorded, setRecorded] = useState(false);
  const places = [...new Set(show.segments.map((segment) => segment.regionName))];
  return (
    <li>
      <a class={`card look-${lookOf(show)} ${show.state === ShowState.LIVE ? 'is-live' : ''}`} href={`/watch/${encodeURIComponent(show.roomId)}`} data-testid={`show-${show.id}`}>
        <div class="card-face">
          <Poster show={show} onRecorded={() => setRecorded(true)} />
          <Status show={show} />
          <h3>{show.title}</h3>
          <p class="places">{places.slice(0, PLACES_SHOWN).join(' ')}{places.length > PLACES_SHOWN && ' …'}</p>
        </div>
        <div class="card-foot">
          <span class="one-line">{show.organisationName}</span>
          {places.length > 1 && <span class="quiet">{t('places', { n: places.length })}</span>}
          {otherChannel(show) && <span class="tag gold">{otherChannel(show)}</span>}
          {show.practice && <span class="tag leaf">{t('practice')}</span>}
          {show.isPrivate && !show.practice && <span class="tag leaf">{t('private')}</span>}
          {recorded && <span class="enter">{t('replay')} ›</span>}
          {show.state === ShowState.LIVE && <span class="enter">{t('enter')} ›</span>}
        </div>
      </a>
    </li>
  );
}

function Group({ title, shows, large = false }: { title: string; shows: readonly Show[]; large?: boolean }) {
  if (shows.length === 0) return null;
  return <section><h2>{title}</h2><ul class={`cards ${large ? 'large' : ''}`}>{shows.map((show) => <ShowCard key={show.id} show={show} />)}</ul></section>;
}

export function App() {
  const [shows, setShows] = useState<readonly Show[]>();
  const [failure, setFailure] = useState<unknown>();
  const load = () => api.shows().then((list) => { setShows(list); setFailure(undefined); }, setFailure);
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    document.title = t('title');
  });
  const of = (...states: ShowState[]) => (shows ?? []).filter((show) => states.includes(show.state));
  return (
    <div class="home">
      <header class="head"><Brand /><span class="grow" /><a class="link" href="/operator">{t('operator')}</a><LangSwitch /></header>
      <div class="hero"><h1>{t('slogan')}</h1><p>{t('sub')}</p></div>
      <main>
        {!shows && failure === undefined && <div class="empty"><span class="spinner" /></div>}
        {!shows && failure !== undefined && (
          <div class="empty"><Icon name="live" /><h2>{t('failed')}</h2><p>{explain(failure)}</p><button class="button" type="button" onClick={() => void load()}>{t('again')}</button></div>
        )}
        {shows?.length === 0 && <div class="empty"><Icon name="live" /><h2>{t('none')}</h2><p>{t('noneHint')}</p></div>}
        <Group title={t('live')} shows={of(ShowState.LIVE)} large />
        <Group title={t('planned')} shows={of(ShowState.PLANNED, ShowState.UNSPECIFIED)} />
        <Group title={t('ended')} shows={of(ShowState.ENDED)} />
      </main>
    </div>
  );
}
