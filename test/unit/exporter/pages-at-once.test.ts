import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { createLogger } from '../../../core/log.ts';
import { createExporterApp, listen } from '../../../exporter/http-server.ts';
import { createMetricsPage } from '../../../exporter/metrics-page.ts';
import { inspectorOf, stoppedClock, troubledSnapshot } from '../../support/golden-metrics-page.ts';

const partitions = Array.from({ length: 500 }, (_, partition) => partition);

/** Every offset of the n-th reading is n: a page with two values was overwritten while it was sent. */
const reading = (count: number): ClusterSnapshot => ({
  ...troubledSnapshot,
  topics: [],
  offsets: [],
  sections: [],
  groups: Array.from({ length: 40 }, (_, group) => ({
    name: `group-${group}`,
    partitions: partitions.map((partition) => ({
      topic: 'orders',
      partition,
      end: BigInt(count),
      committed: BigInt(count),
    })),
  })),
});

test('concurrent responses keep their own bytes, even with slow readers and disconnects', async () => {
  const { signal } = new AbortController();
  let readings = 0;
  const inspector = inspectorOf(async () => {
    await setTimeout(1);
    return reading(++readings);
  });
  const page = createMetricsPage({
    clusters: [{ name: 'lab', kind: 'kafka', inspector, chosen: new Set(['consumer-groups']) }],
    hosts: [],
    clock: stoppedClock,
    log: createLogger('silent'),
    metrics: [],
  });
  await using server = await listen(createExporterApp(page), '127.0.0.1:0', { signal });

  async function scrape(how: 'fast' | 'slow' | 'gone', encoding: 'gzip' | 'identity'): Promise<void> {
    const response = await fetch(`${server.url}metrics`, {
      headers: { 'Accept-Encoding': encoding },
    });
    let text = '';
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (how === 'slow') await setTimeout(1);
      // This cancels the response.
      if (how === 'gone') return;
    }
    const offsets = text.match(/^kafka_consumergroup_current_offset\{.*$/gm) ?? [];
    expect(offsets).toHaveLength(40 * partitions.length);
    expect(new Set(offsets.map((line) => line.replace(/^.*\} /, ''))).size).toBe(1);
  }

  const readers = (['fast', 'slow', 'gone'] as const).flatMap((how) =>
    (['gzip', 'identity'] as const).map(async (encoding) => {
      for (let count = 0; count < 3; count++) await scrape(how, encoding);
    }),
  );
  await Promise.all(readers);
  expect(readings).toBeGreaterThan(3);
});
