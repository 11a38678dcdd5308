import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { durationText } from '../../../../../core/text/duration-text.ts';
import { chartData } from '../../../../../dashboards/web/chart-data.ts';
import type { LineChart } from '../../../../../dashboards/web/line-charts.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { readAnalysis } from '../../../../support/analyses.ts';

interface Config {
  data: { datasets: { text: string; borderDash?: number[]; pointStyle: unknown; pointRadius: unknown }[] };
  options: { scales: { y: { suggestedMax: number } } };
}

/** Runs a script with the browser functions that it uses, and returns what it passes to chart.js. */
function drawnBy(script: 'charts.js' | 'lines.js', block: string, data: unknown, lang = 'en'): Config[] {
  const configs: Config[] = [];
  class Chart {
    static readonly defaults = { font: {} };
    constructor(_: object, config: Config) {
      configs.push(config);
    }
  }
  const element: object = { style: {}, remove: () => {}, toggleAttribute: () => {}, closest: () => element };
  runInNewContext(readFileSync(new URL(`../../../../../dashboards/web/assets/${script}`, import.meta.url), 'utf8'), {
    Chart,
    document: {
      documentElement: { lang, dataset: {} },
      body: { append: () => {} },
      createElement: () => element,
      getElementById: (id: string) => (id === block ? { textContent: JSON.stringify(data) } : element),
      querySelector: () => null,
      addEventListener: () => {},
    },
    getComputedStyle: () => ({ color: 'black', fontFamily: 'sans-serif' }),
    matchMedia: () => ({ addEventListener: () => {} }),
    addEventListener: () => {},
  });
  return configs;
}

test('the curves of a run differ without colours: percentiles by dashes, resources by points', () => {
  const { strings } = createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' });
  const data = chartData(readAnalysis('load-test'), strings);
  const [latency, utilisation] = drawnBy('charts.js', 'chart-data', { language: 'en', ...data });
  const dashes = latency?.data.datasets.map(({ borderDash }) => JSON.stringify(borderDash));
  const points = utilisation?.data.datasets.slice(0, data.utilisation.length).map(({ pointStyle }) => pointStyle);
  expect([dashes?.length, new Set(dashes).size]).toEqual([3, 3]);
  expect([points?.length, new Set(points).size]).toEqual([
    data.utilisation.length,
    Math.min(5, data.utilisation.length),
  ]);
});

test('the axis of shares ends at 100%, unless a value is higher', () => {
  const highestOf = (unit: LineChart['unit'], highest: number) => {
    const chart: LineChart = { id: 'a', unit, x: ['1', '2'], lines: [{ label: 'broker 1', values: [0, highest] }] };
    return drawnBy('lines.js', 'lines-data', { charts: [chart] })[0]?.options.scales.y.suggestedMax.toFixed(2);
  };
  expect([0.5, 0.98, 1, 1.3].map((share) => highestOf('ratio', share))).toEqual(['0.55', '1.00', '1.00', '1.43']);
  expect(highestOf('count', 1)).toBe('1.10');
});

test('the legend states the time of a last value that is not current, such as that of a broker that is down', () => {
  const lines = [
    { label: 'broker 1', values: [1, 2, 3, null] },
    { label: 'broker 2', values: [4, null, null, null] },
    { label: 'broker 3', values: [null, null, null, null] },
  ];
  const times = [{ x: ['03:00', '03:01', '03:02', 'now'], ticks: [3], current: 2 }];
  const chart: LineChart = { id: 'a', unit: 'count', times: 0, lines };
  const [config] = drawnBy('lines.js', 'lines-data', { times, charts: [chart] });
  const texts = config?.data.datasets.map(({ text }) => text.replaceAll(/[\u2068\u2069]/g, ''));
  expect(texts).toEqual(['broker 1 3', 'broker 2 4 (03:00)', 'broker 3']);
});

test.each(['en', 'zh'] as const)('a chart writes durations as tables do (%s)', (lang) => {
  const textOf = (value: number) => {
    const [lines, limits] = [[{ label: '', values: [0, value] }], [{ label: 'lag', value }]];
    const chart: LineChart = { id: 'a', unit: 'seconds', x: ['1', '2'], lines, limits };
    return drawnBy('lines.js', 'lines-data', { charts: [chart] }, lang)[0]?.data.datasets[1]?.text;
  };
  const durations = [45, 122, 185, 620, 5400, 90_000, 200_000];
  expect(durations.map(textOf)).toEqual(durations.map((each) => `lag ${durationText(each, lang)}`));
});
