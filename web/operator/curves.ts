// Curves of several shows as one.
import { create } from '@bufbuild/protobuf';
import { type CurvePoint, CurvePointSchema, type ShowCurve } from '../shared/gen/livefair/v1/order_pb';

/** Adds up what belongs to the same moment; a show that was not on then adds nothing. */
export function sumCurves(curves: readonly ShowCurve[]): CurvePoint[] {
  const byTime = new Map<bigint, CurvePoint>();
  for (const point of curves.flatMap((curve) => curve.points)) {
    const sum = byTime.get(point.atMs) ?? create(CurvePointSchema, { atMs: point.atMs });
    sum.viewers += point.viewers;
    sum.orders += point.orders;
    sum.paidFen += point.paidFen;
    sum.chatLines += point.chatLines;
    byTime.set(point.atMs, sum);
  }
  return [...byTime.values()].sort((a, b) => Number(a.atMs - b.atMs));
}
