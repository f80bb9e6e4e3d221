// The wall: totals above, live shows on the left, curves in the middle, rankings on the right.
import { useEffect } from 'preact/hooks';
import { titleWithChannel } from '../shared/channel';
import { count, countdown, shortNumber, timeOfDay, unitName, weight, yuan } from '../shared/format';
import { StreamStatus } from '../shared/gen/livefair/v1/media_pb';
import type { Total } from '../shared/gen/livefair/v1/order_pb';
import type { Counts } from '../shared/gen/livefair/v1/room_pb';
import type { DashboardShow } from '../shared/gen/livefair/v1/socket_pb';
import { Funds } from '../shared/ui/funds';
import { Icon } from '../shared/ui/icons';
import { Brand, LangSwitch, Toasts } from '../shared/ui/parts';
import { StaffGate } from '../shared/ui/staff_gate';
import { CataloguePanel } from './catalogue_panel';
import { CurvesPanel } from './curves_panel';
import { FoldedPanel } from './folded_panel';
import type { Wall } from './model';
import { StreamLine } from './stream_line';
import { TotalsPanel } from './totals_panel';
import { t } from './words';

const RANKED = 14;

interface FigureProps {
  name: string;
  tip: string;
  value: string;
  unit: string;
  testid: string;
  exact?: bigint;
  look?: string;
}

/** A total with its unit; what it means is a tap, a hover or a focus away. */
function Figure({ name, tip, value, unit, testid, exact, look = '' }: FigureProps) {
  return (
    <div class={`figure ${look}`}>
      <dt>{name}<button class="tip" type="button" aria-label={`${name}:${tip}`} data-tip={tip}>?</button></dt>
      <dd><span class="number" data-testid={testid} data-value={exact === undefined ? undefined : String(exact)}>{value}</span>{unit && <small> {unit}</small>}</dd>
    </div>
  );
}

function Figures({ wall }: { wall: Wall }) {
  const sum = wall.sum.value;
  const viewers = wall.viewers.value;
  return (
    <dl class="figures">
      <Figure look="main" name={t('paid')} tip={t('paidTip')} testid="paid-total" exact={sum.paidFen} value={yuan(sum.paidFen)} unit="" />
      <Figure name={t('ordersPaid')} tip={t('ordersPaidTip')} testid="orders-total" exact={sum.ordersPaid} value={count(sum.ordersPaid)} unit={t('ordersUnit')} />
      <Figure name={t('viewers')} tip={t('viewersTip')} testid="viewers-total" exact={viewers} value={count(viewers)} unit={t('viewersUnit')} />
      <Figure name={t('units')} tip={t('unitsTip')} testid="units-total" exact={sum.unitsPaid} value={count(sum.unitsPaid)} unit={t('unitsUnit')} />
      <Figure name={t('weight')} tip={t('weightTip')} testid="weight-total" exact={sum.weightPaidG} value={weight(sum.weightPaidG)} unit="" />
      <Figure name={t('reserved')} tip={t('reservedTip')} testid="reserved-total" exact={sum.reservedFen} value={yuan(sum.reservedFen)} unit="" />
      <Figure name={t('refunded')} tip={t('refundedTip')} testid="refunded-total" exact={sum.refundedFen} value={yuan(sum.refundedFen)} unit="" />
      <Figure name={t('net')} tip={t('netTip')} testid="net-total" exact={sum.paidFen - sum.refundedFen} value={yuan(sum.paidFen - sum.refundedFen)} unit="" />
      {sum.refundDueFen > 0n && <Figure name={t('refund')} tip={t('refundTip')} testid="refund-total" exact={sum.refundDueFen} value={yuan(sum.refundDueFen)} unit="" />}
    </dl>
  );
}

function StreamTag({ status }: { status: StreamStatus | undefined }) {
  if (status === StreamStatus.LIVE) return <span class="state on"><i class="live-dot" />{t('streamLive')}</span>;
  if (status === StreamStatus.RECONNECTING) return <span class="state warn"><i class="live-dot" />{t('streamReconnecting')}</span>;
  return <span class="state">{t('streamOff')}</span>;
}

/** Mean watch time of one person. */
function watchTime({ watchedMs, people }: Counts): string {
  return people > 0n ? countdown(Number(watchedMs / people)) : '-';
}

function ShowCard({ wall, item }: { wall: Wall; item: DashboardShow }) {
  const { show, totals, counts, stream, chatLines } = item;
  if (!show) return null;
  const room = encodeURIComponent(show.roomId);
  const chosen = wall.chosen.value === show.id;
  return (
    <article class={`show ${chosen ? 'chosen' : ''}`} data-testid={`show-${show.id}`}>
      <button class="show-pick" type="button" aria-pressed={chosen} aria-label={`${t('chosen')}:${show.title}`} onClick={() => wall.choose(show.id)}>
        <span class="show-head"><strong>{titleWithChannel(show)}</strong><StreamTag status={stream?.status} /></span>
        <span class="show-by">{show.organisationName}</span>
        <span class="show-figures">
          <span><b class="number" data-testid="show-viewers">{shortNumber(Number(counts?.viewers ?? 0n))}</b>{t('viewers')}</span>
          <span><b class="number">{count(totals?.show?.ordersPaid ?? 0n)}</b>{t('ordersPaid')}</span>
          <span><b class="number paid" data-testid="show-paid" data-value={String(totals?.show?.paidFen ?? 0n)}>{yuan(totals?.show?.paidFen ?? 0n)}</b>{t('paid')}</span>
        </span>
      </button>
      <StreamLine item={item} />
      <Funds show={show.id} />
      {counts && counts.views > 0n && (
        <p class="show-audience number" title={t('audienceTip')} data-testid="show-audience">
          {t('audience', { views: count(counts.views), people: count(counts.people), most: count(counts.viewersMost), watched: watchTime(counts), t: timeOfDay(counts.playersAsOfMs, true) })}
        </p>
      )}
      <p class="show-links"><span>{t('chatLines', { n: count(chatLines) })}</span><a href={`/watch/${room}`} target="_blank" rel="noreferrer">{t('watch')}</a><a href={`/host/${room}`} target="_blank" rel="noreferrer">{t('hostPage')}</a></p>
    </article>
  );
}

function Ranking({ title, lines, testid }: { title: string; lines: Total[]; testid: string }) {
  const top = Number(lines[0]?.paidFen ?? 0n);
  const paid = lines.filter((line) => line.paidFen > 0n || line.ordersPaid > 0n).slice(0, RANKED);
  return (
    <section class="panel ranking" aria-label={title}>
      <header><h2>{title}<button class="tip" type="button" aria-label={t('rankTip')} data-tip={t('rankTip')}>?</button></h2></header>
      {paid.length === 0 && <div class="empty"><p>{t('rankEmpty')}</p></div>}
      <table data-testid={testid}>
        <colgroup><col class="place" /><col /><col class="amount" /></colgroup>
        <thead class="unseen"><tr><th scope="col">{t('rank')}</th><th scope="col">{t('name')}</th><th scope="col">{t('amount')}</th></tr></thead>
        <tbody>
          {paid.map((line, i) => (
            <tr key={line.key} data-key={line.key}>
              <td class="place number">{i + 1}</td>
              <th scope="row"><span class="one-line">{line.name || line.key}</span><i class="gauge" style={{ width: `${top > 0 ? (Number(line.paidFen) / top) * 100 : 0}%` }} /></th>
              <td class="amount"><b class="number" data-value={String(line.paidFen)}>{yuan(line.paidFen)}</b><small class="number">{line.unit ? `${count(line.unitsPaid)} ${unitName(line.unit)}` : t('orders', { n: count(line.ordersPaid) })}</small></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Header({ wall }: { wall: Wall }) {
  return (
    <header class="top">
      <Brand /><h1>{t('title')}</h1>
      <p class="as-of number" title={t('asOfTip')} data-testid="as-of">{wall.asOfMs.value > 0 && t('asOf', { t: timeOfDay(wall.asOfMs.value, true) })}</p>
      {wall.chosen.value !== '' && <button class="ghost" type="button" data-testid="all-shows" onClick={() => wall.choose('')}>{t('allShows')}</button>}
      <button class="ghost" type="button" data-testid="sign-out" onClick={() => void wall.signOut()}>{wall.socket.account.value?.nickname} {t('signOut')}</button>
      <LangSwitch />
    </header>
  );
}

function Shows({ wall }: { wall: Wall }) {
  const shows = wall.dashboard.value!.shows;
  return (
    <section class="shows" aria-label={t('shows')}>
      <h2>{t('shows')} <span class="number">{shows.length}</span></h2>
      {shows.length === 0 && <div class="panel empty"><Icon name="live" /><p>{t('none')}</p><p>{t('noneHint')}</p></div>}
      {shows.map((item) => <ShowCard key={item.show?.id} wall={wall} item={item} />)}
    </section>
  );
}

export function App({ wall }: { wall: Wall }) {
  useEffect(() => {
    document.title = t('title');
  });
  if (!wall.greeted.value) return <main class="waiting"><span class="spinner" /></main>;
  if (!wall.mayIn.value) {
    const refused = wall.socket.account.value?.id ? { refused: t('notYours') } : {};
    return <><StaffGate title={t('title')} hint={t('gateHint')} prefix="operator" {...refused} onSignedIn={() => wall.socket.reconnect()} /><Toasts /></>;
  }
  if (!wall.dashboard.value) return <main class="waiting"><span class="spinner" /><p>{t('waiting')}</p></main>;
  return (
    <div class="wall">
      <Header wall={wall} />
      {wall.dashboard.value.answersAreRelaxed && <p class="lost" role="status" data-testid="relaxed">{t('relaxed')}</p>}
      {wall.socket.state.value !== 'open' && <p class="lost" role="status">{t('reconnecting')}</p>}
      <Figures wall={wall} />
      <main class="grid">
        <Shows wall={wall} />
        <CurvesPanel wall={wall} />
        <Ranking title={t('cities')} lines={wall.cities.value} testid="ranking-cities" />
        <Ranking title={t('products')} lines={wall.products.value} testid="ranking-products" />
      </main>
      <TotalsPanel wall={wall} />
      <FoldedPanel title={t('league')} hint={t('leagueHint')} testid="league-desk" wall={wall} load={async () => (await import('./league_panel')).LeaguePanel} />
      <FoldedPanel title={t('ordersDesk')} hint={t('ordersDeskHint')} testid="orders-desk" wall={wall} load={async () => (await import('./orders_panel')).OrdersPanel} />
      <FoldedPanel title={t('bulkDesk')} hint={t('bulkDeskHint')} testid="bulk-desk" wall={wall} load={async () => (await import('./bulk_panel')).BulkPanel} />
      <FoldedPanel title={t('stocks')} hint={t('stocksHint')} testid="stock-desk" wall={wall} load={async () => (await import('./stock_panel')).StockPanel} />
      <FoldedPanel title={t('statement')} hint={t('statementHint')} testid="statement-desk" wall={wall} load={async () => (await import('./statement_panel')).StatementPanel} />
      <FoldedPanel title={t('looks')} hint={t('looksHint')} testid="looks-desk" wall={wall} load={async () => (await import('./looks_panel')).LooksPanel} />
      <CataloguePanel />
      <Toasts />
    </div>
  );
}
