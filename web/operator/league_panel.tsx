// The organisations' league and the flags of a show, as of one moment.
import { useEffect, useState } from 'preact/hooks';
import { count, timeOfDay, yuan } from '../shared/format';
import type { League, SalesFlag } from '../shared/gen/livefair/v1/totals_pb';
import { spoken } from '../shared/i18n';
import { staffApi } from './api';
import { AsOfField } from './as_of';
import { dayOf, timeOf } from './fields';
import { LeagueDesk, percent } from './league';
import { t } from './league_words';
import type { Wall } from './model';
import { ShowSelect, usePickedShow } from './show_select';
import './desk.css';

const HEADS = ['members', 'orders', 'paid', 'refunded', 'net'] as const;

function LeagueTable({ league }: { league: League }) {
  return (
    <div class="table-box totals">
      <table data-testid="league-table">
        <thead><tr><th scope="col">{t('organisation')}</th>{HEADS.map((head) => <th key={head} scope="col">{t(head)}</th>)}
          <th scope="col" title={t('expectedTip')}>{t('expected')}</th><th scope="col" title={t('reachedTip')}>{t('reached')}</th></tr></thead>
        <tbody>
          {league.lines.map((line) => (
            <tr key={line.organisationId} data-key={line.organisationId}>
              <th scope="row">{line.place > 0 && <span class="number quiet" title={t('place')}>{line.place} </span>}{line.name}</th>
              <td>{line.members > 0n ? count(line.members) : '-'}</td><td>{count(line.orders)}</td><td>{yuan(line.paidFen)}</td><td>{yuan(line.refundedFen)}</td><td><b>{yuan(line.netFen)}</b></td>
              <td>{line.members > 0n ? yuan(line.expectedFen) : '-'}</td><td>{line.members > 0n ? percent(line.reachedPermille) : '-'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const flagName = (kind: string) => (kind === 'repeated_refunds' || kind === 'single_payer_bulk' ? t(kind) : kind);

function Flags({ flags }: { flags: readonly SalesFlag[] }) {
  return (
    <section class="desk-part" aria-label={t('flags')}>
      <h3>{t('flags')} <span class="number quiet">{flags.length}</span></h3>
      <p class="quiet">{t('flagsHint')}</p>
      <ul class="desk-list" data-testid="flags">
        {flags.map((flag) => (
          <li key={`${flag.kind} ${flag.accountId}`} class="desk-row wrap" data-kind={flag.kind}>
            <span class="tag gold">{flagName(flag.kind)}</span>
            <div class="grow">{t('buyer', { id: flag.accountId })}{flag.ordersPaid > 0n && ` · ${t('flagPaid', { n: count(flag.ordersPaid), y: yuan(flag.paidFen) })}`}{flag.refunds > 0n && ` · ${t('flagRefunded', { n: count(flag.refunds), y: yuan(flag.refundedFen) })}`}
              <small class="quiet">{spoken({ messageZh: flag.ruleZh, messageEn: flag.ruleEn })}</small></div>
          </li>
        ))}
      </ul>
      {flags.length === 0 && <p class="quiet">{t('flagsNone')}</p>}
    </section>
  );
}

export function LeaguePanel({ wall }: { wall: Wall }) {
  const [desk] = useState(() => new LeagueDesk(staffApi));
  const [ofShow, setOfShow] = useState(false);
  const [from, setFrom] = useState('');
  const [asOfMs, setAsOfMs] = useState(0n);
  const picked = usePickedShow(wall);
  const show = picked.show?.id ?? '';
  const ask = () => void desk.count({ show, ofShow, fromMs: from ? timeOf(from) : 0n, asOfMs });
  useEffect(() => {
    if (show) ask();
  }, [show, ofShow, from, asOfMs]);
  const league = desk.league.value;
  return (
    <div class="desk" aria-busy={desk.busy.value}>
      <div class="desk-bar">
        <ShowSelect of={picked} testid="league-show" />
        <select aria-label={t('scope')} data-testid="league-scope" value={ofShow ? 'show' : 'all'} onChange={(event) => setOfShow(event.currentTarget.value === 'show')}>
          <option value="all">{t('allShows')}</option><option value="show">{t('thisShow')}</option>
        </select>
        <label class="moment" title={t('fromTip')}>{t('from')} <input type="date" data-testid="league-from" value={from} onChange={(event) => setFrom(event.currentTarget.value)} /></label>
        <AsOfField value={asOfMs} testid="league-moment" onChange={setAsOfMs} />
        <button class="ghost" type="button" data-testid="league-refresh" disabled={desk.busy.value} onClick={ask}>{t('refresh')}</button>
        {league && <span class="as-of number" data-testid="league-as-of">{t('asOf', { t: `${dayOf(league.asOfMs)} ${timeOfDay(league.asOfMs, true)}` })}</span>}
      </div>
      {desk.problem.value && <p class="lost" role="alert">{desk.problem.value}</p>}
      {league && (
        <section class="desk-part" aria-label={t('league')}>
          <h3>{t('league')}</h3>
          <p class="quiet" data-testid="league-note">{spoken({ messageZh: league.noteZh, messageEn: league.noteEn })}</p>
          {league.lines.length === 0 ? <p class="quiet">{t('none')}</p> : <LeagueTable league={league} />}
        </section>
      )}
      {league && <Flags flags={desk.flags.value} />}
    </div>
  );
}
