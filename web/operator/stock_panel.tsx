// The stock of a show, with a form that raises or lowers it while it sells.
import { useEffect, useState } from 'preact/hooks';
import { count, timeOfDay, unitName } from '../shared/format';
import { ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { Sheet, toast, useBusy } from '../shared/ui/parts';
import { ActionForm } from './action_form';
import { dayOf } from './fields';
import type { Wall } from './model';
import { ShowSelect, usePickedShow } from './show_select';
import { stockApi } from './stock_api';
import { t } from './stock_words';
import { changeOf, StockDesk, type StockLine, type Way } from './stocks';
import './desk.css';

function ChangeSheet({ desk, line, onClose }: { desk: StockDesk; line: StockLine; onClose: () => void }) {
  const send = async ({ way, amount, why }: Record<'way' | 'amount' | 'why', string>) => {
    await desk.change(line.stock, changeOf({ way: way as Way, amount, why }));
    toast(t('changed', { title: line.title }));
    onClose();
  };
  return (
    <Sheet title={`${t('change')} · ${line.title}`} onClose={onClose} testid="stock-sheet">
      <ActionForm testid="stock" submit={t('change')} note={t('changeHint', { n: count(line.left), unit: unitName(line.unit) })} onSubmit={send} fields={[
        { key: 'way', name: t('way'), options: [['raise', t('raise')], ['lower', t('lower')], ['allUnsold', t('allUnsold')]] },
        { key: 'amount', name: t('amount', { unit: unitName(line.unit) }), hint: t('amountHint'), kind: 'number', max: 12 },
        { key: 'why', name: t('why'), required: true, max: 120 },
      ]} />
    </Sheet>
  );
}

function StockRow({ line, onChange }: { line: StockLine; onChange: () => void }) {
  const { stock, title, unit, left } = line;
  return (
    <li class="desk-row" data-testid={`stock-${stock.id}`} data-total={String(stock.total)} data-left={String(left)}>
      <div class="grow"><b>{title}</b>
        <small class="number quiet">{t('figures', { total: count(stock.total), committed: count(stock.committed), left: count(left), unit: unitName(unit) })}</small></div>
      <button class="button plain small" type="button" data-testid={`stock-change-${stock.id}`} onClick={onChange}>{t('change')}</button>
    </li>
  );
}

export function StockPanel({ wall }: { wall: Wall }) {
  const [desk] = useState(() => new StockDesk(stockApi));
  const [opened, setOpened] = useState('');
  const [busy, run] = useBusy();
  const picked = usePickedShow(wall, ({ state }) => state !== ShowState.ENDED); // what an ended show has not sold was given back
  const show = picked.show?.id;
  useEffect(() => {
    if (show) void desk.load(show);
  }, [show]);
  if (!show) return <div class="empty"><p>{t('noShow')}</p></div>;
  const lines = desk.lines.value;
  const changed = lines?.find(({ stock }) => stock.id === opened);
  return (
    <div class="desk" aria-busy={busy}>
      <div class="desk-bar">
        <ShowSelect of={picked} testid="stock-show" />
        <button class="ghost" type="button" data-testid="stock-reload" disabled={busy} onClick={() => run(() => desk.load(show))}>{t('reload')}</button>
        {lines && <span class="as-of number" data-testid="stock-as-of">{t('asOf', { t: `${dayOf(desk.asOfMs.value)} ${timeOfDay(desk.asOfMs.value, true)}` })}</span>}
      </div>
      {desk.problem.value && <p class="lost" role="alert" data-testid="stock-problem">{desk.problem.value}</p>}
      {lines?.length === 0 && <div class="empty"><p>{t('none')}</p></div>}
      <ul class="desk-list">{lines?.map((line) => <StockRow key={line.stock.id} line={line} onChange={() => setOpened(line.stock.id)} />)}</ul>
      {changed && <ChangeSheet desk={desk} line={changed} onClose={() => setOpened('')} />}
    </div>
  );
}
