import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeCompatibility } from '../../../tools/compatibility-page.ts';
import { describeMetrics, renderMetricsDocument } from '../../../tools/metrics-page.ts';
import { parseExposition } from '../../support/exposition.ts';
import { renderGoldenPage } from '../../support/golden-metrics-page.ts';

const Document = z.object({
  sections: z.array(z.object({ metrics: z.array(z.object({ name: z.string(), help: z.string().min(1) })) })),
});
const names = [...parseExposition(await renderGoldenPage()).types.keys()];

test('every exported metric is described in the document', async () => {
  const { sections } = Document.parse(JSON.parse(await renderMetricsDocument([])));
  const described = new Set(sections.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
  expect(names.filter((name) => !described.has(name))).toEqual([]);
});

test('every exported metric is on the page, and node_exporter metrics by their prefix', () => {
  const page = describeMetrics([]);
  const isThere = (name: string) => ['`', '{'].some((end) => page.includes(`\`${name}${end}`));
  const beginningOf = (name: string) => `${name.split('_').slice(0, 2).join('_')}_*`;
  expect(names.filter((name) => !isThere(name) && !(name.startsWith('node_') && isThere(beginningOf(name))))).toEqual(
    [],
  );
});

test('the page shows the first clause of a description', () => {
  const page = describeMetrics([]);
  expect(page).toContain('- `kafka_topic_leaderless_partitions` +: Partitions of the topic without a leader\n');
  expect(page).toContain(
    '- `rocketmq_broker_put_failures_total`: Messages the broker could not store, since it started (4.9.3 and newer)\n',
  );
});

test('the page describes differences from the upstream exporter', () =>
  expect(describeCompatibility()).toMatch(
    /- `kafka_consumergroup_lag`: a partition the group never committed in has no series/,
  ));
