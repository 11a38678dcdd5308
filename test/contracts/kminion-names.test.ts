// Checks that every metric of kminion is exported or omitted with a reason, against a list from its source.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { CompatibilityMetric } from '../../exporter/compatibility/compatibility.ts';
import { kminion } from '../../exporter/compatibility/kminion.ts';
import { ownMetrics } from '../../exporter/own-metrics.ts';
import { collectors } from '../../exporter/registry.ts';

const Upstream = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  metrics: z.array(z.object({ name: z.string(), type: z.enum(['gauge', 'counter']), labels: z.array(z.string()) })),
  endToEnd: z.array(z.string()),
});
const upstream = Upstream.parse(
  JSON.parse(readFileSync(new URL('../fixtures/peers/kminion-metrics.json', import.meta.url), 'utf8')),
);

const offered: Readonly<Record<string, CompatibilityMetric>> = kminion.metrics;

test('every upstream metric is either offered or listed as missing, and no other metric is', () => {
  const names = [...Object.keys(offered), ...Object.keys(kminion.missing)].toSorted();
  expect(names).toEqual([...upstream.metrics.map(({ name }) => name), ...upstream.endToEnd].toSorted());
});

/** The difference that `differs` documents. */
const withoutVersion = 'kminion_exporter_up';

test.each(upstream.metrics.filter(({ name }) => name in offered && name !== withoutVersion))(
  '$name has the upstream type and labels',
  ({ name, type, labels }) => expect(offered[name]).toMatchObject({ type, labels }),
);

test('the metrics suggested as replacements exist', () => {
  const own = new Set<string>([
    ...Object.values(collectors).flatMap(({ metrics }) => Object.keys(metrics)),
    ...Object.keys(ownMetrics),
  ]);
  expect(Object.values(offered).filter(({ ours }) => ours !== undefined && !own.has(ours))).toEqual([]);
});
