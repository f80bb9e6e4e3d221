// The shelf: every item of the show under the number that the hosts say.
import { useServerNow } from '../shared/clock';
import { countdown } from '../shared/format';
import { type Offer, OfferKind } from '../shared/gen/livefair/v1/catalog_pb';
import { isFlash, saleState } from '../shared/offer';
import { saleNotes } from '../shared/sale_words';
import { termNotes } from '../shared/terms_words';
import { Icon } from '../shared/ui/icons';
import { ProductArt } from '../shared/ui/product_art';
import type { Viewer } from './model';
import { BuyButton, Facts, Left, PriceLine } from './pinned';
import { ClipButton } from './replay';
import { t } from './words';

function Tags({ viewer, offer }: { viewer: Viewer; offer: Offer }) {
  const now = useServerNow(viewer.socket.clock, 500);
  const state = saleState(offer, now);
  return (
    <p class="tags">
      {isFlash(offer) && <span class="tag red"><Icon name="bolt" size={12} filled />{t('flash')}</span>}
      {offer.kind === OfferKind.BUNDLE && <span class="tag leaf">{t('bundle')}</span>}
      {isFlash(offer) && state === 'open' && offer.closeMs > 0n && <span class="tag rosy number">{t('endsIn', { t: countdown(Number(offer.closeMs) - now) })}</span>}
      {state === 'soon' && <span class="tag gold number">{t('opensIn', { t: countdown(Number(offer.openMs) - now) })}</span>}
      {[...termNotes(offer, now), ...saleNotes(offer, state)].map((note) => <span key={note} class="tag">{note}</span>)}
      {offer.limitPerBuyer > 0n && <span class="tag">{t('limit', { n: String(offer.limitPerBuyer) })}</span>}
    </p>
  );
}

function Item({ viewer, offer }: { viewer: Viewer; offer: Offer }) {
  const now = useServerNow(viewer.socket.clock, 1000);
  const pinned = viewer.room.pinnedId.value === offer.id;
  const state = saleState(offer, now);
  return (
    <li class={`item ${pinned ? 'is-pinned' : ''} ${state === 'soldOut' || state === 'closed' ? 'is-over' : ''}`} data-testid={`offer-${offer.id}`}>
      <div class="item-art"><ProductArt offer={offer} size={92} /><b class="no number">{offer.number}</b>{pinned && <b class="ribbon">{t('explaining')}</b>}</div>
      <div class="item-body">
        <h3>{offer.title}</h3>
        <Facts offer={offer} />
        <Tags viewer={viewer} offer={offer} />
        <div class="item-foot">
          <div><PriceLine offer={offer} now={now} />{state === 'open' && <Left offer={offer} />}</div>
          <div class="item-buttons"><ClipButton viewer={viewer} offer={offer} /><BuyButton viewer={viewer} offer={offer} testid={`buy-${offer.id}`} /></div>
        </div>
      </div>
    </li>
  );
}

export function Shelf({ viewer }: { viewer: Viewer }) {
  const offers = viewer.offers.value;
  if (offers.length === 0) return <div class="empty"><Icon name="bag" /><p>{t('shelfEmpty')}</p></div>;
  return <ol class="shelf" data-testid="shelf">{offers.map((offer) => <Item key={offer.id} viewer={viewer} offer={offer} />)}</ol>;
}
