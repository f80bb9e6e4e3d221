import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { fundLeft, fundState } from '../shared/funds';
import { FundPoolSchema } from '../shared/gen/livefair/v1/inventory_pb';

const pool = (leasedFen: bigint, spentFen: bigint) => create(FundPoolSchema, { leasedFen, spentFen });

it('a fund is low below a twentieth of what the show was given, and used up at nothing', () => {
  expect(fundState(pool(10_000n, 0n))).toBe('fine');
  expect(fundState(pool(10_000n, 9_500n))).toBe('fine');
  expect(fundState(pool(10_000n, 9_501n))).toBe('low');
  expect(fundState(pool(10_000n, 9_999n))).toBe('low');
  expect(fundState(pool(10_000n, 10_000n))).toBe('usedUp');
  expect(fundState(pool(0n, 0n))).toBe('usedUp');
  expect(fundLeft(pool(10_000n, 9_501n))).toBe(499n);
});
