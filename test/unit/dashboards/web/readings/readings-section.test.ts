import { expect, test } from 'vitest';
import { renderReadings } from '../../../../../dashboards/web/readings/readings-section.ts';
import { createView } from '../../../../../dashboards/web/view.ts';

const nowMs = Date.parse('2026-11-10T12:00:00Z');
const view = createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' });
const alert = { name: 'ConsumerLagGrows', startMs: nowMs - 60_000 };
const pageOf = (...alerts: Parameters<typeof renderReadings>[0]['alerts'][number][]) =>
  renderReadings({ range: '1h', nowMs, charts: [], marks: [], alerts }, 'Load', view).section.text;

test('the table of alerts links to the group or topic that each is about', () => {
  const page = pageOf({ ...alert, group: 'billing', topic: 'paid' }, { ...alert, topic: 'a/b' }, alert);
  expect(page).toContain('href="/clusters/orders/groups/billing"');
  expect(page).toContain('href="/clusters/orders/topics/a%2Fb"');
  expect(page).not.toContain('topics/paid');
  expect(pageOf(alert)).not.toContain('Group or topic');
});
