// Sales at an offline stall, entered one after the other: the stall stays filled in.
import { useState } from 'preact/hooks';
import { count, price, timeOfDay, yuan } from '../shared/format';
import type { Order } from '../shared/gen/livefair/v1/order_pb';
import { toast } from '../shared/ui/parts';
import { ActionForm } from './action_form';
import { bulkApi } from './bulk_api';
import type { PartProps } from './bulk_parts';
import { t } from './bulk_words';
import { countOf } from './fields';

const SHOWN = 10;

export function Stall({ desk, book }: PartProps) {
  const [entered, setEntered] = useState<readonly Order[]>([]);
  const [tag, setTag] = useState('');
  const enter = async (values: Record<'offerId' | 'count' | 'tag' | 'reference', string>) => {
    const sale = { offerId: values.offerId, count: countOf(values.count), tag: values.tag.trim(), reference: values.reference.trim() };
    const order = await desk.ids.ask('stall', (orderId) => bulkApi.enterStallOrder(book.show, { ...sale, orderId }));
    toast(t('entered', { title: order.title, n: count(order.quantity), y: yuan(order.amountFen) }));
    setTag(sale.tag);
    setEntered([order, ...entered].slice(0, SHOWN));
    await desk.load(book.show);
  };
  return (
    <section class="desk-part stall" aria-label={t('stall')}>
      <h3>{t('stall')}</h3>
      <ActionForm key={entered[0]?.id ?? ''} testid="stall" submit={t('enter')} note={t('stallHint')} onSubmit={enter} fields={[
        { key: 'offerId', name: t('offer'), required: true, options: book.offers.map((offer) => [offer.id, `${offer.number} · ${offer.title} · ${price(offer.priceFen)} · ${count(offer.left)}`] as const) },
        { key: 'count', name: t('count'), kind: 'number', required: true, max: 2, value: '1' },
        { key: 'tag', name: t('tag'), required: true, max: 30, value: tag },
        { key: 'reference', name: t('paidHow'), required: true, max: 60 },
      ]} />
      {entered.length > 0 && <h3>{t('enteredHere')}</h3>}
      <ul class="desk-list" data-testid="stall-entered">
        {entered.map((order) => <li key={order.id} class="desk-row"><span class="grow">{order.title} × {count(order.quantity)}<small class="number quiet">{timeOfDay(order.placedMs, true)} · {order.id}</small></span><b class="number">{yuan(order.amountFen)}</b></li>)}
      </ul>
    </section>
  );
}
