// What a show may still spend of its subsidy funds. Only hosts and operators ask.
import { get } from './api';
import { type FundPool, type ListFundPoolsResponse, ListFundPoolsResponseSchema } from './gen/livefair/v1/inventory_pb';

export const fundPools = (show: string): Promise<ListFundPoolsResponse> => get(`/shows/${encodeURIComponent(show)}/funds`, ListFundPoolsResponseSchema);

/** low: less than a twentieth of what the show was given is left. usedUp: offers that it pays for are refused. */
export type FundState = 'fine' | 'low' | 'usedUp';

export const fundLeft = (pool: FundPool) => pool.leasedFen - pool.spentFen;

export function fundState(pool: FundPool): FundState {
  const left = fundLeft(pool);
  if (left <= 0n) return 'usedUp';
  return left * 20n < pool.leasedFen ? 'low' : 'fine';
}
