import { expect, test } from 'vitest';
import { chartData } from '../../../../dashboards/web/chart-data.ts';
import { safeLimit } from '../../../../dashboards/web/line-charts.ts';
import { languages } from '../../../../dashboards/web/view.ts';
import { readAnalysis } from '../../../support/analyses.ts';

const measured = readAnalysis('load-test');
const data = chartData(measured, languages.en);

test('each latency line has one point per step at the achieved rate', () => {
  expect(data.latency.map(({ name }) => name)).toEqual(['p50', 'p99', 'p99.9']);
  expect(data.latency[1]?.points.map(({ x }) => x)).toEqual(measured.steps.map(({ achievedTps }) => achievedTps));
  expect(data.latency[1]?.points.at(-1)).toEqual({ x: 27410, y: 1.93, verdict: 'saturated' });
});

test('only the busiest node of a resource is drawn, and the load generator in addition', () => {
  expect(data.utilisation.map(({ label }) => label)).toEqual([
    'network-out of broker 2',
    'network-in of broker 2',
    'CPU of the load generator',
    'CPU of broker 2',
  ]);
});

test('the prediction line leads from the highest step to the saturation mark', () => {
  const saturation = data.marks.find(({ role }) => role === 'full');
  expect(data.prediction?.points).toEqual([
    { x: 27410, y: 0.9881 },
    { x: saturation?.rate, y: 1 },
  ]);
});

test('a test beyond the limit has no prediction line', () => {
  const resources = measured.resources.map((resource) => ({
    ...resource,
    saturationTps: { value: 27000, low: 26000 },
  }));
  expect(chartData({ ...measured, resources }, languages.en).prediction).toBeUndefined();
});

test('resources with the same policy limit share a line', () => {
  expect(data.limits).toEqual([
    { label: 'policy limit: network-out, network-in', ratio: 0.8 },
    { label: 'policy limit: CPU', ratio: 0.7 },
  ]);
});

test('an analysis of readings has no points and no marks', () => {
  expect(chartData(readAnalysis('readings'), languages.en)).toMatchObject({ latency: [], utilisation: [], marks: [] });
});

test('steps of one broker have no mark of the cluster', () => {
  const { safeMaxTps, saturationTps } = measured;
  const basis = { broker: '2', clusterTps: 9, ledTps: { '2': 3 }, stepShare: 0.1, holdSeconds: 60, maxMoves: 3 };
  const redline = { ...basis, safeMaxTps, saturationTps };
  expect(chartData({ ...measured, redline }, languages.en).marks).toEqual([]);
});

test('the line of an observed maximum is at the rate scaled by the policy', () => {
  const drawn = safeLimit(readAnalysis('readings').safeMaxTps, 'safe');
  expect(drawn).toEqual([{ label: 'safe', value: 56_000, role: 'safe' }]);
});
