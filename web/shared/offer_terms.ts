// What an offer costs and when it is sold, by the till's own rules (server/commerce/till_terms.lua): what a page shows is what the till charges.
import type { Offer } from './gen/livefair/v1/catalog_pb';

const DAY_MS = 86_400_000;
const BEIJING_MS = 8 * 3600_000;

const lower = (a: bigint, b: bigint) => (b < a ? b : a);

export function isFlashPriceOn({ terms }: Offer, serverNowMs: number): boolean {
  return !!terms && terms.flashPriceFen > 0n && serverNowMs >= Number(terms.flashFromMs) && serverNowMs < Number(terms.flashUntilMs);
}

/** What the buyer pays for one when `quantity` are bought at once: the lowest price that holds, minus the subsidy. */
export function unitPrice(offer: Offer, quantity: bigint, serverNowMs: number): bigint {
  const { terms } = offer;
  if (!terms) return offer.priceFen;
  let fen = offer.priceFen;
  for (const tier of terms.tiers) if (quantity >= tier.fromQuantity) fen = lower(fen, tier.priceFen);
  if (isFlashPriceOn(offer, serverNowMs)) fen = lower(fen, terms.flashPriceFen);
  return fen - terms.subsidyFen;
}

/** From how many on one costs less than one alone does now, and what each then costs. */
export function tiersNow(offer: Offer, serverNowMs: number): { fromQuantity: bigint; fen: bigint }[] {
  const alone = unitPrice(offer, 1n, serverNowMs);
  return (offer.terms?.tiers ?? [])
    .map(({ fromQuantity }) => ({ fromQuantity, fen: unitPrice(offer, fromQuantity, serverNowMs) }))
    .filter(({ fen }) => fen < alone);
}

/** 1 Monday to 7 Sunday, in UTC+8. Day 0 of Unix time was a Thursday. */
const weekday = (ms: number) => ((Math.floor((ms + BEIJING_MS) / DAY_MS) + 3) % 7) + 1;

export function isOrderDay({ terms }: Offer, serverNowMs: number): boolean {
  return !terms || terms.orderDays.length === 0 || terms.orderDays.includes(weekday(serverNowMs));
}
