// Who looked at personal data, when and what for; to be read only.
import { useEffect, useState } from 'preact/hooks';
import { titleWithChannel } from '../shared/channel';
import { timeOfDay } from '../shared/format';
import type { PersonalLook } from '../shared/gen/livefair/v1/order_pb';
import { useBusy } from '../shared/ui/parts';
import { staffApi } from './api';
import { t } from './book_words';
import { dayOf } from './fields';
import { LooksDesk } from './looks';
import type { Wall } from './model';
import './desk.css';

const whatWords = (what: string) => (what === 'address' || what === 'ship_out' ? t(what) : what);

function LookRow({ wall, look }: { wall: Wall; look: PersonalLook }) {
  const show = wall.allShows.value.find(({ id }) => id === look.showId);
  return (
    <li class="desk-row wrap" data-testid={`look-${look.id}`} data-what={look.what}>
      <div class="grow"><b>{look.byName || look.byAccount}</b> · {whatWords(look.what)} · {look.why}
        <small class="number quiet">{dayOf(look.atMs)} {timeOfDay(look.atMs, true)} · {show ? titleWithChannel(show) : look.showId}{look.orderId && ` · ${look.orderId}`}</small></div>
    </li>
  );
}

export function LooksPanel({ wall }: { wall: Wall }) {
  const [desk] = useState(() => new LooksDesk(staffApi, () => wall.socket.clock.now()));
  const [busy, run] = useBusy();
  useEffect(() => run(() => desk.load()), []);
  const looks = desk.looks.value;
  return (
    <div class="desk" aria-busy={busy}>
      <div class="desk-bar">
        <button class="ghost" type="button" data-testid="looks-reload" disabled={busy} onClick={() => run(() => desk.load())}>{t('reload')}</button>
        {desk.asOfMs.value > 0 && <span class="as-of number" data-testid="looks-as-of">{t('asOf', { t: `${dayOf(desk.asOfMs.value)} ${timeOfDay(desk.asOfMs.value, true)}` })}</span>}
      </div>
      {desk.problem.value && <p class="lost" role="alert">{desk.problem.value}</p>}
      {looks?.length === 0 && <div class="empty"><p>{t('looksNone')}</p></div>}
      <ul class="desk-list" data-testid="looks">{looks?.map((look) => <LookRow key={String(look.id)} wall={wall} look={look} />)}</ul>
      {desk.hasMore.value && <button class="ghost" type="button" data-testid="looks-more" disabled={busy} onClick={() => run(() => desk.more())}>{t('looksMore')}</button>}
    </div>
  );
}
