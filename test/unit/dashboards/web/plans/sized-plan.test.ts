import { expect, test } from 'vitest';
import { html } from '../../../../../core/text/html.ts';
import { renderSized } from '../../../../../dashboards/web/plans/plan-page.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { plannedCluster } from '../../../../support/cluster-plan.ts';

test.each([
  ['en', 'RocketMQ (DLedger)', 'member (broker-a)'],
  ['zh', 'RocketMQ（DLedger）', '成员（broker-a）'],
])('in %s, a planned cluster has its mode and roles, and no interval of one value', (lang, mode, role) => {
  const view = createView({ prefix: '', path: '/', query: new URLSearchParams({ lang }), accepted: false });
  const plan = plannedCluster();
  const [first] = plan.brokers;
  if (first === undefined) throw new Error('no broker');
  const sized = {
    ...plan,
    broker: 'rocketmq' as const,
    mode: 'dledger' as const,
    brokers: [{ ...first, role: 'member' as const, group: 'broker-a' }],
    promise: { ...plan.promise, safeTps: { low: 30_000, mid: 30_000, high: 30_000 } },
  };
  const by = { name: 'anna', through: 'cli' } as const;
  const entry = { kind: 'plan', id: 1, at: '2026-11-09T12:00:00.000Z', by, document: sized } as const;
  const text = html`${renderSized(entry, view)}`.text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  for (const each of [mode, role]) expect(text).toContain(each);
  expect(text).not.toMatch(/30,000 ?[(（]/);
});
