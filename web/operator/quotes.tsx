// Quotes of a bulk show: make one, withdraw it, order by it.
import { useState } from 'preact/hooks';
import { count, timeOfDay, yuan } from '../shared/format';
import { type Quote, QuoteState } from '../shared/gen/livefair/v1/bulk_pb';
import { OrderKind } from '../shared/gen/livefair/v1/order_pb';
import { Sheet, toast } from '../shared/ui/parts';
import { ActionForm } from './action_form';
import { consigneesOf, isOpenQuote, nameIn, openIntents, signedAgreements } from './bulk';
import { bulkApi } from './bulk_api';
import { ChangeButton, choices, type PartProps, Section } from './bulk_parts';
import { t } from './bulk_words';
import { countOf, dayOf, fenOf, timeOf } from './fields';

function stateOf(quote: Quote): { words: string; look: string } {
  if (quote.state === QuoteState.ORDERED) return { words: t('quoteOrdered'), look: 'leaf' };
  if (quote.state === QuoteState.WITHDRAWN) return { words: t('withdrawn'), look: '' };
  return isOpenQuote(quote, Date.now()) ? { words: t('quoteOpen'), look: 'gold' } : { words: t('quoteExpired'), look: '' };
}

interface OrderProps extends PartProps {
  quote: Quote;
  onClose: () => void;
}

function OrderSheet({ desk, book, quote, onClose }: OrderProps) {
  const send = async (values: Record<'count' | 'consignees' | 'invoiceTitle' | 'taxNumber', string>) => {
    const consignees = consigneesOf(values.consignees);
    const body = { count: countOf(values.count), consignees, invoiceTitle: values.invoiceTitle.trim(), taxNumber: values.taxNumber.trim() };
    const order = await desk.ids.ask(quote.id, (orderId) => bulkApi.orderByQuote(book.show, quote.id, { ...body, orderId }));
    toast(t('ordered', { id: order.id }));
    onClose();
    await desk.load(book.show);
  };
  return (
    <Sheet title={`${t('order')} · ${nameIn(book.organisations, quote.organisationId)}`} onClose={onClose} testid="quote-order-sheet">
      <ActionForm testid="quote-order" submit={t('order')} onSubmit={send} fields={[
        { key: 'count', name: t('orderCount'), kind: 'number', required: true, max: 10, value: String(quote.countMin) },
        { key: 'consignees', name: t('consignees'), hint: t('consigneesHint'), kind: 'area', required: true },
        { key: 'invoiceTitle', name: t('invoiceTitle'), max: 60 },
        { key: 'taxNumber', name: t('taxNumber'), max: 18 },
      ]} />
    </Sheet>
  );
}

function Row({ desk, book, quote, onOrder }: PartProps & { quote: Quote; onOrder: () => void }) {
  const { words, look } = stateOf(quote);
  return (
    <li class="desk-row" data-testid={`quote-${quote.id}`} data-state={QuoteState[quote.state]}>
      <div class="grow"><b>{nameIn(book.organisations, quote.organisationId)}</b> · {nameIn(book.offers, quote.offerId)} · {t(quote.kind === OrderKind.DONATION ? 'kindDonation' : 'kindBulk')}{quote.beneficiary && ` · ${quote.beneficiary}`}
        <small class="number quiet">{t('quoteLine', { price: yuan(quote.unitPriceFen), n: count(quote.countMin), t: `${dayOf(quote.validUntilMs)} ${timeOfDay(quote.validUntilMs)}` })}{quote.orderId && ` · ${t('orderId', { id: quote.orderId })}`}</small></div>
      <span class={`tag ${look}`}>{words}</span>
      {quote.state === QuoteState.OPEN && (
        <span class="desk-buttons">
          {isOpenQuote(quote, Date.now()) && <button class="button leaf small" type="button" data-testid={`quote-order-${quote.id}`} onClick={onOrder}>{t('order')}</button>}
          <ChangeButton words={t('cancel')} testid={`quote-withdraw-${quote.id}`} look="plain" sure={t('withdrawSure')} change={() => desk.change(book.show, bulkApi.withdrawQuote(book.show, quote.id))} />
        </span>
      )}
    </li>
  );
}

export function Quotes({ desk, book }: PartProps) {
  const [ordering, setOrdering] = useState<Quote>();
  const make = async (values: Record<'organisationId' | 'offerId' | 'kind' | 'price' | 'countMin' | 'validUntil' | 'beneficiary' | 'intentId' | 'agreementId', string>) => {
    const { organisationId, offerId, beneficiary, intentId, agreementId } = values;
    const quote = {
      organisationId, offerId, intentId, agreementId, beneficiary: beneficiary.trim(), kind: Number(values.kind), unitPriceFen: fenOf(values.price),
      countMin: countOf(values.countMin), validUntilMs: timeOf(values.validUntil),
    };
    await desk.change(book.show, desk.ids.ask('quote', (id) => bulkApi.makeQuote(book.show, { ...quote, id })));
    return t('done', { what: t('quotes') });
  };
  const none = ['', t('noneOf')] as const;
  return (
    <Section title={t('quotes')} testid="quote" submit={t('save')} onSubmit={make} fields={[
      { key: 'organisationId', name: t('organisation'), required: true, options: choices(book.organisations) },
      { key: 'offerId', name: t('offer'), required: true, options: choices(book.offers) },
      { key: 'kind', name: t('kind'), options: [[String(OrderKind.BULK), t('kindBulk')], [String(OrderKind.DONATION), t('kindDonation')]] },
      { key: 'price', name: t('unitPrice'), kind: 'money', required: true, max: 16 },
      { key: 'countMin', name: t('countMin'), kind: 'number', required: true, max: 10, value: '1' },
      { key: 'validUntil', name: t('validUntil'), kind: 'datetime-local', required: true },
      { key: 'beneficiary', name: t('beneficiary'), max: 60 },
      { key: 'intentId', name: t('intent'), options: [none, ...openIntents(book).map((intent) => [intent.id, `${nameIn(book.organisations, intent.organisationId)} · ${nameIn(book.products, intent.productId)} × ${count(intent.count)}`] as const)] },
      { key: 'agreementId', name: t('agreement'), options: [none, ...signedAgreements(book).map((made) => [made.id, `${nameIn(book.organisations, made.buyerId)} · ${nameIn(book.products, made.productId)} × ${count(made.count)}`] as const)] },
    ]}>
      {book.quotes.length === 0 && <p class="quiet">{t('none')}</p>}
      <ul class="desk-list">{book.quotes.map((quote) => <Row key={quote.id} desk={desk} book={book} quote={quote} onOrder={() => setOrdering(quote)} />)}</ul>
      {ordering && <OrderSheet desk={desk} book={book} quote={ordering} onClose={() => setOrdering(undefined)} />}
    </Section>
  );
}
