// One show's signal, compact: still, figures, advice, recording and pushes.
import { useMemo } from 'preact/hooks';
import { adviceOn, adviceWords, recordName, seconds } from '../shared/advice';
import { bitrate, count, timeOfDay } from '../shared/format';
import { PushStatus } from '../shared/gen/livefair/v1/media_pb';
import type { DashboardShow } from '../shared/gen/livefair/v1/socket_pb';
import { RoomMedia } from '../shared/media';
import { Thumb } from '../shared/ui/thumb';
import { t } from './words';

export function StreamLine({ item }: { item: DashboardShow }) {
  const { show, stream, counts } = item;
  const media = useMemo(() => (show ? new RoomMedia(show) : undefined), [show?.playlistUrl, show?.isPrivate]);
  if (!stream || stream.atMs === 0n || !media || !show) return null;
  const advice = adviceOn(stream).filter((name) => name !== 'OK');
  const record = recordName(stream);
  const pushed = stream.pushes.filter(({ status }) => status === PushStatus.LIVE).length;
  return (
    <div class="stream-line" data-testid="stream-line">
      <div class="stream-still"><Thumb media={media} alt={show.title} /></div>
      <div class="stream-facts">
        <p class="number">{bitrate(stream.bitrateBps)} · {stream.fps.toFixed(0)} fps · {t('keyFrames', { s: seconds(stream.keyFrameIntervalMs) })}</p>
        <p class="number">
          <span title={t('playersTip')}>{t('players', { n: count(counts?.players ?? 0n) })}</span>
          {record !== 'off' && <span class={record === 'failing' ? 'warn' : ''}> · {t(record === 'failing' ? 'recordFailing' : 'recording')}</span>}
          {stream.pushes.length > 0 && <span class={pushed < stream.pushes.length ? 'warn' : ''}> · {t('pushes', { n: pushed, of: stream.pushes.length })}</span>}
          {stream.onBackup && <span class="warn"> · {t('onBackup')}</span>}
        </p>
        {advice.slice(0, 2).map((name) => <p key={name} class="warn" data-testid="advice" data-advice={name}>{adviceWords(name, stream)}</p>)}
        <p class="stream-as-of number">{t('streamAsOf', { t: timeOfDay(stream.atMs, true) })}</p>
      </div>
    </div>
  );
}
