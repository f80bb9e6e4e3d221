// The same cases as the till's own tests, tests/integration/till/terms_test.cpp.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from 'vitest';
import { GiftRule, OfferSchema, OfferState, type OfferTermsSchema } from '../shared/gen/livefair/v1/catalog_pb';
import { lang } from '../shared/i18n';
import { saleState } from '../shared/offer';
import { isOrderDay, tiersNow, unitPrice } from '../shared/offer_terms';
import { dayNames, termNotes } from '../shared/terms_words';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 27, 4); // a Friday, noon in Beijing
const TIERS = [{ fromQuantity: 3n, priceFen: 900n }, { fromQuantity: 10n, priceFen: 700n }];
const flash = (fromMs: number, untilMs: number) => ({ flashPriceFen: 800n, flashFromMs: BigInt(fromMs), flashUntilMs: BigInt(untilMs) });
const box = (terms?: MessageInitShape<typeof OfferTermsSchema>, priceFen = 1000n) => create(OfferSchema, { priceFen, unit: '盒', ...(terms ? { terms } : {}) });

afterEach(() => {
  lang.value = 'zh';
});

describe('the price of one', () => {
  const amount = (terms: MessageInitShape<typeof OfferTermsSchema>, quantity: bigint) => unitPrice(box(terms), quantity, NOW) * quantity;

  it('is the offer’s where there are no terms', () => {
    expect(unitPrice(box(), 5n, NOW)).toBe(1000n);
  });
  it('falls with the quantity, from each tier on', () => {
    expect([2n, 3n, 9n, 10n].map((quantity) => amount({ tiers: TIERS }, quantity))).toEqual([2000n, 2700n, 8100n, 7000n]);
  });
  it('is the flash price inside its window, unless a tier’s is lower', () => {
    const terms = { tiers: TIERS, ...flash(NOW - DAY, NOW + DAY) };
    expect([amount(terms, 1n), amount(terms, 10n)]).toEqual([800n, 7000n]);
  });
  it('is not the flash price before its window and from its end on', () => {
    const price = (fromMs: number, untilMs: number) => unitPrice(box(flash(fromMs, untilMs)), 1n, NOW);
    expect(price(NOW - 2 * DAY, NOW - DAY)).toBe(1000n);
    expect(price(NOW + DAY, NOW + 2 * DAY)).toBe(1000n);
    expect(price(NOW - DAY, NOW)).toBe(1000n);
    expect(price(NOW, NOW + 1)).toBe(800n);
  });
  it('is less by the subsidy, whichever price holds', () => {
    const subsidy = { fundId: 'fund', subsidyFen: 100n };
    expect(unitPrice(box(subsidy), 1n, NOW)).toBe(900n);
    expect(amount(subsidy, 3n)).toBe(2700n);
    expect(amount({ tiers: TIERS, ...subsidy }, 3n)).toBe(2400n);
    expect(amount({ ...flash(NOW, NOW + DAY), ...subsidy }, 1n)).toBe(700n);
    expect(unitPrice(box({ fundId: 'fund', subsidyFen: 200_000_000n }, 300_000_001n), 1n, NOW)).toBe(100_000_001n);
  });
});

it('tiers that cost no less than one alone does now are not told', () => {
  expect(tiersNow(box({ tiers: TIERS }), NOW)).toEqual([{ fromQuantity: 3n, fen: 900n }, { fromQuantity: 10n, fen: 700n }]);
  expect(tiersNow(box({ tiers: TIERS, ...flash(NOW, NOW + DAY) }), NOW)).toEqual([{ fromQuantity: 10n, fen: 700n }]);
  expect(tiersNow(box(), NOW)).toEqual([]);
});

describe('an offer with order days', () => {
  const on = (...orderDays: number[]) => create(OfferSchema, { state: OfferState.OPEN, left: 1n, terms: { orderDays } });

  it('is sold on those alone, which begin at midnight in Beijing', () => {
    expect(isOrderDay(on(5), NOW)).toBe(true);
    expect(isOrderDay(on(1, 4, 6), NOW)).toBe(false);
    const midnight = Date.UTC(2026, 10, 27, 16);
    expect(isOrderDay(on(5), midnight - 1)).toBe(true);
    expect(isOrderDay(on(6), midnight)).toBe(true);
    expect(isOrderDay(on(7), midnight + DAY)).toBe(true);
    expect(isOrderDay(on(1), midnight + 2 * DAY)).toBe(true);
  });
  it('says so on other days; without any it is sold every day', () => {
    expect(saleState(on(5), NOW)).toBe('open');
    expect(saleState(on(6), NOW)).toBe('notToday');
    expect(saleState(on(), NOW)).toBe('open');
  });
});

describe('terms in words', () => {
  it('say what the buyer pays, until when, and what the fund adds', () => {
    const terms = { tiers: TIERS, fundId: 'fund', subsidyFen: 150n };
    expect(termNotes(box({ ...terms, ...flash(NOW, Date.UTC(2026, 10, 27, 14)) }), NOW)).toEqual(['限时价，11-27 22:00 止（北京时间）', '满 10 盒每盒 ¥5.50', '每盒已补贴 ¥1.50']);
    expect(termNotes(box({ ...terms, ...flash(NOW + 1, Date.UTC(2026, 10, 27, 14)) }), NOW)).toEqual([
      '限时价 ¥6.50，11-27 12:00 至 11-27 22:00（北京时间）', '满 3 盒每盒 ¥7.50', '满 10 盒每盒 ¥5.50', '每盒已补贴 ¥1.50']);
    expect(termNotes(box(flash(NOW - DAY, NOW)), NOW)).toEqual([]);
    expect(termNotes(box(), NOW)).toEqual([]);
  });
  it('name the days of ordering and of delivery', () => {
    expect(termNotes(box({ orderDays: [1, 3], deliveryDays: [6, 7] }), NOW)).toEqual(['仅周一、周三可下单', '周六、周日配送']);
    expect(termNotes(box({ orderDays: [1, 2, 3, 4, 5, 6, 7], deliveryDays: [1, 2, 3, 4, 5, 6, 7] }), NOW)).toEqual(['每天配送']);
    expect(dayNames([1, 2, 3, 4, 5, 7])).toBe('周一至周五、周日');
    expect(dayNames([1, 2, 3, 4, 5, 6, 7])).toBe('每天');
    lang.value = 'en';
    expect(dayNames([1, 2, 3, 4, 5, 7])).toBe('Mon–Fri, Sun');
  });
  it('count the gifts that go with each, and say when they may run out before the goods do', () => {
    const gifts = (giftRule: GiftRule) => create(OfferSchema, { unit: '盒', lines: [{ quantity: 1n }, { quantity: 2n, isGift: true }, { quantity: 1n, isGift: true }], terms: { giftRule } });
    expect(termNotes(gifts(GiftRule.REFUSE), NOW)).toEqual(['每盒送赠品 3 件']);
    expect(termNotes(gifts(GiftRule.SELL_WITHOUT), NOW)).toEqual(['每盒送赠品 3 件，送完为止']);
  });
});
