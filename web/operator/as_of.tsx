// A moment to ask about, and how an answer says of which moment it is.
import { timeOfDay } from '../shared/format';
import { beijingField, dayOf, timeOf } from './fields';
import { t } from './words';

interface AsOfProps {
  /** 0: now. */
  value: bigint;
  testid: string;
  onChange: (asOfMs: bigint) => void;
}

export function AsOfField({ value, testid, onChange }: AsOfProps) {
  return (
    <>
      <label class="moment" title={t('tMomentTip')}>{t('tMoment')}
        <input type="datetime-local" step="1" data-testid={testid} value={value > 0n ? beijingField(value) : ''} onChange={(event) => onChange(event.currentTarget.value ? timeOf(event.currentTarget.value) : 0n)} />
      </label>
      {value > 0n && <button class="ghost" type="button" data-testid={`${testid}-now`} onClick={() => onChange(0n)}>{t('tNow')}</button>}
    </>
  );
}

/** "数据截至 2026-11-26 20:15:09 · 已结清…": the answer's own moment, and whether it can still change. */
export function asOfWords({ asOfMs, settled }: { asOfMs: bigint; settled: boolean }): string {
  return `${t('asOf', { t: `${dayOf(asOfMs)} ${timeOfDay(asOfMs, true)}` })} · ${t(settled ? 'tSettled' : 'tUnsettled')}`;
}
