import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { OfferSchema, OfferState } from '../shared/gen/livefair/v1/catalog_pb';
import { quantityMax, saleState } from '../shared/offer';
import { saleName, saleNotes } from '../shared/sale_words';

const offer = (more: MessageInitShape<typeof OfferSchema>) => create(OfferSchema, more);

describe('an offer', () => {
  it('is open inside its window while something is left', () => {
    const flash = offer({ state: OfferState.OPEN, openMs: 1000n, closeMs: 2000n, left: 1n });
    expect(saleState(flash, 999)).toBe('soon');
    expect(saleState(flash, 1000)).toBe('open');
    expect(saleState(flash, 2000)).toBe('closed');
  });
  it('without an end stays open', () => {
    expect(saleState(offer({ state: OfferState.OPEN, left: 1n }), 9e12)).toBe('open');
  });
  it('with nothing left is sold out, not closed', () => {
    expect(saleState(offer({ state: OfferState.OPEN }), 1)).toBe('soldOut');
  });
  it('that is a draft comes later', () => {
    expect(saleState(offer({ state: OfferState.DRAFT, left: 1n }), 1)).toBe('later');
  });
  it('lets a buyer ask for no more than the limit and what is left', () => {
    expect(quantityMax(offer({ limitPerBuyer: 5n, left: 3n }))).toBe(3);
    expect(quantityMax(offer({ limitPerBuyer: 2n, left: 300n }))).toBe(2);
  });
});

it('the state of an offer is said in words, with what else there is to know', () => {
  const always = offer({ state: OfferState.OPEN, left: 1n });
  const shipByMs = BigInt(Date.UTC(2026, 11, 16, 16)); // the 17th in Beijing
  const presale = offer({ closeMs: 9n, terms: { shipByMs } });
  expect(saleName('later')).toBe('未开售');
  expect(saleNotes(always, 'open')).toEqual(['卖完即止']);
  expect(saleNotes(always, 'soldOut')).toEqual(['补货后自动恢复']);
  expect(saleNotes(presale, 'open')).toEqual(['预售·12月17日前发货']);
  expect(saleNotes(presale, 'soon')).toEqual(['预售·12月17日前发货']);
  expect(saleNotes(presale, 'closed')).toEqual([]);
});
