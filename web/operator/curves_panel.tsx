// Curves as a picture, or the same numbers as a table for those who cannot or do not want to read a picture.
import { useEffect, useRef, useState } from 'preact/hooks';
import { count, timeOfDay, yuan } from '../shared/format';
import type { CurvePoint } from '../shared/gen/livefair/v1/order_pb';
import { Icon } from '../shared/ui/icons';
import type { CurveChart } from './chart';
import type { Wall } from './model';
import { t } from './words';

const ROWS_MAX = 60;

function Chart({ points }: { points: CurvePoint[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<CurveChart>();
  useEffect(() => {
    let made: CurveChart | undefined;
    let gone = false;
    void import('./chart').then(({ curveChart }) => {
      if (gone) return;
      made = curveChart(box.current!);
      setChart(made);
    });
    return () => {
      gone = true;
      made?.dispose();
    };
  }, []);
  useEffect(() => chart?.draw(points, { viewers: t('cViewers'), orders: t('cOrders'), paid: t('cPaid') }));
  return <div class="chart" ref={box} data-testid="curves" data-points={points.length} />;
}

function Table({ points }: { points: CurvePoint[] }) {
  return (
    <div class="table-box">
      <table data-testid="curves-table">
        <thead><tr><th scope="col">{t('time')}</th><th scope="col">{t('cViewers')}</th><th scope="col">{t('cOrders')}</th><th scope="col">{t('cPaid')}</th></tr></thead>
        <tbody>
          {points.slice(-ROWS_MAX).reverse().map((point) => (
            <tr key={String(point.atMs)}><th scope="row">{timeOfDay(point.atMs, true)}</th><td>{count(point.viewers)}</td><td>{count(point.orders)}</td><td>{yuan(point.paidFen)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function CurvesPanel({ wall }: { wall: Wall }) {
  const [table, setTable] = useState(false);
  const points = wall.points.value;
  return (
    <section class="panel curves" aria-label={t('curves')}>
      <header><h2>{t('curves')}</h2>
        <button class="ghost" type="button" data-testid="curves-switch" aria-pressed={table} onClick={() => setTable(!table)}><Icon name={table ? 'live' : 'table'} size={16} />{table ? t('chart') : t('table')}</button>
      </header>
      {points.length === 0 ? <div class="empty"><p>{t('curvesEmpty')}</p></div> : table ? <Table points={points} /> : <Chart points={points} />}
    </section>
  );
}
