// Totals of a show by what one asks for; a line opens to its orders.
import { Fragment } from 'preact';
import { useEffect } from 'preact/hooks';
import { count, dayAndTime, unitName, weight, yuan } from '../shared/format';
import type { SalesFigures } from '../shared/gen/livefair/v1/totals_pb';
import { say } from '../shared/i18n';
import { AsOfField, asOfWords } from './as_of';
import type { Wall } from './model';
import { ShowSelect, usePickedShow } from './show_select';
import { type Dimension, DIMENSIONS, lineName, type TotalsDesk } from './totals';
import { t } from './words';

const HEADS = [
  ['tOrders', 'tOrdersTip'],
  ['tUnits', 'tUnitsTip'],
  ['tWeight', 'tWeightTip'],
  ['tGross', 'tGrossTip'],
  ['tPaid', 'tPaidTip'],
  ['tRefunded', 'tRefundedTip'],
  ['tNet', 'tNetTip'],
  ['tBuyers', 'tBuyersTip'],
] as const;

function Cells({ of }: { of: SalesFigures }) {
  return (
    <>
      <td>{count(of.ordersPaid)} / {count(of.orders)}</td>
      <td>{count(of.unitsPaid - of.unitsRefunded)}{of.unit && ` ${unitName(of.unit)}`}</td>
      <td>{weight(of.weightPaidG - of.weightRefundedG)}</td>
      <td>{yuan(of.grossFen)}</td>
      <td>{yuan(of.paidFen)}</td>
      <td>{yuan(of.refundedFen)}</td>
      <td><b>{yuan(of.netFen)}</b></td>
    </>
  );
}

function Orders({ desk }: { desk: TotalsDesk }) {
  return (
    <>
      {desk.orders.value.map((order) => (
        <tr key={order.orderId} class="order" data-testid="totals-order">
          <th scope="row"><span class="one-line">{order.title}</span><small class="number">{order.orderId} · {dayAndTime(order.placedMs)}{order.regionName && ` · ${order.regionName}`}</small></th>
          <Cells of={order.figures!} /><td />
        </tr>
      ))}
      {desk.hasMore.value && <tr class="order"><td colSpan={9}><button class="ghost" type="button" data-testid="totals-more" onClick={() => void desk.more()}>{t('more')}</button></td></tr>}
    </>
  );
}

function Lines({ desk }: { desk: TotalsDesk }) {
  const totals = desk.totals.value!;
  const dimension = totals.dimension as Dimension;
  return (
    <div class="table-box">
      <table data-testid="totals-table">
        <thead><tr><th scope="col">{say(DIMENSIONS[dimension])}</th>{HEADS.map(([head, tip]) => <th scope="col" key={head}>{t(head)}<button class="tip" type="button" aria-label={t(tip)} data-tip={t(tip)}>?</button></th>)}</tr></thead>
        <tbody>
          {totals.lines.map((line) => (
            <Fragment key={line.key}>
              <tr data-key={line.key}>
                <th scope="row"><button class="line" type="button" data-testid="totals-line" aria-expanded={desk.opened.value === line.key} onClick={() => void desk.open(line.key)}>{lineName(dimension, line)}</button></th>
                <Cells of={line} /><td>{count(line.buyers)}{line.repeatBuyers > 0n && ` (${count(line.repeatBuyers)})`}</td>
              </tr>
              {desk.opened.value === line.key && <Orders desk={desk} />}
            </Fragment>
          ))}
        </tbody>
        {totals.show && <tfoot><tr data-testid="totals-sum" data-value={String(totals.show.netFen)}><th scope="row">{t('tAll')}</th><Cells of={totals.show} /><td>{count(totals.show.buyers)}{totals.show.repeatBuyers > 0n && ` (${count(totals.show.repeatBuyers)})`}</td></tr></tfoot>}
      </table>
    </div>
  );
}

function People({ desk }: { desk: TotalsDesk }) {
  const of = desk.people.value;
  if (!of) return null;
  return (
    <p class="totals-people number" title={t('tPeopleTip')} data-testid="totals-people">
      {t('tPeople', { repeat: count(of.show?.repeatBuyers ?? 0n), back: count(of.returningBuyers), views: count(of.views), people: count(of.people), suppliers: count(of.suppliers), households: count(of.householdsBenefited), benefited: count(of.peopleBenefited) })}
    </p>
  );
}

/** What the recounts after the shows' ends found. */
function Recounts({ wall }: { wall: Wall }) {
  const found = wall.recounts.value;
  if (found.length === 0) return null;
  const wrong = found.filter(({ differences }) => differences > 0n);
  return (
    <p class={`recounts ${wrong.length > 0 ? 'lost' : ''}`} role="status" data-testid="recounts" data-wrong={wrong.length}>
      {wrong.length === 0
        ? t('recountsGood', { n: found.length, t: dayAndTime(found[0]!.atMs) })
        : t('recountsBad', { title: wrong[0]!.title, n: String(wrong[0]!.differences), what: wrong[0]!.firstDifference, t: dayAndTime(wrong[0]!.atMs) })}
    </p>
  );
}

export function TotalsPanel({ wall }: { wall: Wall }) {
  const desk = wall.desk;
  const picked = usePickedShow(wall);
  const show = picked.show?.id ?? '';
  useEffect(() => {
    if (show) void desk.count(show);
  }, [show]);
  const totals = desk.totals.value;
  return (
    <section class="panel totals" aria-label={t('totals')}>
      <header>
        <h2>{t('totals')}</h2>
        <ShowSelect of={picked} testid="totals-show" />
        <select aria-label={t('tBy')} data-testid="totals-by" value={desk.dimension.value} onChange={(event) => void desk.count(show, event.currentTarget.value as Dimension)}>
          {Object.entries(DIMENSIONS).map(([key, name]) => <option key={key} value={key}>{say(name)}</option>)}
        </select>
        <AsOfField value={desk.asOfMs.value} testid="totals-moment" onChange={(asOfMs) => void desk.count(show, undefined, asOfMs)} />
        <button class="ghost" type="button" data-testid="totals-refresh" onClick={() => void desk.count(show)}>{t('tRefresh')}</button>
        {totals && <span class="as-of number" title={t('tAsOfTip')} data-testid="totals-as-of" data-settled={totals.settled}>{asOfWords(totals)}</span>}
      </header>
      <Recounts wall={wall} />
      {desk.problem.value && <p class="lost" role="alert">{desk.problem.value}</p>}
      <People desk={desk} />
      {totals && (totals.lines.length === 0 ? <div class="empty"><p>{t('tEmpty')}</p></div> : <Lines desk={desk} />)}
    </section>
  );
}
