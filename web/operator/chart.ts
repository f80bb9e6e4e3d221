// The three curves, one above the other on one time axis. Loaded only when there is something to draw.
import { LineChart } from 'echarts/charts';
import { AriaComponent, AxisPointerComponent, GridComponent, TitleComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { count, shortNumber, timeOfDay } from '../shared/format';
import type { CurvePoint } from '../shared/gen/livefair/v1/order_pb';

echarts.use([LineChart, GridComponent, TitleComponent, TooltipComponent, AxisPointerComponent, AriaComponent, CanvasRenderer]);

export interface CurveNames {
  viewers: string;
  orders: string;
  paid: string;
}

const INK = '#a9bcae';
const LINE = 'rgba(255,255,255,.08)';
const COLOURS = ['#5fd08b', '#f5c35b', '#ff7a5c'] as const;
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Seconds matter only over minutes; over hours the axis says hour and minute. */
function option(points: readonly CurvePoint[], names: CurveNames): echarts.EChartsCoreOption {
  const titles = [names.viewers, names.orders, names.paid];
  const values = [
    points.map((p) => [Number(p.atMs), Number(p.viewers)]),
    points.map((p) => [Number(p.atMs), Number(p.orders)]),
    points.map((p) => [Number(p.atMs), Number(p.paidFen) / 100]),
  ];
  return {
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: FONT, color: INK },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    tooltip: {
      trigger: 'axis', backgroundColor: '#1d2a22', borderColor: '#31443a', textStyle: { color: '#eaf2ec', fontFamily: FONT },
      valueFormatter: (value: unknown) => count(Number(value)),
    },
    title: titles.map((text, i) => ({ text, left: 4, top: `${1 + i * 33}%`, textStyle: { color: INK, fontSize: 13, fontWeight: 500, fontFamily: FONT } })),
    grid: titles.map((_, i) => ({ left: 58, right: 14, top: `${8 + i * 33}%`, height: '21.5%' })),
    xAxis: titles.map((_, i) => ({
      type: 'time', gridIndex: i, minInterval: 60_000, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false },
      axisLabel: { show: i === 2, color: INK, hideOverlap: true, formatter: (ms: number) => timeOfDay(ms) },
      axisPointer: { label: { show: i === 2, formatter: ({ value }: { value: unknown }) => timeOfDay(Number(value), true) } },
    })),
    yAxis: titles.map((_, i) => ({
      type: 'value', gridIndex: i, splitNumber: 2, minInterval: 1, splitLine: { lineStyle: { color: LINE } },
      axisLabel: { color: INK, formatter: (value: number) => shortNumber(value) },
    })),
    series: titles.map((name, i) => ({
      name, type: 'line', xAxisIndex: i, yAxisIndex: i, data: values[i], showSymbol: false, lineStyle: { width: 2 }, color: COLOURS[i],
      areaStyle: { opacity: 0.14 }, sampling: 'lttb',
    })),
  };
}

/** Draws into `box` and follows its size; call `draw` with new points, `dispose` at the end. */
export function curveChart(box: HTMLElement) {
  const chart = echarts.init(box, null, { renderer: 'canvas' });
  const watcher = new ResizeObserver(() => chart.resize());
  watcher.observe(box);
  return {
    draw: (points: readonly CurvePoint[], names: CurveNames): void => chart.setOption(option(points, names)),
    dispose: () => {
      watcher.disconnect();
      chart.dispose();
    },
  };
}

export type CurveChart = ReturnType<typeof curveChart>;
