// An offer's terms in words, the same for hosts and viewers.
import { count, dayAndTime, price, unitName } from './format';
import { GiftRule, type Offer } from './gen/livefair/v1/catalog_pb';
import { lang, type Pair, say } from './i18n';
import { isFlashPriceOn, tiersNow, unitPrice } from './offer_terms';

const FLASH_ON: Pair = ['限时价，{until} 止（北京时间）', 'Flash price until {until} Beijing time'];
const FLASH_LATER: Pair = ['限时价 {y}，{from} 至 {until}（北京时间）', 'Flash price {y} from {from} to {until} Beijing time'];
const TIER: Pair = ['满 {n} {unit}每{unit} {y}', '{n} or more: {y} each'];
const SUBSIDY: Pair = ['每{unit}已补贴 {y}', 'Subsidised by {y} each'];
const ORDER_DAYS: Pair = ['仅{days}可下单', 'Sold on {days} only'];
const DELIVERY_DAYS: Pair = ['{days}配送', 'Delivered on {days}'];
const GIFT: Pair = ['每{unit}送赠品 {n} 件', 'Gifts with each: {n}'];
const GIFT_WHILE_LASTS: Pair = ['每{unit}送赠品 {n} 件，送完为止', 'Gifts with each, while they last: {n}'];

const DAYS: readonly Pair[] = [['周一', 'Mon'], ['周二', 'Tue'], ['周三', 'Wed'], ['周四', 'Thu'], ['周五', 'Fri'], ['周六', 'Sat'], ['周日', 'Sun']];
const EVERY_DAY: Pair = ['每天', 'every day'];

/** "周一、周三", "周一至周五、周日"; `days` from 1 Monday to 7 Sunday, rising. */
export function dayNames(days: readonly number[]): string {
  if (days.length === DAYS.length) return say(EVERY_DAY);
  const name = (day: number) => say(DAYS[day - 1] ?? ['', '']);
  const zh = lang.value === 'zh';
  const runs: number[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run?.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  // Two days in a row are named both.
  return runs.flatMap((run) => (run.length > 2 ? [`${name(run[0]!)}${zh ? '至' : '–'}${name(run.at(-1)!)}`] : run.map(name))).join(zh ? '、' : ', ');
}

function flashNote(offer: Offer, serverNowMs: number): string[] {
  const { flashPriceFen = 0n, flashFromMs = 0n, flashUntilMs = 0n } = offer.terms ?? {};
  if (flashPriceFen === 0n || serverNowMs >= Number(flashUntilMs)) return [];
  const until = dayAndTime(flashUntilMs);
  if (isFlashPriceOn(offer, serverNowMs)) return [say(FLASH_ON, { until })];
  return [say(FLASH_LATER, { y: price(unitPrice(offer, 1n, Number(flashFromMs))), from: dayAndTime(flashFromMs), until })];
}

function giftNote(offer: Offer): string[] {
  const gifts = offer.lines.filter(({ isGift }) => isGift).reduce((sum, { quantity }) => sum + quantity, 0n);
  if (gifts === 0n) return [];
  return [say(offer.terms?.giftRule === GiftRule.SELL_WITHOUT ? GIFT_WHILE_LASTS : GIFT, { n: count(gifts), unit: unitName(offer.unit) })];
}

/** What the price depends on and who adds to it, on which days it is sold and delivered, what comes with it. Prices are what the buyer pays. */
export function termNotes(offer: Offer, serverNowMs: number): string[] {
  const { subsidyFen = 0n, orderDays = [], deliveryDays = [] } = offer.terms ?? {};
  const unit = unitName(offer.unit);
  return [
    ...flashNote(offer, serverNowMs),
    ...tiersNow(offer, serverNowMs).map(({ fromQuantity, fen }) => say(TIER, { n: count(fromQuantity), unit, y: price(fen) })),
    ...(subsidyFen > 0n ? [say(SUBSIDY, { unit, y: price(subsidyFen) })] : []),
    ...(orderDays.length > 0 && orderDays.length < DAYS.length ? [say(ORDER_DAYS, { days: dayNames(orderDays) })] : []),
    ...(deliveryDays.length > 0 ? [say(DELIVERY_DAYS, { days: dayNames(deliveryDays) })] : []),
    ...giftNote(offer),
  ];
}
