// Which show a panel is about: what was picked in it, else the one chosen on the wall, else the first.
import { useState } from 'preact/hooks';
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
  const show = shows.find(({ id }) => id === picked) ?? shows.find(({ id }) => id === wall.chosen.value) ?? shows[0];
  return { show, shows, pick };
}

export function ShowSelect({ of: { show, shows, pick }, testid }: { of: PickedShow; testid: string }) {
  return (
    <select aria-label={t('tShow')} data-testid={testid} value={show?.id ?? ''} onChange={(event) => pick(event.currentTarget.value)}>
      {shows.map((each) => <option key={each.id} value={each.id}>{titleWithChannel(each)}</option>)}
    </select>
  );
}
