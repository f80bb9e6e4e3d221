// The catalogue as a table: out as CSV or Excel, in with a report of the rows that are refused.
import { useState } from 'preact/hooks';
import { count } from '../shared/format';
import type { ImportReport } from '../shared/gen/livefair/v1/supply_pb';
import { spoken } from '../shared/i18n';
import { toastError } from '../shared/ui/parts';
import { staffApi } from './api';
import { t } from './words';

function Report({ report }: { report: ImportReport }) {
  const { written, rows, created, changed, unchanged, refused, refusals } = report;
  if (written) return <p class="notice" role="status" data-testid="import-report" data-written="true">{t('importDone', { created: count(created), changed: count(changed), unchanged: count(unchanged) })}</p>;
  return (
    <div data-testid="import-report" data-written="false">
      <p class="notice bad" role="alert">{t('importRefused', { rows: count(rows), n: count(refused) })}</p>
      <div class="table-box">
        <table class="refusals">
          <thead><tr><th scope="col">{t('line')}</th><th scope="col">{t('column')}</th><th scope="col">{t('cell')}</th><th scope="col">{t('reason')}</th></tr></thead>
          <tbody>
            {refusals.map((refusal) => (
              <tr key={String(refusal.line)} data-line={String(refusal.line)}><td class="number">{String(refusal.line)}</td><td>{refusal.column}</td><td>{refusal.value}</td><td>{spoken(refusal)}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

export function CataloguePanel() {
  const [report, setReport] = useState<ImportReport | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const send = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (!file) return;
    setBusy(true);
    setReport(undefined);
    try {
      setReport(await staffApi.importProducts(file));
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
    input.value = ''; // the same file, corrected, must be a change again
  };
  return (
    <section class="panel" aria-label={t('catalogue')}>
      <header>
        <h2>{t('catalogue')}</h2>
        <span class="catalogue-links">
          <a class="ghost" href={staffApi.exportUrl('csv')} download data-testid="export-csv">{t('exportCsv')}</a>
          <a class="ghost" href={staffApi.exportUrl('xlsx')} download data-testid="export-xlsx">{t('exportXlsx')}</a>
          <label class="ghost">{busy ? t('importing') : t('importTable')}<input class="unseen" type="file" accept=".csv,.xlsx" data-testid="import-file" disabled={busy} onChange={(event) => void send(event.currentTarget)} /></label>
        </span>
      </header>
      <p class="as-of">{t('importHint')}</p>
      {report && <Report report={report} />}
    </section>
  );
}
