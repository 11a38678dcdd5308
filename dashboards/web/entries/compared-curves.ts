// Overlays the curves of two runs: latency (p99) and the use of the most used resource against load.

import type { Analysis } from '../../../core/documents/analysis.ts';
import { html, jsonBlock, type Content } from '../../../core/text/html.ts';
import { chartData, type ChartData } from '../chart-data.ts';
import { renderRunChart } from '../run-page.ts';
import type { View } from '../view.ts';

/** Scripts that draw the curves. */
export const curveScripts = ['chart.js', 'charts.js'];

/** @returns undefined if neither run has steps with curves, for example manually entered readings */
export function renderCurves(runs: readonly [left: Analysis, right: Analysis], view: View): Content {
  const data = comparedCurves(runs, view);
  const { strings } = view;
  if (data.latency.length === 0 && data.utilisation.length === 0) return undefined;
  const chart = (id: 'latency' | 'utilisation', title: string, explained: string) =>
    data[id].length > 0 && renderRunChart(id, title, { explained }, view, 'compared');
  return html`${chart('latency', strings.latencyChart, strings.latencyChartExplained)}
  ${chart('utilisation', strings.utilisationChart, strings.utilisationChartExplained)}
  ${jsonBlock('chart-data', { language: view.language, ...data })}`;
}

function comparedCurves(runs: readonly Analysis[], { strings }: View): ChartData {
  const texts = strings.pages.tests;
  const named = runs.map((run, index) => ({
    name: index === 0 ? texts.left : texts.right,
    data: chartData(run, strings),
  }));
  const [first] = named;
  const limits = named.flatMap(({ data }) => data.limits);
  return {
    labels: first?.data.labels ?? { rate: '', latency: '', utilisation: '' },
    latency: named.flatMap(({ name, data }) =>
      data.latency
        .filter((each) => each.name === 'p99')
        .map(({ points }) => ({ name: `${name}${strings.colon}p99`, points })),
    ),
    // The most used resource comes first.
    utilisation: named.flatMap(({ name, data }) =>
      data.utilisation.slice(0, 1).map(({ label, points }) => ({ label: `${name}${strings.colon}${label}`, points })),
    ),
    limits: limits.filter(({ label }, index) => limits.findIndex((other) => other.label === label) === index),
    marks: named.flatMap(({ name, data }) =>
      data.marks
        .filter(({ role }) => role === 'safe')
        .map((mark) => ({ ...mark, label: `${name}${strings.colon}${mark.label}` })),
    ),
    highestRate: Math.max(...named.map(({ data }) => data.highestRate)),
  };
}
