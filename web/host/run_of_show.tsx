// The segments in their order; one tap starts the next host.
import type { Segment } from '../shared/gen/livefair/v1/catalog_pb';
import { useBusy } from '../shared/ui/parts';
import type { HostDesk } from './model';
import { t } from './words';

function Step({ desk, segment }: { desk: HostDesk; segment: Segment }) {
  const [busy, run] = useBusy();
  const now = desk.room.segmentId.value === segment.id;
  return (
    <li>
      <button class={`step ${now ? 'now' : ''}`} type="button" data-testid={`segment-${segment.id}`} aria-pressed={now} title={now ? t('segmentNow') : t('segmentStart')}
        disabled={busy || !desk.maySell.value} onClick={() => !now && run(() => desk.startSegment(segment.id))}>
        <span class="step-place"><b class="number">{segment.position}</b><span class="one-line">{segment.regionName}</span></span>
        <span class="one-line">{segment.hostName}</span>
      </button>
    </li>
  );
}

export function RunOfShow({ desk }: { desk: HostDesk }) {
  const segments = desk.room.state.value!.segments;
  return (
    <section class="panel run" aria-label={t('runOfShow')}>
      <h2>{t('runOfShow')}</h2>
      {segments.length === 0 ? <p class="quiet">{t('runEmpty')}</p> : <ol class="track">{segments.map((segment) => <Step key={segment.id} desk={desk} segment={segment} />)}</ol>}
    </section>
  );
}
