// Which show a panel is about: what was picked in it, else the one chosen on the wall, else the first.
import { useRef, useState } from 'preact/hooks';
import { titleWithChannel } from '../shared/channel';
import type { Show } from '../shared/gen/livefair/v1/catalog_pb';
import type { Wall } from './model';
import { t } from './words';

interface PickedShow {
  show: Show | undefined;
  shows: readonly Show[];
  pick: (id: string) => void;
}

/** `fits`: which shows the panel is for. */
export function usePickedShow(wall: Wall, fits: (show: Show) => boolean = () => true): PickedShow {
  const [picked, pick] = useState('');
  const shows = wall.allShows.value.filter(fits);
  // The first at first: a show that goes live later must not take the place of the one that somebody works on.
  const first = useRef('');
  first.current ||= shows[0]?.id ?? '';
  const of = (wanted: string) => shows.find(({ id }) => id === wanted);
  const show = of(picked) ?? of(wall.chosen.value) ?? of(first.current) ?? shows[0];
  return { show, shows, pick };
}

export function ShowSelect({ of: { show, shows, pick }, testid }: { of: PickedShow; testid: string }) {
  return (
    <select aria-label={t('tShow')} data-testid={testid} value={show?.id ?? ''} onChange={(event) => pick(event.currentTarget.value)}>
      {shows.map((each) => <option key={each.id} value={each.id}>{titleWithChannel(each)}</option>)}
    </select>
  );
}
