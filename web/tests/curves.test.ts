import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { sumCurves } from '../operator/curves';
import { ShowCurveSchema } from '../shared/gen/livefair/v1/order_pb';

it('curves of several shows add up moment by moment, in order of time', () => {
  const one = create(ShowCurveSchema, { points: [{ atMs: 20n, paidFen: 5n }, { atMs: 10n, paidFen: 1n, viewers: 7n }] });
  const two = create(ShowCurveSchema, { points: [{ atMs: 10n, paidFen: 2n, viewers: 3n }] });
  expect(sumCurves([one, two]).map(({ atMs, paidFen, viewers }) => [atMs, paidFen, viewers])).toEqual([[10n, 3n, 10n], [20n, 5n, 0n]]);
  expect(one.points[0]?.paidFen).toBe(5n);
});
