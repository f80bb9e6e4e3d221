import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { TotalSchema } from '../shared/gen/livefair/v1/order_pb';
import { ranking, sumOf } from '../shared/totals';

const line = (key: string, paidFen: bigint) => create(TotalSchema, { key, name: key, paidFen, ordersPaid: 1n });

it('the lines of one city in several shows become one, the most paid first', () => {
  const ranked = ranking([line('431200', 100n), line('430100', 150n), line('431200', 51n)]);
  expect(ranked.map(({ key, paidFen, ordersPaid }) => [key, paidFen, ordersPaid])).toEqual([['431200', 151n, 2n], ['430100', 150n, 1n]]);
});

it('a sum is exact beyond what a float holds', () => {
  expect(sumOf([line('a', 9_007_199_254_740_993n), line('b', 2n)]).paidFen).toBe(9_007_199_254_740_995n);
});

it('refunds of several shows add up beside what was paid', () => {
  const sum = sumOf([create(TotalSchema, { paidFen: 10n, refundedFen: 3n }), create(TotalSchema, { paidFen: 5n, refundedFen: 4n })]);
  expect([sum.paidFen, sum.refundedFen]).toEqual([15n, 7n]);
});

it('the sum of nothing is zero', () => {
  expect(sumOf([]).paidFen).toBe(0n);
});
