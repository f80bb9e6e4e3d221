// Recordings of a room, and their MP4s for those who may take them away.
import { useEffect, useRef, useState } from 'preact/hooks';
import { bytes, countdown, dayAndTime } from '../format';
import { dictionary } from '../i18n';
import type { Recording, RoomMedia } from '../media';
import { toastError } from './parts';

const REFRESH_MS = 20_000;

const t = dictionary({
  title: ['录像', 'Recordings'],
  none: ['还没有录像，开始推流后自动录制', 'None yet: recording starts with the stream'],
  live: ['录制中', 'Recording'],
  lost: ['缺 {s} 秒', '{s} s missing'],
  download: ['下载 MP4', 'Download MP4'],
  making: ['正在生成 {n}%', 'Preparing {n}%'],
});

function Row({ media, recording }: { media: RoomMedia; recording: Recording }) {
  const [done, setDone] = useState<number>();
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const download = async () => {
    setDone(0);
    try {
      location.assign(await media.mp4(recording.id, setDone, abort.current.signal));
    } catch (error) {
      if (!abort.current.signal.aborted) toastError(error);
    }
    setDone(undefined);
  };
  return (
    <li data-testid={`recording-${recording.id}`}>
      <span class="grow"><b class="number">{dayAndTime(recording.startMs)}</b> <span class="quiet number">{countdown(recording.durationMs)} · {bytes(recording.bytes)}{recording.lostMs > 0 && ` · ${t('lost', { s: (recording.lostMs / 1000).toFixed(1) })}`}</span></span>
      {recording.live
        ? <span class="tag red"><i class="live-dot" />{t('live')}</span>
        : <button class="button plain small" type="button" data-testid={`download-${recording.id}`} data-progress={done} disabled={done !== undefined} onClick={() => void download()}>{done === undefined ? t('download') : t('making', { n: Math.round(done * 100) })}</button>}
    </li>
  );
}

export function Recordings({ media }: { media: RoomMedia }) {
  const [list, setList] = useState<readonly Recording[]>([]);
  useEffect(() => {
    const load = () => void media.recordings().then(setList, () => {});
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => clearInterval(timer);
  }, [media]);
  return (
    <section class="recordings" aria-label={t('title')}>
      <h3>{t('title')}</h3>
      {list.length === 0 ? <p class="quiet">{t('none')}</p> : <ul>{list.map((recording) => <Row key={recording.id} media={media} recording={recording} />)}</ul>}
    </section>
  );
}
