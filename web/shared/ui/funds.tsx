// A show's subsidy funds: left and given, with a warning before and when one is used up.
import { useEffect, useState } from 'preact/hooks';
import { timeOfDay, yuan } from '../format';
import { fundLeft, fundPools, fundState } from '../funds';
import type { FundPool, ListFundPoolsResponse } from '../gen/livefair/v1/inventory_pb';
import { dictionary } from '../i18n';
import './funds.css';

const t = dictionary({
  title: ['补贴资金', 'Subsidy funds'],
  left: ['剩 {left}，共 {of}', '{left} of {of} left'],
  low: ['快用完了，请联系主办方追加', 'Nearly used up; ask the organiser for more'],
  usedUp: ['已用完，享补贴的商品暂时不能下单', 'Used up: offers that it pays for are refused'],
  asOf: ['截至 {t}', 'As of {t}'],
});

const REFRESH_MS = 5_000;

function Pool({ pool }: { pool: FundPool }) {
  const state = fundState(pool);
  const leftFen = fundLeft(pool);
  const part = pool.leasedFen > 0n ? Number((leftFen * 1000n) / pool.leasedFen) / 10 : 0;
  return (
    <li class={`fund ${state}`} data-testid={`fund-${pool.fundId}`} data-state={state} data-left={String(leftFen)}>
      <span class="fund-name">{pool.fundName || pool.fundId}</span><span class="number">{t('left', { left: yuan(leftFen), of: yuan(pool.leasedFen) })}</span>
      <i class="fund-gauge" aria-hidden="true"><i style={{ width: `${Math.max(0, part)}%` }} /></i>
      {state !== 'fine' && <strong role={state === 'usedUp' ? 'alert' : 'status'}>{t(state)}</strong>}
    </li>
  );
}

/** Asks every few seconds while it is drawn; nothing is drawn for a show without funds. An answer that fails leaves the one before, with its time. */
export function Funds({ show }: { show: string }) {
  const [answer, setAnswer] = useState<ListFundPoolsResponse>();
  useEffect(() => {
    let gone = false;
    const load = () => void fundPools(show).then((found) => !gone && setAnswer(found), () => {});
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [show]);
  if (!answer || answer.pools.length === 0) return null;
  return (
    <section class="funds" aria-label={t('title')} data-testid="funds">
      <p class="funds-head"><b>{t('title')}</b> <span class="number">{t('asOf', { t: timeOfDay(answer.asOfMs, true) })}</span></p>
      <ul>{answer.pools.map((pool) => <Pool key={pool.fundId} pool={pool} />)}</ul>
    </section>
  );
}
