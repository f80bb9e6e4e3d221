// The signal: what comes in, what viewers see, and how to start sending.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { bitrate } from '../shared/format';
import { type StreamState, StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import { LivePlayer } from '../shared/player';
import { Icon } from '../shared/ui/icons';
import { CopyButton, useBusy } from '../shared/ui/parts';
import { adviceOn } from './health';
import type { HostDesk } from './model';
import { t } from './words';

function Preview({ desk }: { desk: HostDesk }) {
  const video = useRef<HTMLVideoElement>(null);
  const [player, setPlayer] = useState<LivePlayer>();
  const show = (url: string) => (url === '' ? player?.stop() : player?.load(url));
  useEffect(() => {
    video.current!.muted = true; // the host's own voice coming back would howl
    const made = new LivePlayer(video.current!, desk.socket.clock);
    desk.watchWith(made);
    setPlayer(made);
  }, []);
  useEffect(() => void show(desk.playlist.peek()), [player]);
  useSignalEffect(() => void show(desk.playlist.value));
  const behind = player?.latencyMs.value;
  return (
    <div class="preview">
      <video ref={video} playsInline muted data-testid="video" aria-label={t('preview')} />
      {desk.playlist.value === '' && <p class="preview-none"><Icon name="live" size={28} />{t('noPicture')}</p>}
      {behind !== undefined && <span class="preview-note number">{t('behind', { s: (behind / 1000).toFixed(1) })}</span>}
    </div>
  );
}

function statusWords(stream: StreamState | undefined): { words: string; look: string; name: string } {
  if (stream?.status === StreamStatus.LIVE) return { words: t('statusLive'), look: 'leaf', name: 'live' };
  if (stream?.status === StreamStatus.RECONNECTING) return { words: t('statusReconnecting'), look: 'gold', name: 'reconnecting' };
  return { words: t('statusOffline'), look: '', name: 'offline' };
}

function Health({ stream }: { stream: StreamState | undefined }) {
  const { words, look, name } = statusWords(stream);
  const advice = adviceOn(stream);
  const good = advice[0] === 'adviceOk';
  return (
    <section class="health" aria-label={t('health')}>
      <div class="row"><h3 class="grow">{t('health')}</h3><span class={`tag ${look}`} data-testid="stream-status" data-state={name}>{words}</span></div>
      {stream?.status === StreamStatus.LIVE && (
        <dl class="health-figures">
          <div><dt>{t('bitrate')}</dt><dd class="number">{bitrate(stream.bitrateBps)}</dd></div>
          <div><dt>{t('fps')}</dt><dd class="number">{stream.fps.toFixed(0)} fps</dd></div>
          <div><dt>{t('size')}</dt><dd class="number">{stream.width}×{stream.height}</dd></div>
          <div><dt>{t('keyFrames')}</dt><dd class="number">{t('everyS', { s: (Number(stream.keyFrameIntervalMs) / 1000).toFixed(1) })}</dd></div>
        </dl>
      )}
      {advice.map((line) => <p key={line} class={`notice ${good ? 'good' : ''}`}>{t(line)}</p>)}
    </section>
  );
}

function KeyField({ name, value, testid }: { name: string; value: string; testid: string }) {
  return (
    <div class="key-field"><span>{name}</span><code class="one-line" data-testid={testid}>{value}</code><CopyButton text={value} testid={`${testid}-copy`} /></div>
  );
}

function StreamKey({ desk }: { desk: HostDesk }) {
  const [busy, run] = useBusy();
  const key = desk.key.value;
  const create = () => {
    if (desk.room.state.value?.stream?.status === StreamStatus.LIVE && !confirm(t('keyReplaces'))) return;
    run(() => desk.createKey());
  };
  if (!desk.mayHost.value) return null;
  return (
    <section class="key" aria-label={t('goLive')}>
      <h3>{t('goLive')}</h3>
      <ol class="steps"><li>{t('step1')}</li><li>{t('step2')}
        {key && (
          <div class="key-box">
            <KeyField name={t('server')} value={key.rtmpUrl} testid="rtmp-url" />
            <KeyField name={t('key')} value={key.streamKey} testid="stream-key" />
            <p class="notice">{t('keyOnce')}</p>
          </div>
        )}
        <button class={`button small ${key ? 'plain' : 'leaf'}`} type="button" data-testid="create-key" disabled={busy} onClick={create}>{key ? t('newKey') : t('createKey')}</button>
      </li><li>{t('step3')}</li></ol>
    </section>
  );
}

export function GoLive({ desk }: { desk: HostDesk }) {
  return (
    <aside class="panel go-live">
      <Preview desk={desk} />
      <Health stream={desk.room.state.value?.stream} />
      <StreamKey desk={desk} />
    </aside>
  );
}
