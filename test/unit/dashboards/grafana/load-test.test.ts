import { expect, test } from 'vitest';
import { loadTest } from '../../../../dashboards/grafana/load-test.ts';

test('charts of consumer groups have their legend below, because names of groups are long', () => {
  const panels = (loadTest.panels ?? []) as { title?: string; options?: { legend?: { placement?: string } } }[];
  const below = panels.filter(({ options }) => options?.legend?.placement === 'bottom').map(({ title }) => title);
  expect(below).toEqual(['End-to-end latency', 'Backlog', 'Consumed']);
});
