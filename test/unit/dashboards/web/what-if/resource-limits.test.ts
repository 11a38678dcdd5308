import { expect, test } from 'vitest';
import { createView } from '../../../../../dashboards/web/view.ts';
import { limitRows, limitsChart } from '../../../../../dashboards/web/what-if/resource-limits.ts';

const limit = (resource: 'cpu' | 'network-in', node: string, estimateTps: number, isBeyondReach = false) => ({
  limitedBy: { resource, node },
  estimateTps,
  interval: { low: estimateTps, confidence: 0.95 },
  isBeyondReach,
});
const now = [limit('network-in', 'a', 100), limit('network-in', 'b', 110), limit('cpu', 'a', 300)];

test('each resource has a row for its first limited node, as changed and as measured', () => {
  const asked = [limit('cpu', 'a', 50), limit('network-in', 'b', 60), limit('network-in', 'a', 70)];
  expect(limitRows(now, asked)).toEqual([
    { limitedBy: { resource: 'cpu', node: 'a' }, now: now[2], otherwise: asked[0] },
    { limitedBy: { resource: 'network-in', node: 'b' }, now: now[1], otherwise: asked[1] },
    { limitedBy: { resource: 'network-in', node: 'a' }, now: now[0], otherwise: asked[2] },
  ]);
  expect(limitRows(now, undefined).map(({ limitedBy }) => limitedBy)).toEqual([
    { resource: 'network-in', node: 'a' },
    { resource: 'cpu', node: 'a' },
  ]);
});

test('bars end at four times the highest first limit that is within reach, and limits beyond reach are hollow', () => {
  const view = createView({ prefix: '', path: '/what-if', query: new URLSearchParams(), accepted: 'en' });
  const chart = (asked: typeof now) => limitsChart(limitRows(now, asked), view);
  expect(chart([limit('network-in', 'a', 200), limit('cpu', 'a', 300)]).highest).toBe(800);
  const far = chart([limit('network-in', 'a', 50_000, true), limit('cpu', 'a', 90_000, true)]);
  expect(far.highest).toBe(400);
  expect(far.series.map(({ bars }) => bars.map(({ isHollow }) => isHollow))).toEqual([
    [undefined, undefined],
    [true, true],
  ]);
  expect(limitsChart([], view)).not.toHaveProperty('highest');
});
