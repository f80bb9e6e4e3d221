// The card of what is being shown right now, and the strip of a running flash sale.
import { useServerNow } from '../shared/clock';
import { count, countdown, price, unitName, weight } from '../shared/format';
import { type Offer, OfferKind } from '../shared/gen/livefair/v1/catalog_pb';
import { isFlash, type SaleState, saleState } from '../shared/offer';
import { unitPrice } from '../shared/offer_terms';
import { saleName, saleNotes } from '../shared/sale_words';
import { termNotes } from '../shared/terms_words';
import { Icon } from '../shared/ui/icons';
import { Price } from '../shared/ui/parts';
import { ProductArt } from '../shared/ui/product_art';
import type { Viewer } from './model';
import { t } from './words';

const FEW_LEFT = 50n;

/** "新晃 · 每盒 3斤": where it comes from, and what one is. */
export function Facts({ offer }: { offer: Offer }) {
  const facts = [offer.originName, offer.netWeightG > 0n ? `${weight(offer.netWeightG)}/${unitName(offer.unit)}` : '']
    .concat(offer.ageMin > 0 ? t('adultsOnly', { n: offer.ageMin }) : '').filter(Boolean);
  return <p class="facts one-line">{facts.join(' · ')}</p>;
}

/** What one costs now, of as many as are bought at once, and what it costs without terms; the struck price only together with what it compares with. */
export function PriceLine({ offer, now, quantity = 1 }: { offer: Offer; now: number; quantity?: number }) {
  const fen = unitPrice(offer, BigInt(quantity), now);
  const struck = offer.listPriceFen > offer.priceFen && offer.listPriceBasis !== '';
  return (
    <p class="price-line" data-testid="price-now" data-fen={String(fen)}>
      <Price fen={fen} unit={offer.unit} />
      {fen < offer.priceFen && <span class="struck" title={t('usualPriceTip')}><s>{price(offer.priceFen)}</s> {t('usualPrice')}</span>}
      {struck && <span class="struck" title={t('basis', { basis: offer.listPriceBasis })}><s>{price(offer.listPriceFen)}</s> {offer.listPriceBasis}</span>}
    </p>
  );
}

export function Left({ offer }: { offer: Offer }) {
  const few = offer.left <= FEW_LEFT;
  return (
    <span class={`left ${few ? 'few' : ''}`} data-left={String(offer.left)}>
      {t(few ? 'left' : 'leftMany', { n: count(offer.left), unit: unitName(offer.unit) })}
    </span>
  );
}

/** Its terms, when it ships, what ends the sale, whether it comes back. */
export function Notes({ offer, state, now }: { offer: Offer; state: SaleState; now: number }) {
  const notes = [...termNotes(offer, now), ...saleNotes(offer, state)];
  return notes.length > 0 ? <p class="left">{notes.join(' · ')}</p> : null;
}

/** The button says what can be done now; only an open offer can be bought. */
export function BuyButton({ viewer, offer, testid }: { viewer: Viewer; offer: Offer; testid: string }) {
  const now = useServerNow(viewer.socket.clock);
  const state = saleState(offer, now);
  const words = {
    open: t('buy'),
    notToday: saleName('notToday'),
    soldOut: saleName('soldOut'),
    soon: countdown(Number(offer.openMs) - now),
    later: saleName('later'),
    closed: saleName('closed'),
  };
  return (
    <button class="button small buy" type="button" data-testid={testid} data-state={state} disabled={state !== 'open'}
      aria-label={`${words[state]} ${offer.title}`} onClick={() => viewer.startBuying(offer)}>{words[state]}</button>
  );
}

function Bars() {
  return <i class="bars" aria-hidden="true"><i /><i /><i /></i>;
}

export function PinnedCard({ viewer }: { viewer: Viewer }) {
  const offer = viewer.room.pinned.value;
  const now = useServerNow(viewer.socket.clock);
  if (!offer) return null;
  const state = saleState(offer, now);
  return (
    <article class="pinned" key={offer.id} data-testid="pinned-card" data-offer={offer.id}>
      <div class="pinned-art"><ProductArt offer={offer} size={84} /><b class="ribbon"><Bars />{t('explaining')}</b></div>
      <div class="pinned-body">
        <h3 class="one-line"><b class="no number">{t('number', { n: offer.number })}</b><span data-testid="pinned-title">{offer.title}</span></h3>
        <Facts offer={offer} />
        <div class="pinned-foot">
          <div>
            <PriceLine offer={offer} now={now} />
            {state === 'open' && <Left offer={offer} />}
            {state === 'soon' && <span class="left">{t('opensIn', { t: countdown(Number(offer.openMs) - now) })}</span>}
            <Notes offer={offer} state={state} now={now} />
          </div>
          <BuyButton viewer={viewer} offer={offer} testid="buy" />
        </div>
      </div>
    </article>
  );
}

/** One line above the chat for the flash sale that runs or opens next. */
export function FlashStrip({ viewer }: { viewer: Viewer }) {
  const now = useServerNow(viewer.socket.clock);
  const flash = viewer.offers.value.find((offer) => isFlash(offer) && ['open', 'soon'].includes(saleState(offer, now)));
  if (!flash) return null;
  const open = saleState(flash, now) === 'open';
  const untilMs = Number(open ? flash.closeMs : flash.openMs) - now;
  return (
    <button class="flash-strip" type="button" data-testid="flash-strip" onClick={() => viewer.startBuying(flash)} disabled={!open}>
      <Icon name="bolt" size={18} filled />
      <strong>{t('flash')}</strong>
      <span class="one-line grow">{flash.title}{flash.kind === OfferKind.FLASH && ` ${price(unitPrice(flash, 1n, now))}`}</span>
      {(!open || flash.closeMs > 0n) && <span class="number">{open ? t('endsIn', { t: countdown(untilMs) }) : t('opensIn', { t: countdown(untilMs) })}</span>}
    </button>
  );
}
