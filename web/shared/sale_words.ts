// The state of an offer in words, the same for hosts and viewers.
import { monthDay } from './format';
import type { Offer } from './gen/livefair/v1/catalog_pb';
import { type Pair, say } from './i18n';
import type { SaleState } from './offer';

const STATES: Record<SaleState, Pair> = {
  open: ['在售', 'On sale'],
  notToday: ['今天不售', 'Not sold today'],
  soldOut: ['已售罄', 'Sold out'],
  soon: ['即将开售', 'Opens soon'],
  later: ['未开售', 'Not on sale yet'],
  closed: ['已停售', 'Closed'],
};
const SOLD_OUT_HINT: Pair = ['补货后自动恢复', 'Back by itself when restocked'];
const PRESALE: Pair = ['预售·{day}前发货', 'Pre-sale · ships by {day}'];
const WHILE_STOCK_LASTS: Pair = ['卖完即止', 'While stock lasts'];

export const saleName = (state: SaleState) => say(STATES[state]);

/** What else there is to know in that state: when a pre-sale ships, that nothing but the stock ends the sale, that a sold-out offer comes back. */
export function saleNotes(offer: Offer, state: SaleState): string[] {
  const shipByMs = offer.terms?.shipByMs ?? 0n;
  return [
    ...(shipByMs > 0n && state !== 'closed' ? [say(PRESALE, { day: monthDay(shipByMs) })] : []),
    ...(offer.closeMs === 0n && state === 'open' ? [say(WHILE_STOCK_LASTS)] : []),
    ...(state === 'soldOut' ? [say(SOLD_OUT_HINT)] : []),
  ];
}
