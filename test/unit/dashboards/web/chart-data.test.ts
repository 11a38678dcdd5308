import { expect, test } from 'vitest';
import { chartData } from '../../../../dashboards/web/chart-data.ts';
import { languages } from '../../../../dashboards/web/strings.ts';
import { readAnalysis } from '../../../support/analyses.ts';

const measured = readAnalysis('load-test');
const data = chartData(measured, languages.en);

test('each latency line has one point per step, at the rate that was achieved', () => {
  expect(data.latency.map(({ name }) => name)).toEqual(['p50', 'p99', 'p99.9']);
  expect(data.latency[1]?.points.map(({ x }) => x)).toEqual(measured.steps.map(({ achievedTps }) => achievedTps));
  expect(data.latency[1]?.points.at(-1)).toEqual({ x: 27410, y: 1.93, verdict: 'saturated' });
});

test('of a resource on many nodes the fullest one is drawn, and the generator beside it', () => {
  expect(data.utilisation.map(({ label }) => label)).toEqual([
    'network-out of broker 2',
    'network-in of broker 2',
    'CPU of the load generator',
    'CPU of broker 2',
  ]);
});

test('the fit of the binding resource is full where the saturation mark stands', () => {
  const saturation = data.marks.find(({ role }) => role === 'full');
  expect(data.fit?.points.at(-1)?.x).toBe(saturation?.rate);
  expect(data.fit?.points.at(-1)?.y).toBeCloseTo(1, 3);
});

test('resources with the same policy limit share a line', () => {
  expect(data.limits).toEqual([
    { label: 'policy: network-out, network-in', ratio: 0.8 },
    { label: 'policy: CPU', ratio: 0.7 },
  ]);
});

test('readings have nothing to draw and mark no limit', () => {
  expect(chartData(readAnalysis('readings'), languages.en)).toMatchObject({ latency: [], utilisation: [], marks: [] });
});
