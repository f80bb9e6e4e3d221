// One order opened: what it is, where it goes, what happened to it, and what staff can do next.
import { useState } from 'preact/hooks';
import { count, dayAndTime, unitName, yuan } from '../shared/format';
import type { Show } from '../shared/gen/livefair/v1/catalog_pb';
import { type Order, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { Sheet, toast, useBusy } from '../shared/ui/parts';
import { ActionForm, type FormField } from './action_form';
import { bulkApi } from './bulk_api';
import { Consignees } from './consignees';
import { countOf, fenOf } from './fields';
import { t } from './order_words';
import { type Action, actionsOf, eventName, hasConsignees, isPaidOutside, type OrdersDesk } from './orders';
import { saveAs } from './save_as';

interface OrderProps {
  desk: OrdersDesk;
  order: Order;
  show: Show;
}

function Facts({ desk, order }: { desk: OrdersDesk; order: Order }) {
  const address = desk.address.value ?? order.address;
  const terms = order.terms;
  return (
    <dl class="facts">
      <div><dt>{t('amount')}</dt><dd class="number">{!hasConsignees(order) && `${yuan(order.unitPriceFen)} × ${count(order.quantity)}${unitName(order.unit)} = `}<b data-testid="order-amount" data-fen={String(order.amountFen)}>{yuan(order.amountFen)}</b></dd></div>
      {order.refundedFen > 0n && <div><dt>{t('refunded')}</dt><dd class="number" data-testid="order-refunded" data-fen={String(order.refundedFen)}>{yuan(order.refundedFen)}</dd></div>}
      {terms && terms.subsidyFen > 0n && <div><dt>{t('subsidy')}</dt><dd class="number">{yuan(terms.subsidyFen)}</dd></div>}
      {order.paidMs > 0n && <div><dt>{t('paidAt')}</dt><dd class="number">{dayAndTime(order.paidMs)}</dd></div>}
      {terms && terms.shipByMs > 0n && <div><dt>{t('shipBy')}</dt><dd class="number">{dayAndTime(terms.shipByMs)}</dd></div>}
      {order.lines.length > 1 && <div><dt>{t('goods')}</dt><dd>{order.lines.map((line) => `${line.title} × ${count(line.units)}`).join('、')}</dd></div>}
      {order.trackingNumber && <div><dt>{t('parcel')}</dt><dd class="number">{order.carrier} {order.trackingNumber}</dd></div>}
      {address?.recipient && <div><dt>{t('deliver')}</dt><dd data-testid="order-address" title={desk.address.value ? '' : t('masked')}>{address.recipient} <span class="number">{address.phone}</span> {address.regionName}{address.detail}</dd></div>}
    </dl>
  );
}

function History({ desk }: { desk: OrdersDesk }) {
  return (
    <ol class="history" aria-label={t('history')} data-testid="order-history">
      {desk.history.value.map((event, i) => (
        <li key={i} data-kind={event.kind}><time class="number quiet">{dayAndTime(event.atMs)}</time> <b>{eventName(event.kind)}</b> <span class="quiet">{[event.byName || t('bySystem'), event.why, event.kind.startsWith('refund_') ? '' : event.detail].filter(Boolean).join(' · ')}</span></li>
      ))}
    </ol>
  );
}

type Values = Record<'why' | 'carrier' | 'trackingNumber' | 'quantity' | 'amount' | 'reference', string>;

/** What is asked for before an action is taken. */
function fieldsOf(action: Action, order: Order, show: Show): FormField<keyof Values>[] {
  const why: FormField<'why'> = { key: 'why', name: t('why'), required: true };
  switch (action) {
    case 'ship':
    case 'correct':
      return [
        { key: 'carrier', name: t('carrier'), required: true, max: 30, value: order.carrier },
        { key: 'trackingNumber', name: t('trackingNumber'), hint: t('trackingHint'), required: true, max: 40, value: order.trackingNumber },
        { key: 'why', name: t('note'), required: false },
      ];
    case 'refund':
      return [
        { key: 'quantity', name: t('quantity'), hint: t('quantityHint', { n: count(order.quantity) }), kind: 'number', required: true, max: 12, value: '0' },
        { key: 'amount', name: t('refundYuan'), hint: t('refundYuanHint', { y: yuan(order.amountFen - order.refundedFen) }), kind: 'money', max: 16 },
        ...(isPaidOutside(order, show.channel) ? [{ key: 'reference' as const, name: t('reference'), required: true, max: 60 }] : []),
        why,
      ];
    case 'paid':
      return [{ key: 'reference', name: t('paidReference'), required: true, max: 60 }];
    default:
      return [why];
  }
}

/** Taken at once, without a form. */
const AT_ONCE: readonly Action[] = ['pack', 'certificate'];
const PLAIN: readonly Action[] = ['refund', 'look', 'release', 'certificate'];
const NOTES: Partial<Record<Action, 'doneHint' | 'lookHint' | 'refundHint' | 'releaseHint'>> = { done: 'doneHint', look: 'lookHint', refund: 'refundHint', release: 'releaseHint' };

/** Takes the action and says what came of it. */
async function act({ desk, order }: OrderProps, action: Action, values: Partial<Values>): Promise<string> {
  const { why = '', carrier = '', trackingNumber = '', quantity = '', amount = '', reference = '' } = values;
  switch (action) {
    case 'look':
      await desk.look(order, why);
      return t('looked');
    case 'paid':
      await desk.change(bulkApi.notePaid(order.showId, order.id, reference.trim()));
      return t('confirmed', { what: t(action) });
    case 'release':
      await desk.change(bulkApi.release(order.showId, order.id, why));
      return t('confirmed', { what: t(action) });
    case 'certificate':
      saveAs(`certificate-${order.id}.txt`, await bulkApi.certificate(order.showId, order.id));
      return t('confirmed', { what: t(action) });
    case 'refund': {
      const { state, amountFen } = await desk.refund(order, { quantity: countOf(quantity), amountFen: amount ? fenOf(amount) : 0n, why, reference });
      return t(state === RefundState.ASKED ? 'refundWaits' : 'refundAgreed', { y: yuan(amountFen) });
    }
    default:
      await desk.takeStep(order, action === 'correct' ? 'ship' : action, { why, carrier: carrier.trim(), trackingNumber: trackingNumber.trim() });
      return t('confirmed', { what: t(action) });
  }
}

export function OrderDetails(props: OrderProps) {
  const { desk, order, show } = props;
  const [action, setAction] = useState<Action>();
  const [busy, run] = useBusy();
  const take = async (chosen: Action, values: Partial<Values>) => {
    toast(await act(props, chosen, values));
    setAction(undefined);
  };
  return (
    <div class="order-details" data-testid="order-details">
      <Facts desk={desk} order={order} />
      {hasConsignees(order) && <Consignees order={order} />}
      <History desk={desk} />
      <div class="desk-buttons">
        {actionsOf(order).map((each) => (
          <button key={each} class={`button small ${PLAIN.includes(each) ? 'plain' : 'leaf'}`} type="button" data-testid={`order-${each}`} disabled={busy}
            onClick={() => (AT_ONCE.includes(each) ? run(() => take(each, {})) : setAction(each))}>{busy && AT_ONCE.includes(each) && <span class="spinner" />}{t(each)}</button>
        ))}
      </div>
      {action && (
        <Sheet title={t(action)} onClose={() => setAction(undefined)} testid="action-sheet">
          <ActionForm testid="action" submit={t(action)} fields={fieldsOf(action, order, show)} onSubmit={(values) => take(action, values)} {...(NOTES[action] ? { note: t(NOTES[action]) } : {})} />
        </Sheet>
      )}
    </div>
  );
}
