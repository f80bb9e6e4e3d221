// Going live: what viewers see, the signal, the keys to send with, and where else it goes.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import { LivePlayer, type Source } from '../shared/player';
import { Icon } from '../shared/ui/icons';
import { CopyButton, useBusy } from '../shared/ui/parts';
import { Recordings } from '../shared/ui/recordings';
import type { HostDesk } from './model';
import { Pushes } from './pushes';
import { Signal } from './signal';
import { t } from './words';

function Preview({ desk }: { desk: HostDesk }) {
  const video = useRef<HTMLVideoElement>(null);
  const [player, setPlayer] = useState<LivePlayer>();
  const show = (source: Source | undefined) => (source ? player?.load(source) : player?.stop());
  useEffect(() => {
    video.current!.muted = true; // the host's own voice coming back would howl
    const made = new LivePlayer(video.current!, desk.socket.clock);
    desk.watchWith(made);
    setPlayer(made);
  }, []);
  useEffect(() => void show(desk.source.peek()), [player]);
  useSignalEffect(() => void show(desk.source.value));
  const behind = player?.latencyMs.value;
  return (
    <div class="preview">
      <video ref={video} playsInline muted data-testid="video" aria-label={t('preview')} />
      {!desk.source.value && <p class="preview-none"><Icon name="live" size={28} />{t('noPicture')}</p>}
      {behind !== undefined && <span class="preview-note number">{t('behind', { s: (behind / 1000).toFixed(1) })}</span>}
    </div>
  );
}

function KeyField({ name, value, testid }: { name: string; value: string; testid: string }) {
  return (
    <div class="key-field"><span>{name}</span><code class="one-line" data-testid={testid}>{value}</code><CopyButton text={value} testid={`${testid}-copy`} /></div>
  );
}

/** A second encoder, for instance a phone on another network: stands by and takes over when the first one stalls. */
function BackupKey({ desk }: { desk: HostDesk }) {
  const [busy, run] = useBusy();
  const key = desk.backupKey.value;
  return (
    <div class="key-box">
      {key && <><KeyField name={t('backupKey')} value={key.streamKey} testid="backup-key" /><p class="notice">{t('keyOnce')}</p></>}
      <button class="link" type="button" data-testid="create-backup-key" title={t('backupHint')} disabled={busy} onClick={() => run(() => desk.createBackupKey())}>{t(key ? 'newBackupKey' : 'createBackupKey')}</button>
    </div>
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
        <BackupKey desk={desk} />
      </li><li>{t('step3')}</li></ol>
    </section>
  );
}

export function GoLive({ desk }: { desk: HostDesk }) {
  return (
    <aside class="panel go-live">
      <Preview desk={desk} />
      <Signal desk={desk} />
      <StreamKey desk={desk} />
      <Pushes desk={desk} />
      {desk.mayHost.value && desk.media.value && <Recordings media={desk.media.value} />}
    </aside>
  );
}
