import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { asOfWords } from '../operator/as_of';
import { lineName, TotalsDesk, type TotalsSource } from '../operator/totals';
import { ApiError } from '../shared/api';
import { ListSalesOrdersResponseSchema, SalesTotalsSchema } from '../shared/gen/livefair/v1/totals_pb';

/** Two pages of orders behind every line, as of whatever is asked for; 0 is "now", 500. */
class Source implements TotalsSource {
  readonly asked: string[] = [];
  async salesTotals(show: string, dimension: string, asOfMs: bigint) {
    this.asked.push(`${show} ${dimension} ${asOfMs}`);
    if (show === 'away') throw new ApiError(503, 'ledger_unavailable', '账本暂时不可用', 'The ledger is away');
    return create(SalesTotalsSchema, { showId: show, dimension, asOfMs: asOfMs || 500n, lines: [{ key: 'a' }, { key: '' }] });
  }
  async salesOrders(show: string, dimension: string, key: string, asOfMs: bigint, after: string) {
    this.asked.push(`${show} ${dimension} ${key} ${asOfMs} after ${after}`);
    return create(ListSalesOrdersResponseSchema, { orders: [{ orderId: after === '' ? 'o1' : 'o2' }], hasMore: after === '' });
  }
}

describe('the totals desk', () => {
  it('asks for the orders of a line as of the moment of the line, page by page', async () => {
    const source = new Source();
    const desk = new TotalsDesk(source);
    await desk.count('s', 'product');
    await desk.open('a');
    expect(desk.hasMore.value).toBe(true);
    await desk.more();
    expect(desk.orders.value.map(({ orderId }) => orderId)).toEqual(['o1', 'o2']);
    expect(desk.hasMore.value).toBe(false);
    expect(source.asked).toEqual(['s product 0', 's show 500', 's product a 500 after ', 's product a 500 after o1']);
  });

  it('opens the line without a key, and closes a line that is chosen again', async () => {
    const desk = new TotalsDesk(new Source());
    await desk.count('s', 'organisation');
    await desk.open('');
    expect(desk.orders.value).toHaveLength(1);
    await desk.open('');
    expect(desk.opened.value).toBeUndefined();
    expect(desk.orders.value).toHaveLength(0);
  });

  it('keeps the dimension when another show is counted, and closes what was open', async () => {
    const desk = new TotalsDesk(new Source());
    await desk.count('s', 'kind');
    await desk.open('a');
    await desk.count('other');
    expect(desk.totals.value?.showId).toBe('other');
    expect(desk.totals.value?.dimension).toBe('kind');
    expect(desk.opened.value).toBeUndefined();
  });

  it('keeps the moment that was asked for until now is asked for again', async () => {
    const source = new Source();
    const desk = new TotalsDesk(source);
    await desk.count('s', 'product', 300n);
    await desk.count('s', 'kind');
    await desk.count('s', undefined, 0n);
    expect(source.asked.filter((line) => !line.includes(' show '))).toEqual(['s product 300', 's kind 300', 's kind 0']);
    expect(desk.totals.value?.asOfMs).toBe(500n);
  });

  it('does not let a slow answer replace that to a later question', async () => {
    let answerFirst = () => {};
    const slow = new (class extends Source {
      override async salesTotals(show: string, dimension: string, asOfMs: bigint) {
        if (show === 'slow') await new Promise<void>((resolve) => (answerFirst = resolve));
        return super.salesTotals(show, dimension, asOfMs);
      }
    })();
    const desk = new TotalsDesk(slow);
    const first = desk.count('slow');
    await desk.count('s');
    answerFirst();
    await new Promise((resolve) => setTimeout(resolve));
    answerFirst();
    await first;
    expect(desk.totals.value?.showId).toBe('s');
  });

  it('says what the server says, and keeps the figures it had', async () => {
    const desk = new TotalsDesk(new Source());
    await desk.count('s');
    await desk.count('away');
    expect(desk.problem.value).toBe('账本暂时不可用');
    expect(desk.totals.value?.showId).toBe('s');
    await desk.count('s');
    expect(desk.problem.value).toBe('');
  });
});

it('a line without a name is called by what its key means', () => {
  expect(lineName('product', { key: 'p1', name: '新晃黄牛肉' })).toBe('新晃黄牛肉');
  expect(lineName('ten_minutes', { key: '1593511200000', name: '' })).toBe('18:00–18:10');
  expect(lineName('kind', { key: '2', name: '' })).toBe('以购代捐');
  expect(lineName('channel', { key: '4', name: '' })).toBe('摊位');
  expect(lineName('organisation', { key: '', name: '' })).toBe('个人');
  expect(lineName('buyer_city', { key: '430000', name: '' })).toBe('湖南');
  expect(lineName('buyer_city', { key: '430100', name: '' })).toBe('430100');
});

it('an answer says its own moment with the day, and whether its figures can still change', () => {
  const asOfMs = BigInt(Date.UTC(2026, 10, 26, 16, 15, 9));
  expect(asOfWords({ asOfMs, settled: true })).toBe('数据截至 2026-11-27 00:15:09 · 已结清，这一刻的数字不会再变');
  expect(asOfWords({ asOfMs, settled: false })).toContain('数字可能再增加');
});
