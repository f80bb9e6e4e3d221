// The suppliers' statement of a show; to be read only.
import { useEffect, useState } from 'preact/hooks';
import { count, timeOfDay, yuan } from '../shared/format';
import type { SupplierDue, SupplierStatement } from '../shared/gen/livefair/v1/payment_pb';
import { spoken } from '../shared/i18n';
import { useBusy } from '../shared/ui/parts';
import { staffApi } from './api';
import { t } from './book_words';
import { dayOf } from './fields';
import type { Wall } from './model';
import { ShowSelect, usePickedShow } from './show_select';
import { StatementDesk } from './statement';
import { kindName } from './totals';
import './desk.css';

function Line({ line }: { line: SupplierDue }) {
  return (
    <tr data-supplier={line.supplierId} data-kind={line.kind}>
      <th scope="row">{line.supplierName || line.supplierId || t('own')}</th>
      <td>{kindName(String(line.kind))}</td><td>{count(line.orders)}</td><td>{count(line.units)}</td>
      <td>{yuan(line.paidFen)}</td><td>{yuan(line.refundedFen)}</td><td>{yuan(line.subsidyFen)}</td><td><b data-due={String(line.dueFen)}>{yuan(line.dueFen)}</b></td>
    </tr>
  );
}

function Lines({ statement }: { statement: SupplierStatement }) {
  return (
    <div class="table-box totals">
      <table data-testid="statement-table">
        <thead><tr><th scope="col">{t('supplier')}</th><th scope="col">{t('kind')}</th><th scope="col">{t('orders')}</th><th scope="col" title={t('unitsTip')}>{t('units')}</th>
          <th scope="col">{t('paid')}</th><th scope="col">{t('refunded')}</th><th scope="col" title={t('subsidyTip')}>{t('subsidy')}</th><th scope="col" title={t('dueTip')}>{t('due')}</th></tr></thead>
        <tbody>{statement.suppliers.map((line) => <Line key={`${line.supplierId} ${line.supplierName} ${line.kind}`} line={line} />)}</tbody>
        <tfoot><tr data-testid="statement-due" data-value={String(statement.dueFen)}><th scope="row" colSpan={7}>{t('all')}</th><td>{yuan(statement.dueFen)}</td></tr></tfoot>
      </table>
    </div>
  );
}

export function StatementPanel({ wall }: { wall: Wall }) {
  const [desk] = useState(() => new StatementDesk(staffApi));
  const [busy, run] = useBusy();
  const picked = usePickedShow(wall);
  const show = picked.show?.id ?? '';
  useEffect(() => {
    if (show) void desk.load(show);
  }, [show]);
  const statement = desk.statement.value;
  return (
    <div class="desk">
      <div class="desk-bar">
        <ShowSelect of={picked} testid="statement-show" />
        <button class="ghost" type="button" data-testid="statement-reload" disabled={busy} onClick={() => run(() => desk.load(show))}>{t('reload')}</button>
        {statement && <span class="as-of number" data-testid="statement-as-of">{t('asOf', { t: `${dayOf(statement.asOfMs)} ${timeOfDay(statement.asOfMs, true)}` })}</span>}
      </div>
      {desk.problem.value && <p class="lost" role="alert">{desk.problem.value}</p>}
      {statement && <p class="quiet" data-testid="statement-note">{spoken({ messageZh: statement.noteZh, messageEn: statement.noteEn })}</p>}
      {statement && (statement.suppliers.length === 0 ? <div class="empty"><p>{t('statementNone')}</p></div> : <Lines statement={statement} />)}
    </div>
  );
}
