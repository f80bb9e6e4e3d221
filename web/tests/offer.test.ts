import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { OfferSchema, OfferState } from '../shared/gen/livefair/v1/catalog_pb';
import { quantityMax, saleState } from '../shared/offer';

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
