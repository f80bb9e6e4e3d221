// The state of the incoming stream: figures, what to do about them, the recording, the backup encoder.
import { useServerNow } from '../shared/clock';
import { adviceOn, adviceWords, recordName, seconds } from '../shared/advice';
import { bitrate, bytes, count, timeOfDay } from '../shared/format';
import { type StreamState, StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import { useBusy } from '../shared/ui/parts';
import type { HostDesk } from './model';
import { t } from './words';

function statusWords(stream: StreamState | undefined): { words: string; look: string; name: string } {
  if (stream?.status === StreamStatus.LIVE) return { words: t('statusLive'), look: 'leaf', name: 'live' };
  if (stream?.status === StreamStatus.RECONNECTING) return { words: t('statusReconnecting'), look: 'gold', name: 'reconnecting' };
  return { words: t('statusOffline'), look: '', name: 'offline' };
}

function Figure({ name, value, testid, tip }: { name: string; value: string; testid?: string; tip?: string }) {
  return <div title={tip}><dt>{name}</dt><dd class="number" data-testid={testid}>{value}</dd></div>;
}

function Figures({ desk, stream }: { desk: HostDesk; stream: StreamState }) {
  const now = useServerNow(desk.socket.clock, 1000);
  // The report says how old the packet was when it was made.
  const age = Number(stream.packetAgeMs) + Math.max(0, now - Number(stream.atMs));
  return (
    <>
      <dl class="health-figures">
        <Figure name={t('bitrate')} value={bitrate(stream.bitrateBps)} testid="health-bitrate" />
        <Figure name={t('fps')} value={`${stream.fps.toFixed(0)} fps`} />
        <Figure name={t('size')} value={`${stream.width}×${stream.height}`} />
        <Figure name={t('keyFrames')} value={t('everyS', { s: seconds(stream.keyFrameIntervalMs) })} testid="health-key-frames" />
        <Figure name={t('skew')} tip={t('skewTip')} value={t('ms', { n: String(stream.avSkewMs) })} />
        <Figure name={t('repaired')} tip={t('repairedTip')} value={count(stream.repairedTimestamps)} />
        <Figure name={t('dropped')} tip={t('droppedTip')} value={count(stream.droppedFrames)} />
        <Figure name={t('packetAge')} value={t('agoS', { s: (age / 1000).toFixed(1) })} />
      </dl>
      <p class="quiet number" data-testid="health-as-of">{t('healthAsOf', { t: timeOfDay(stream.atMs, true) })}</p>
    </>
  );
}

function Recording({ stream }: { stream: StreamState | undefined }) {
  const name = recordName(stream);
  const record = stream?.record;
  if (name === 'off' || !record) return null;
  return (
    <p class={`record ${name}`} data-testid="record" data-state={name}>
      <span class={`tag ${name === 'recording' ? 'red' : 'gold'}`}>{name === 'recording' && <i class="live-dot" />}{t(name === 'recording' ? 'recording' : 'recordFailing')}</span>
      <span class="number">{bytes(record.bytes)}</span>
      {record.lostMs > 0n && <span class="number lost">{t('recordLost', { s: seconds(record.lostMs) })}</span>}
      <span class="quiet number">{t('diskFree', { b: bytes(record.diskFreeBytes) })}</span>
    </p>
  );
}

function Backup({ desk, stream }: { desk: HostDesk; stream: StreamState | undefined }) {
  const [busy, run] = useBusy();
  if (!stream?.onBackup && !stream?.backupReady) return null;
  return (
    <p class="record" data-testid="backup" data-state={stream.onBackup ? 'on-air' : 'ready'}>
      <span class={`tag ${stream.onBackup ? 'gold' : 'leaf'}`}>{t(stream.onBackup ? 'backupOnAir' : 'backupReady')}</span>
      {stream.onBackup && desk.mayHost.value && <button class="button plain small" type="button" data-testid="give-back" title={t('giveBackHint')} disabled={busy} onClick={() => run(() => desk.giveBack())}>{t('giveBack')}</button>}
    </p>
  );
}

export function Signal({ desk }: { desk: HostDesk }) {
  const stream = desk.stream.value;
  const { words, look, name } = statusWords(stream);
  return (
    <section class="health" aria-label={t('health')}>
      <div class="row"><h3 class="grow">{t('health')}</h3><span class={`tag ${look}`} data-testid="stream-status" data-state={name}>{words}</span></div>
      {stream?.status === StreamStatus.LIVE && <Figures desk={desk} stream={stream} />}
      {adviceOn(stream).map((line) => <p key={line} class={`notice ${line === 'OK' ? 'good' : ''}`} data-testid="advice" data-advice={line}>{adviceWords(line, stream)}</p>)}
      <Recording stream={stream} />
      <Backup desk={desk} stream={stream} />
    </section>
  );
}
