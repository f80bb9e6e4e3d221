// The shelf as the host works it: pin, open, close, flash sale, with stock left and sold so far.
import { useState } from 'preact/hooks';
import { useServerNow } from '../shared/clock';
import { count, countdown, unitName, weight } from '../shared/format';
import { type Offer, OfferKind, ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { isFlash, type SaleState, saleState } from '../shared/offer';
import { unitPrice } from '../shared/offer_terms';
import { saleName, saleNotes } from '../shared/sale_words';
import { termNotes } from '../shared/terms_words';
import { Funds } from '../shared/ui/funds';
import { Icon } from '../shared/ui/icons';
import { Price, Sheet, useBusy } from '../shared/ui/parts';
import { ProductArt } from '../shared/ui/product_art';
import type { HostDesk } from './model';
import { t } from './words';

const MINUTES = [1, 3, 5, 10, 20];

const LOOKS: Record<SaleState, string> = { open: 'leaf', notToday: 'gold', soldOut: 'rosy', soon: 'gold', later: '', closed: '' };

function StateTags({ offer, state, now }: { offer: Offer; state: SaleState; now: number }) {
  return (
    <>
      <span class={`tag ${LOOKS[state]}`} data-testid="offer-state" data-state={state}>{saleName(state)}</span>
      <span class="item-notes">{[...termNotes(offer, now), ...saleNotes(offer, state)].join(' · ')}</span>
    </>
  );
}

/** Units of the offer's product in the ledger; a bundle's products are counted on their own lines. */
function soldOf(desk: HostDesk, offer: Offer): string {
  const product = offer.lines.length === 1 ? offer.lines[0]!.productId : '';
  const line = desk.totals.value?.products.find((total) => total.key === product);
  if (product === '') return '—';
  return line ? count(line.unitsPaid + line.unitsReserved) : '0';
}

/** What was pinned last, whether or not the preview has reached that moment. */
function pinnedId(desk: HostDesk): string {
  return desk.room.state.value!.pins.at(-1)?.value.offerId ?? '';
}

function PinnedNow({ desk }: { desk: HostDesk }) {
  const [busy, run] = useBusy();
  const offer = desk.room.state.value!.offers.find(({ id }) => id === pinnedId(desk));
  if (!offer) return <p class="pinned-now quiet"><Icon name="pin" size={16} />{t('nothingPinned')}</p>;
  return (
    <p class="pinned-now on" data-testid="pinned-now" data-offer={offer.id}>
      <span class="tag red">{t('pinned')}</span><strong class="one-line">{offer.number} · {offer.title}</strong>
      <button class="button plain small" type="button" data-testid="unpin" disabled={busy} onClick={() => run(() => desk.pin(''))}>{t('unpin')}</button>
    </p>
  );
}

function Buttons({ desk, offer, state, onFlash }: { desk: HostDesk; offer: Offer; state: SaleState; onFlash: () => void }) {
  const [busy, run] = useBusy();
  const pinned = pinnedId(desk) === offer.id;
  const selling = state === 'open' || state === 'notToday' || state === 'soldOut' || state === 'soon';
  const close = () => confirm(t('closeSure', { title: offer.title })) && run(() => desk.closeOffer(offer));
  return (
    <div class="item-buttons">
      {pinned
        ? <span class="tag red">{t('pinned')}</span>
        : <button class="button plain small" type="button" data-testid={`pin-${offer.id}`} disabled={busy} onClick={() => run(() => desk.pin(offer.id))}><Icon name="pin" size={15} />{t('pin')}</button>}
      {desk.maySell.value && selling && <button class="button plain small" type="button" data-testid={`close-${offer.id}`} disabled={busy} onClick={close}>{t('close')}</button>}
      {desk.maySell.value && !selling && (isFlash(offer)
        ? <button class="button small" type="button" data-testid={`flash-${offer.id}`} disabled={busy} onClick={onFlash}><Icon name="bolt" size={15} filled />{t('flash')}</button>
        : <button class="button leaf small" type="button" data-testid={`open-${offer.id}`} disabled={busy} onClick={() => run(() => desk.openOffer(offer, 0))}>{t('open')}</button>)}
    </div>
  );
}

function Item({ desk, offer, onFlash }: { desk: HostDesk; offer: Offer; onFlash: () => void }) {
  const now = useServerNow(desk.socket.clock, 1000);
  const state = saleState(offer, now);
  const pinned = pinnedId(desk) === offer.id;
  const runs = state === 'open' && offer.closeMs > 0n;
  return (
    <li class={`item ${pinned ? 'is-pinned' : ''}`} data-testid={`offer-${offer.id}`}>
      <b class="item-number number">{offer.number}</b>
      <ProductArt offer={offer} size={56} />
      <div class="item-what">
        <h3 class="one-line">{offer.title}</h3>
        <p class="one-line quiet">{[offer.originName, offer.netWeightG > 0n ? weight(offer.netWeightG) : ''].filter(Boolean).join(' · ')}</p>
        <p class="item-tags"><StateTags offer={offer} state={state} now={now} />{isFlash(offer) && <span class="tag gold">{t('flashTag')}</span>}{offer.kind === OfferKind.BUNDLE && <span class="tag leaf">{t('bundle')}</span>}
          {runs && <span class="tag rosy number">{t('endsIn', { t: countdown(Number(offer.closeMs) - now) })}</span>}</p>
      </div>
      <Price fen={unitPrice(offer, 1n, now)} unit={offer.unit} />
      <dl class="item-stock">
        <div><dt>{t('left')}</dt><dd class="number" data-testid="offer-left">{count(offer.left)}</dd></div>
        <div title={t('soldTip')}><dt>{t('sold')}</dt><dd class="number" data-testid="offer-sold">{soldOf(desk, offer)}</dd></div>
        <span class="quiet">{unitName(offer.unit)}</span>
      </dl>
      <Buttons desk={desk} offer={offer} state={state} onFlash={onFlash} />
    </li>
  );
}

function FlashSheet({ desk, offer, onClose }: { desk: HostDesk; offer: Offer; onClose: () => void }) {
  const [minutes, setMinutes] = useState(5);
  const [busy, run] = useBusy();
  const start = () => run(() => desk.openOffer(offer, minutes * 60_000).then(onClose));
  return (
    <Sheet title={t('flashTitle')} onClose={onClose} testid="flash-sheet">
      <div class="form">
        <div class="row"><ProductArt offer={offer} size={64} /><div class="grow"><h3>{offer.title}</h3><Price fen={unitPrice(offer, 1n, desk.socket.clock.now())} unit={offer.unit} /></div></div>
        <div class="choices" role="radiogroup" aria-label={t('flashTitle')}>
          {MINUTES.map((n) => (
            <label class={`choice ${n === minutes ? 'chosen' : ''}`} key={n}>
              <input type="radio" name="minutes" class="unseen" checked={n === minutes} onChange={() => setMinutes(n)} />{t('minutes', { n })}
            </label>
          ))}
        </div>
        <p class="quiet">{t('flashHint')}</p>
        <button class="button wide" type="button" data-testid="flash-start" disabled={busy} onClick={start}><Icon name="bolt" size={18} filled />{t('flashStart')}</button>
      </div>
    </Sheet>
  );
}

export function ShelfDesk({ desk }: { desk: HostDesk }) {
  const [flash, setFlash] = useState<Offer>();
  const { offers, show } = desk.room.state.value!;
  return (
    <section class="panel shelf-desk" aria-label={t('shelf')}>
      <header><h2>{t('shelf')} <span class="quiet number">{offers.length}</span></h2><PinnedNow desk={desk} /></header>
      {show.state === ShowState.LIVE && desk.maySell.value && <Funds show={show.id} />}
      {offers.length === 0 && <div class="empty"><Icon name="bag" /><p>{t('shelfEmpty')}</p></div>}
      <ol class="items">{offers.map((offer) => <Item key={offer.id} desk={desk} offer={offer} onFlash={() => setFlash(offer)} />)}</ol>
      {flash && <FlashSheet desk={desk} offer={flash} onClose={() => setFlash(undefined)} />}
    </section>
  );
}
