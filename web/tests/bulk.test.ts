import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { BulkDesk, type BulkSource, consigneesOf, isOpenQuote, nameIn } from '../operator/bulk';
import { ApiError } from '../shared/api';
import { QuoteSchema, QuoteState } from '../shared/gen/livefair/v1/bulk_pb';

const said = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as ApiError).messageZh;
  }
  return '';
};

describe('consignees', () => {
  it('are read from a spreadsheet’s rows and from typed ones', () => {
    const text = '长沙市总工会\t王小满\t13800000001\t湖南省长沙市\t五一路 1 号\t20\n\n衡阳市总工会，李大山，13800000002，湖南省衡阳市，解放路 2 号，5\r\n';
    const [first, second] = consigneesOf(text);
    expect(first).toMatchObject({ unitName: '长沙市总工会', recipient: '王小满', phone: '13800000001', regionCode: '430000', regionName: '湖南省长沙市', detail: '五一路 1 号', count: 20n });
    expect(second).toMatchObject({ unitName: '衡阳市总工会', count: 5n });
  });

  it('are refused with the line that is wrong and what is wrong with it', () => {
    const good = '工会,王,13800000001,湖南省长沙市,五一路,1';
    expect(said(() => consigneesOf(''))).toContain('1 到 200 行');
    expect(said(() => consigneesOf(Array(201).fill(good).join('\n')))).toContain('1 到 200 行');
    expect(said(() => consigneesOf(`${good}\n工会,王,13800000001`))).toBe('第 2 行：要有 6 列：单位、收件人、手机、地区、地址、数量');
    expect(said(() => consigneesOf(`\n${good.replace('13800000001', '1380')}`))).toContain('第 2 行：“1380”');
    expect(said(() => consigneesOf(good.replace('湖南省', '')))).toContain('从省份写起');
    expect(said(() => consigneesOf(good.replace(/1$/, '一')))).toContain('不是数量');
  });
});

it('a quote is open until its time, unless it was ordered by or withdrawn', () => {
  const quote = create(QuoteSchema, { state: QuoteState.OPEN, validUntilMs: 1000n });
  expect(isOpenQuote(quote, 999)).toBe(true);
  expect(isOpenQuote(quote, 1000)).toBe(false);
  expect(isOpenQuote({ ...quote, state: QuoteState.WITHDRAWN }, 999)).toBe(false);
});

it('what has no name is called by its id', () => {
  expect(nameIn([{ id: 'a', name: '甲' }, { id: 'b', title: '乙' }], 'a')).toBe('甲');
  expect(nameIn([{ id: 'a', name: '甲' }, { id: 'b', title: '乙' }], 'b')).toBe('乙');
  expect(nameIn([], 'c')).toBe('c');
});

describe('the bulk desk', () => {
  const none = () => Promise.resolve([]);
  const source = (offers: BulkSource['offers']): BulkSource =>
    ({ offers, organisations: none, products: none, suppliers: none, quotes: none, intents: none, agreements: none });

  it('does not let a slow answer about one show replace that about the next', async () => {
    let answer = () => {};
    const desk = new BulkDesk(source((show) => (show === 'slow' ? new Promise((done) => (answer = () => done([]))) : none())));
    const first = desk.load('slow');
    await desk.load('next');
    answer();
    await first;
    expect(desk.book.value?.show).toBe('next');
  });

  it('says what the server says, and keeps what it had of the show', async () => {
    let away = false;
    const desk = new BulkDesk(source(() => (away ? Promise.reject(new ApiError(503, 'ledger_unavailable', '账本暂时不可用', '')) : none())));
    await desk.load('s');
    away = true;
    await desk.load('s');
    expect(desk.problem.value).toBe('账本暂时不可用');
    expect(desk.book.value?.show).toBe('s');
    await desk.load('other');
    expect(desk.book.value).toBeUndefined();
  });
});
