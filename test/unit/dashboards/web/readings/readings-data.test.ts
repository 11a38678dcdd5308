import { expect, test } from 'vitest';
import { chartData, labelOf } from '../../../../../dashboards/web/readings/readings-data.ts';
import { createView } from '../../../../../dashboards/web/view.ts';

test.each([
  ['en', 'broker 1'],
  ['zh', 'Broker 1'],
])('in %s, the line of a Kafka broker is not named by its bare id; a topic keeps its name', (lang, broker) => {
  const view = createView({ prefix: '', path: '/', query: new URLSearchParams({ lang }), accepted: false });
  const line = { label: { name: '1' }, mean: [] };
  expect([labelOf(line, { of: 'cpu' }, view), labelOf(line, { of: 'topics' }, view)]).toEqual([broker, '1']);
});

test('charts end with the last reading, as tables show it, and not with the mean of a slot', () => {
  const view = createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: false });
  const mean = Array.from({ length: 240 }, (_, slot) => (slot < 237 ? undefined : 0.2));
  const lines = [{ label: 'subject' as const, mean, last: 1.234 }];
  const chart = (of: 'load' | 'lag-seconds') => ({ of, unit: 'seconds' as const, lines, limits: [], notDrawn: 0 });
  const content = { range: '1h' as const, nowMs: 1_760_000_000_000, marks: [], alerts: [] };
  const { charts } = chartData({ ...content, charts: [chart('load'), chart('lag-seconds')] }, view);
  expect(charts.map(({ lines: [line] }) => line?.values.filter((value) => typeof value === 'number'))).toEqual([
    [0.2, 0.2, 1.234],
    [1.234],
  ]);
});
