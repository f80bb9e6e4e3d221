// Goods that a bulk show gives away.
import { consigneesOf } from './bulk';
import { bulkApi } from './bulk_api';
import { choices, type PartProps, Section } from './bulk_parts';
import { t } from './bulk_words';
import { countOf } from './fields';

export function Gifts({ desk, book }: PartProps) {
  const give = async ({ offerId, count, consignees, why }: Record<'offerId' | 'count' | 'consignees' | 'why', string>) => {
    const gift = { offerId, count: countOf(count), consignees: consigneesOf(consignees), why: why.trim() };
    const order = await desk.ids.ask('gift', (orderId) => bulkApi.giveAway(book.show, { ...gift, orderId }));
    await desk.load(book.show);
    return t('orderId', { id: order.id });
  };
  return (
    <Section title={t('gifts')} testid="gift" submit={t('give')} note={t('giftsHint')} onSubmit={give} fields={[
      { key: 'offerId', name: t('offer'), required: true, options: choices(book.offers) },
      { key: 'count', name: t('orderCount'), kind: 'number', required: true, max: 10 },
      { key: 'consignees', name: t('consignees'), hint: t('consigneesHint'), kind: 'area', required: true },
      { key: 'why', name: t('giftWhy'), required: true },
    ]}>
      <p class="quiet">{t('giftsHint')}</p>
    </Section>
  );
}
