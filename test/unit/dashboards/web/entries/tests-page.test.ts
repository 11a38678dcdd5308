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

test('the newest two verdicts of one cluster that state a rate are chosen for a comparison', () => {
  const entries = [
    entry(5, 'orders', { safeMaxTps: unknown }),
    entry(4, 'payments'),
    entry(3, 'orders'),
    entry(2, 'orders', { safeMaxTps: unknown }),
    entry(1, 'orders'),
  ];
  const page = renderTestsPage({ entries }, view).replaceAll(/\s+/g, ' ');
  const chosen = Object.fromEntries(
    [...page.matchAll(/name="(left|right)" value="(\d+)"[^>]*checked/g)].map(([, side = '', id]) => [side, id]),
  );
  expect(chosen).toEqual({ left: '1', right: '3' });
});
