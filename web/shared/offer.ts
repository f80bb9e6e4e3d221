// What a buyer can do with an offer right now.
import { type Offer, OfferKind, OfferState } from './gen/livefair/v1/catalog_pb';
import { isOrderDay } from './offer_terms';

/** soon: announced, opens at open_ms. later: on the shelf, not yet for sale. notToday: open, but not sold on this day of the week. */
export type SaleState = 'open' | 'notToday' | 'soldOut' | 'soon' | 'later' | 'closed';

export function saleState(offer: Offer, serverNowMs: number): SaleState {
  if (offer.state === OfferState.CLOSED) return 'closed';
  if (offer.state !== OfferState.OPEN) return 'later';
  if (offer.closeMs !== 0n && serverNowMs >= Number(offer.closeMs)) return 'closed';
  if (serverNowMs < Number(offer.openMs)) return 'soon';
  if (offer.left <= 0n) return 'soldOut';
  return isOrderDay(offer, serverNowMs) ? 'open' : 'notToday';
}

export const isFlash = (offer: Offer) => offer.kind === OfferKind.FLASH;

/** The most one order may ask for: the limit per buyer or what is left, whichever is less; at least 1. */
export function quantityMax(offer: Offer): number {
  const limit = offer.limitPerBuyer > 0n ? offer.limitPerBuyer : 99n;
  const max = offer.left > 0n && offer.left < limit ? offer.left : limit;
  return Number(max);
}
