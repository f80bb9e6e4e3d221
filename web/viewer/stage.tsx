// The picture, how far behind live it is, and what to say when there is none.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useServerNow } from '../shared/clock';
import { countdown, dayAndTime } from '../shared/format';
import { ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import { LivePlayer } from '../shared/player';
import { Icon } from '../shared/ui/icons';
import { FloatingHearts } from './likes';
import type { Viewer } from './model';
import { ReplayNote, WatchReplay } from './replay';
import { t } from './words';

const FAR_MS = 6_000;

function Latency({ player }: { player: LivePlayer }) {
  const behind = player.latencyMs.value;
  if (behind === undefined || player.status.value !== 'playing') return null;
  return (
    <div class="latency">
      <span class="pill live"><i class="live-dot" />{t('live')}</span>
      <span class="pill number" data-testid="latency" data-latency-ms={Math.round(behind)}>{t('behind', { s: (behind / 1000).toFixed(1) })}</span>
      {behind > FAR_MS && <button class="pill action" type="button" data-testid="jump-live" onClick={() => player.jumpToLive()}><Icon name="forward" size={14} />{t('toLive')}</button>}
    </div>
  );
}

function Sound({ player }: { player: LivePlayer }) {
  if (player.status.value === 'idle') return null;
  if (player.status.value === 'blocked') {
    return <button class="play-now" type="button" data-testid="play" onClick={() => player.unmute()}><Icon name="forward" size={28} />{t('play')}</button>;
  }
  return player.muted.value
    ? <button class="sound pill action" type="button" data-testid="unmute" onClick={() => player.unmute()}><Icon name="mute" size={16} />{t('soundOn')}</button>
    : <button class="sound pill" type="button" data-testid="mute" aria-label={t('mute')} onClick={() => player.toggleMuted()}><Icon name="sound" size={16} /></button>;
}

/** Who sells what is being shown, on the picture all the time; a tap gives the contact. */
function Seller({ viewer }: { viewer: Viewer }) {
  const name = viewer.room.pinned.value?.supplierName || viewer.room.state.value?.show.organisationName;
  if (!name) return null;
  return (
    <button class="seller pill" type="button" data-testid="sellers" onClick={() => (viewer.sheet.value = 'sellers')}>
      <Icon name="shop" size={14} /><span class="one-line">{t('seller')} {name}</span><span aria-hidden="true">›</span>
    </button>
  );
}

function Planned({ viewer }: { viewer: Viewer }) {
  const now = useServerNow(viewer.socket.clock, 500);
  const startsMs = Number(viewer.room.state.value?.show.startsMs ?? 0n);
  return (
    <div class="curtain" data-testid="not-started">
      <Icon name="clock" size={34} />
      <strong>{t('notStarted')}</strong>
      {startsMs > now ? <span class="number">{t('startsIn', { t: countdown(startsMs - now) })}</span> : startsMs > 0 && <span>{t('startsAt', { t: dayAndTime(startsMs) })}</span>}
    </div>
  );
}

/** What covers the picture; nothing while it plays. */
function Curtain({ viewer, player }: { viewer: Viewer; player: LivePlayer | undefined }) {
  const state = viewer.room.state.value;
  if (!state) return <div class="curtain"><span class="spinner" /><span>{t('joining')}</span></div>;
  if (viewer.isLive.value && state.show.state === ShowState.ENDED) {
    return <div class="curtain" data-testid="ended"><Icon name="check" size={34} /><strong>{t('ended')}</strong><span>{t('endedHint')}</span><WatchReplay viewer={viewer} /></div>;
  }
  if (viewer.isLive.value && !viewer.onAir.value) {
    if (state.show.state === ShowState.PLANNED) return <Planned viewer={viewer} />;
    return <div class="curtain" data-testid="no-stream"><Icon name="live" size={34} /><strong>{t('waitingStream')}</strong></div>;
  }
  const status = player?.status.value;
  if (status === 'playing' || status === 'blocked') return null;
  const dropped = viewer.isLive.value && state.stream?.status === StreamStatus.RECONNECTING;
  return <div class="curtain thin" data-testid="buffering"><span class="spinner" /><span>{dropped ? t('streamDropped') : t('buffering')}</span></div>;
}

export function Stage({ viewer }: { viewer: Viewer }) {
  const video = useRef<HTMLVideoElement>(null);
  const [player, setPlayer] = useState<LivePlayer>();
  const [portrait, setPortrait] = useState(false);
  useEffect(() => {
    const made = new LivePlayer(video.current!, viewer.socket.clock);
    viewer.watchWith(made);
    setPlayer(made);
  }, []);
  useSignalEffect(() => {
    const source = viewer.source.value;
    if (!player) return;
    if (source) player.load(source);
    else player.stop();
  });
  useEffect(() => {
    const source = viewer.source.peek();
    if (player && source) player.load(source);
  }, [player]);
  const measure = () => setPortrait((video.current?.videoHeight ?? 0) > (video.current?.videoWidth ?? 0));
  return (
    <div class={`stage ${portrait ? 'portrait' : 'landscape'}`} onDblClick={() => viewer.like()}>
      <video ref={video} data-testid="video" data-fatal-errors={player?.fatalErrors.value ?? 0} playsInline onResize={measure} onLoadedMetadata={measure} controls={!viewer.isLive.value} aria-label={viewer.room.state.value?.show.title} />
      <Curtain viewer={viewer} player={player} />
      {player && viewer.isLive.value && <><Latency player={player} /><Sound player={player} /></>}
      <ReplayNote viewer={viewer} />
      <Seller viewer={viewer} />
      <FloatingHearts viewer={viewer} />
      {viewer.room.state.value?.show.practice && <p class="practice pill">{t('practice')}</p>}
    </div>
  );
}
