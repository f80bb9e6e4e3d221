// The buy sheet: how many, where to, how much; then the answer, which is final or still being asked for.
import { useState } from 'preact/hooks';
import { useServerNow } from '../shared/clock';
import { spoken } from '../shared/i18n';
import type { Offer } from '../shared/gen/livefair/v1/catalog_pb';
import { OrderState } from '../shared/gen/livefair/v1/order_pb';
import { quantityMax, saleState } from '../shared/offer';
import { unitPrice } from '../shared/offer_terms';
import { saleName } from '../shared/sale_words';
import { Icon } from '../shared/ui/icons';
import { Price, Sheet, toast } from '../shared/ui/parts';
import { ProductArt } from '../shared/ui/product_art';
import { AddressPicker } from './address';
import type { Purchase, Viewer } from './model';
import { OrderCard } from './orders';
import { BuyButton, Facts, Left, Notes, PriceLine } from './pinned';
import { t } from './words';

function Stepper({ value, max, onChange }: { value: number; max: number; onChange: (value: number) => void }) {
  return (
    <div class="stepper" role="group" aria-label={t('quantity')}>
      <button type="button" class="icon-button" data-testid="quantity-less" aria-label={t('less')} disabled={value <= 1} onClick={() => onChange(value - 1)}><Icon name="minus" size={18} /></button>
      <output class="number" data-testid="quantity">{value}</output>
      <button type="button" class="icon-button" data-testid="quantity-more" aria-label={t('more')} disabled={value >= max} onClick={() => onChange(value + 1)}><Icon name="plus" size={18} /></button>
    </div>
  );
}

function Order({ viewer, offer }: { viewer: Viewer; offer: Offer }) {
  const [wanted, setWanted] = useState(1);
  const [chosen, setChosen] = useState('');
  const [isAdult, setAdult] = useState(false);
  const now = useServerNow(viewer.socket.clock, 1000);
  const state = saleState(offer, now);
  const max = quantityMax(offer);
  const quantity = Math.min(wanted, max);
  const addressId = chosen || viewer.addresses.value?.[0]?.id || '';
  const submit = () => (addressId === '' ? toast(t('addressNeeded'), true) : viewer.place(offer, quantity, addressId, isAdult));
  const totalFen = unitPrice(offer, BigInt(quantity), now) * BigInt(quantity);
  const mayConfirm = state === 'open' && addressId !== '' && (offer.ageMin === 0 || isAdult);
  return (
    <div class="form">
      <div class="summary">
        <ProductArt offer={offer} size={88} />
        <div><h3>{offer.title}</h3><Facts offer={offer} /><PriceLine offer={offer} now={now} quantity={quantity} /><Left offer={offer} /><Notes offer={offer} state={state} now={now} /></div>
      </div>
      <div class="row"><span class="grow">{t('quantity')}{offer.limitPerBuyer > 0n && <span class="quiet"> · {t('limit', { n: String(offer.limitPerBuyer) })}</span>}</span><Stepper value={quantity} max={max} onChange={setWanted} /></div>
      <section class="form"><h3 class="small-title">{t('address')}</h3><AddressPicker viewer={viewer} chosen={addressId} onChoose={setChosen} /></section>
      {offer.ageMin > 0 && (
        <label class="row"><input type="checkbox" data-testid="of-age" checked={isAdult} onChange={(event) => setAdult(event.currentTarget.checked)} />{t('ofAge', { n: offer.ageMin })}</label>
      )}
      <div class="pay-bar">
        <span data-testid="buy-total" data-fen={String(totalFen)}>{t('total')} <Price fen={totalFen} /></span>
        <button class="button" type="button" data-testid="buy-confirm" disabled={!mayConfirm} onClick={submit}>{state === 'open' ? t('confirm') : saleName(state)}</button>
      </div>
    </div>
  );
}

function Result({ viewer, purchase, offer }: { viewer: Viewer; purchase: Purchase; offer: Offer | undefined }) {
  const { phase, answer, words, order } = purchase;
  const placed = viewer.orders.value.get(order.orderId);
  const paid = placed?.state === OrderState.PAID;
  if (phase === 'asking' || phase === 'unknown') {
    return (
      <div class="result" role="status" aria-live="assertive" data-testid="buy-result" data-phase={phase}>
        <span class="spinner" /><strong>{phase === 'asking' ? t('placing') : t('unknown')}</strong>{phase === 'unknown' && <p class="quiet">{t('unknownHint')}</p>}
      </div>
    );
  }
  if (phase === 'accepted') {
    return (
      <div class="result" data-testid="buy-result" data-phase={phase} role="status">
        <span class="seal good"><Icon name="check" size={30} /></span><strong>{paid ? t('paidDone') : t('accepted')}</strong>
        {answer && <p data-testid="buy-amount" data-fen={String(answer.amountFen)}>{t('total')} <Price fen={answer.amountFen} /></p>}
        {!paid && <p class="quiet">{t('holdHint')}</p>}
        {answer?.withoutGift && <p class="notice" data-testid="without-gift">{t('withoutGift')}</p>}
        {placed && <OrderCard viewer={viewer} order={placed} />}
      </div>
    );
  }
  return (
    <div class="result" data-testid="buy-result" data-phase={phase} role="status">
      <span class="seal"><Icon name="close" size={30} /></span><strong>{t('rejected')}</strong>
      <p>{words ?? (answer && spoken(answer))}</p>
      <div class="row">
        {offer && <BuyButton viewer={viewer} offer={offer} testid="buy-again" />}
        <button class="button plain small" type="button" onClick={() => (viewer.sheet.value = 'none')}>{t('backToLive')}</button>
      </div>
    </div>
  );
}

export function BuySheet({ viewer, onClose }: { viewer: Viewer; onClose: () => void }) {
  const offer = viewer.offer.value;
  const purchase = viewer.purchase.value;
  return (
    <Sheet title={t('buyTitle')} onClose={onClose} testid="buy-sheet">
      {purchase ? <Result viewer={viewer} purchase={purchase} offer={offer} /> : offer && <Order viewer={viewer} offer={offer} />}
    </Sheet>
  );
}
