import { expect, test } from 'vitest';
import type { SafeMaxTps } from '../../../../../core/documents/analysis.ts';
import { renderTestsPage, type JudgedEntry } from '../../../../../dashboards/web/entries/tests-page.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { readAnalysis } from '../../../../support/analyses.ts';

const view = createView({ prefix: '', path: '/tests', query: new URLSearchParams(), accepted: 'en' });
const known = readAnalysis('load-test');
const unknown: SafeMaxTps = { kind: 'unknown', missing: [{ what: 'messages per second', node: 'cluster' }] };

const entry = (id: number, cluster: string, over: Partial<typeof known> = {}) =>
  ({
    id,
    at: '2026-11-10T12:00:00.000Z',
    by: { name: 'anna', through: 'cli' },
    kind: 'verdict',
    cluster,
    document: { ...known, ...over },
  }) as unknown as JudgedEntry;

function chosenOf(entries: readonly JudgedEntry[]) {
  const page = renderTestsPage({ entries }, view).replaceAll(/\s+/g, ' ');
  return Object.fromEntries(
    [...page.matchAll(/name="(left|right)" value="(\d+)"[^>]*checked/g)].map(([, side = '', id]) => [side, id]),
  );
}

/** @returns text of both tables without markup */
function comparedText(...compared: [JudgedEntry, JudgedEntry]): string {
  const page = renderTestsPage({ entries: [], compared }, view);
  const tables = ['compared', 'safe-rates'].map((id) => page.split(`id="${id}"`)[1]?.split('</section>')[0] ?? '');
  return tables
    .join(' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

test('the columns to choose two tests follow the time, so that a phone shows them', () => {
  const page = renderTestsPage({ entries: [entry(2, 'orders'), entry(1, 'orders')] }, view);
  const titles = [...page.matchAll(/<th scope="col"[^>]*>([^<]*)</g)].map(([, title]) => title);
  expect(titles).toEqual(['Recorded', 'First', 'Second', 'Kind', 'Cluster', 'Summary']);
});

test('the table of safe rates by resource has a title with the unit', () => {
  const text = comparedText(entry(1, 'orders'), entry(2, 'orders'));
  expect(text).toMatch(
    /Rate at the policy limit of each resource \(msg\/s\) Resource .* CPU of broker 2 [\d,]+ [\d,]+ 0%/,
  );
});

test('the newest two verdicts of one cluster with a rate are preselected', () => {
  const entries = [
    entry(5, 'orders', { safeMaxTps: unknown }),
    entry(4, 'payments'),
    entry(3, 'orders'),
    entry(2, 'orders', { safeMaxTps: unknown }),
    entry(1, 'orders'),
  ];
  expect(chosenOf(entries)).toEqual({ left: '1', right: '3' });
});

test('a run with brokers down is marked and not preselected', () => {
  const degraded = { lost: ['2'], waitedSeconds: 3, copies: 2 };
  const entries = [entry(3, 'orders'), entry(2, 'orders', { degraded }), entry(1, 'orders')];
  expect(chosenOf(entries)).toEqual({ left: '1', right: '3' });
  expect(renderTestsPage({ entries }, view)).toContain('without broker 2');
});

test('at-least rates have their kind, and no change between them', () => {
  const limited = readAnalysis('generator-limited');
  const reached = (id: number, tps: number) =>
    entry(id, 'orders', { ...limited, safeMaxTps: { kind: 'at-least', tps, reason: 'generator-limited' } });
  const text = comparedText(reached(1, 5000), reached(2, 9000));
  expect(text).toContain('Safe maximum (msg/s) ≥ 5,000 at least ≥ 9,000 at least –');
  expect(text).toContain('Saturation (msg/s) ≥ 10,000 at least ≥ 10,000 at least –');
});

test('the compared saturation rate is the estimate, as on the page of the run', () => {
  expect(comparedText(entry(1, 'orders'), entry(2, 'orders'))).toContain(
    'Saturation (msg/s) 27,742 reached 27,742 reached 0%',
  );
});

test('resources of a redline test, which are those of one broker, are not compared with those of the cluster', () => {
  const { safeMaxTps, saturationTps } = known;
  const basis = { broker: '2', clusterTps: 9, ledTps: { '2': 3 }, stepShare: 0.1, holdSeconds: 60, maxMoves: 3 };
  const redline = { ...basis, safeMaxTps, saturationTps };
  const text = comparedText(entry(1, 'orders', { redline }), entry(2, 'orders'));
  expect(text).toContain('redline of broker 2');
  expect(text).not.toContain('CPU of broker 2');
});
