import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { changeOf, StockDesk, type StockSource } from '../operator/stocks';
import { ApiError } from '../shared/api';
import { ProductSchema, StockSchema } from '../shared/gen/livefair/v1/catalog_pb';
import { AllocationChangeSchema, ListStocksResponseSchema } from '../shared/gen/livefair/v1/inventory_pb';

const stock = create(StockSchema, { id: 's1', showId: 'show', productId: 'p1', total: 100n, committed: 30n });

class Source implements StockSource {
  readonly asked: string[] = [];
  readonly failures: ApiError[] = [];
  total = 100n;
  async stocks() {
    return create(ListStocksResponseSchema, { stocks: [{ ...stock, total: this.total }], asOfMs: 5000n });
  }
  async products() {
    return [create(ProductSchema, { id: 'p1', title: '茶油', unit: '瓶' })];
  }
  async changeStock(show: string, of: string, change: { id: string; amount: bigint }) {
    this.asked.push(change.id);
    const failure = this.failures.shift();
    if (failure) throw failure;
    expect([show, of]).toEqual(['show', 's1']);
    this.total += change.amount;
    return create(AllocationChangeSchema);
  }
}

describe('what was typed', () => {
  it('adds units, takes units away, or takes all that is unsold', () => {
    const typed = { amount: '20', why: ' 补货 ' };
    expect(changeOf({ way: 'raise', ...typed })).toEqual({ amount: 20n, allUnsold: false, why: '补货' });
    expect(changeOf({ way: 'lower', ...typed })).toEqual({ amount: -20n, allUnsold: false, why: '补货' });
    expect(changeOf({ way: 'allUnsold', amount: '', why: '' })).toEqual({ amount: 0n, allUnsold: true, why: '' });
  });
  it('is no change without a number of units', () => {
    for (const amount of ['', '0', '-3', '1.5', '很多']) expect(() => changeOf({ way: 'raise', amount, why: '' })).toThrow(ApiError);
  });
});

describe('the stock of a show', () => {
  it('is read anew after a change, with what is left of each product', async () => {
    const desk = new StockDesk(new Source());
    await desk.load('show');
    expect(desk.lines.value).toMatchObject([{ title: '茶油', unit: '瓶', left: 70n }]);
    await desk.change(stock, changeOf({ way: 'raise', amount: '20', why: '补货' }));
    expect(desk.lines.value).toMatchObject([{ left: 90n }]);
    expect(desk.asOfMs.value).toBe(5000n);
  });

  it('is read anew after a refusal, too: something has just been sold', async () => {
    const source = new Source();
    const desk = new StockDesk(source);
    await desk.load('show');
    source.total = 90n;
    source.failures.push(new ApiError(409, 'conflict', '', ''));
    await expect(desk.change(stock, changeOf({ way: 'lower', amount: '65', why: '调走' }))).rejects.toThrow('conflict');
    expect(desk.lines.value).toMatchObject([{ left: 60n }]);
  });

  it('is changed once when the same change is sent again because no answer came', async () => {
    const source = new Source();
    const desk = new StockDesk(source);
    const change = changeOf({ way: 'lower', amount: '5', why: '调走' });
    source.failures.push(new ApiError(0, 'unreachable', '', ''));
    await expect(desk.change(stock, change)).rejects.toThrow('unreachable');
    await desk.change(stock, change);
    expect(source.asked[1]).toBe(source.asked[0]);
    await desk.change(stock, change); // asked for once more on purpose
    expect(source.asked[2]).not.toBe(source.asked[0]);
  });
});
