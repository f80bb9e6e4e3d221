// What leads to a quote: an organisation's purchase intents, agreements between a supplier and a buyer.
import { count, dayAndTime, yuan } from '../shared/format';
import { AgreementState, IntentState, type PurchaseIntent, type SupplyAgreement } from '../shared/gen/livefair/v1/bulk_pb';
import { nameIn } from './bulk';
import { bulkApi } from './bulk_api';
import { ChangeButton, choices, type PartProps, Section } from './bulk_parts';
import { t } from './bulk_words';
import { countOf, dayOf, fenOf, timeOf } from './fields';

const INTENT_LOOKS = {
  [IntentState.UNSPECIFIED]: ['intentOpen', ''],
  [IntentState.OPEN]: ['intentOpen', 'gold'],
  [IntentState.CONVERTED]: ['converted', 'leaf'],
  [IntentState.WITHDRAWN]: ['withdrawn', ''],
} as const;

function IntentRow({ desk, book, intent }: PartProps & { intent: PurchaseIntent }) {
  const [words, look] = INTENT_LOOKS[intent.state] ?? INTENT_LOOKS[IntentState.UNSPECIFIED];
  return (
    <li class="desk-row" data-testid={`intent-${intent.id}`} data-state={IntentState[intent.state]}>
      <div class="grow"><b>{nameIn(book.organisations, intent.organisationId)}</b> · {nameIn(book.products, intent.productId)} × {count(intent.count)}{intent.hopedPriceFen > 0n && ` · ${t('hoped', { y: yuan(intent.hopedPriceFen) })}`}
        <small class="number quiet">{dayAndTime(intent.madeMs)}{intent.note && ` · ${intent.note}`}{intent.orderId && ` · ${intent.orderId}`}</small></div>
      <span class={`tag ${look}`}>{t(words)}</span>
      {intent.state === IntentState.OPEN && <ChangeButton words={t('cancel')} testid={`intent-withdraw-${intent.id}`} look="plain" sure={t('withdrawSure')} change={() => desk.change(book.show, bulkApi.withdrawIntent(book.show, intent.id))} />}
    </li>
  );
}

export function Intents({ desk, book }: PartProps) {
  const make = async (values: Record<'organisationId' | 'productId' | 'count' | 'price' | 'note', string>) => {
    const { organisationId, productId, note } = values;
    const intent = { organisationId, productId, note: note.trim(), count: countOf(values.count), hopedPriceFen: values.price ? fenOf(values.price) : 0n };
    await desk.change(book.show, desk.ids.ask('intent', (id) => bulkApi.makeIntent(book.show, { ...intent, id })));
    return t('done', { what: t('intents') });
  };
  return (
    <Section title={t('intents')} testid="intent" submit={t('save')} onSubmit={make} fields={[
      { key: 'organisationId', name: t('organisation'), required: true, options: choices(book.organisations) },
      { key: 'productId', name: t('product'), required: true, options: choices(book.products) },
      { key: 'count', name: t('count'), kind: 'number', required: true, max: 10 },
      { key: 'price', name: t('hopedPrice'), kind: 'money', max: 16 },
      { key: 'note', name: t('note') },
    ]}>
      {book.intents.length === 0 && <p class="quiet">{t('none')}</p>}
      <ul class="desk-list">{book.intents.map((intent) => <IntentRow key={intent.id} desk={desk} book={book} intent={intent} />)}</ul>
    </Section>
  );
}

const AGREEMENT_LOOKS = {
  [AgreementState.UNSPECIFIED]: ['draft', ''],
  [AgreementState.DRAFT]: ['draft', ''],
  [AgreementState.SIGNED]: ['signed', 'gold'],
  [AgreementState.CONVERTED]: ['converted', 'leaf'],
  [AgreementState.ENDED]: ['ended', ''],
} as const;

function AgreementRow({ desk, book, made }: PartProps & { made: SupplyAgreement }) {
  const [words, look] = AGREEMENT_LOOKS[made.state] ?? AGREEMENT_LOOKS[AgreementState.UNSPECIFIED];
  const isRunning = made.state === AgreementState.DRAFT || made.state === AgreementState.SIGNED;
  return (
    <li class="desk-row" data-testid={`agreement-${made.id}`} data-state={AgreementState[made.state]}>
      <div class="grow"><b>{nameIn(book.organisations, made.supplierId)} → {nameIn(book.organisations, made.buyerId)}</b> · {nameIn(book.products, made.productId)} × {count(made.count)} · {yuan(made.unitPriceFen)}
        <small class="number quiet">{dayOf(made.fromMs)} – {dayOf(made.untilMs)}{made.note && ` · ${made.note}`}{made.orderId && ` · ${made.orderId}`}</small></div>
      <span class={`tag ${look}`}>{t(words)}</span>
      {isRunning && (
        <span class="desk-buttons">
          {made.state === AgreementState.DRAFT && <ChangeButton words={t('sign')} testid={`agreement-sign-${made.id}`} look="leaf" change={() => desk.change(book.show, bulkApi.signAgreement(made.id))} />}
          <ChangeButton words={t('end')} testid={`agreement-end-${made.id}`} look="plain" sure={t('withdrawSure')} change={() => desk.change(book.show, bulkApi.endAgreement(made.id))} />
        </span>
      )}
    </li>
  );
}

export function Agreements({ desk, book }: PartProps) {
  const make = async (values: Record<'supplierId' | 'buyerId' | 'productId' | 'count' | 'price' | 'from' | 'until' | 'note', string>) => {
    const { supplierId, buyerId, productId, note } = values;
    const agreement = { supplierId, buyerId, productId, note: note.trim(), count: countOf(values.count), unitPriceFen: fenOf(values.price), fromMs: timeOf(values.from), untilMs: timeOf(values.until) };
    await desk.change(book.show, desk.ids.ask('agreement', (id) => bulkApi.makeAgreement({ ...agreement, id })));
    return t('done', { what: t('agreements') });
  };
  return (
    <Section title={t('agreements')} testid="agreement" submit={t('save')} onSubmit={make} fields={[
      { key: 'supplierId', name: t('supplier'), required: true, options: book.suppliers.map(({ organisationId, organisationName }) => [organisationId, organisationName] as const) },
      { key: 'buyerId', name: t('organisation'), required: true, options: choices(book.organisations) },
      { key: 'productId', name: t('product'), required: true, options: choices(book.products) },
      { key: 'count', name: t('count'), kind: 'number', required: true, max: 10 },
      { key: 'price', name: t('unitPrice'), kind: 'money', required: true, max: 16 },
      { key: 'from', name: t('from'), kind: 'date', required: true },
      { key: 'until', name: t('until'), kind: 'date', required: true },
      { key: 'note', name: t('note') },
    ]}>
      {book.agreements.length === 0 && <p class="quiet">{t('none')}</p>}
      <ul class="desk-list">{book.agreements.map((made) => <AgreementRow key={made.id} desk={desk} book={book} made={made} />)}</ul>
    </Section>
  );
}
