import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RocketmqBroker } from '../../brokers/rocketmq/details.ts';
import type { ClusterCollector, Collector } from '../../exporter/collector.ts';
import { rocketmqExporter } from '../../exporter/compatibility/rocketmq-exporter.ts';
import { collectors } from '../../exporter/registry.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../support/rocketmq-snapshot.ts';

const all: readonly Collector[] = [...Object.values(collectors), rocketmqExporter];
const ofRocketmq = all.filter((collector): collector is ClusterCollector => collector.of === 'rocketmq');

const keys = [...new Set([...runtimeWith('4.9.7').keys(), ...runtimeWith('5.3.3').keys(), 'scheduleMessageOffset_3'])];
const text = fc.oneof(
  fc.string(),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.constantFrom(
    '',
    'null',
    '-1',
    '  ',
    '0,42',
    '1.5 MiB',
    '[<=0ms]:1 [<=0ms]:2 [10s~]:3',
    '5,3',
    '9223372036854775807',
  ),
);
const runtime = fc
  .dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), text)
  .map((table) => new Map(Object.entries(table)));
const broker: fc.Arbitrary<RocketmqBroker> = fc
  .record({ name: fc.constantFrom('a', 'b'), id: fc.nat(3), runtime, self: fc.constantFrom('n0', 'n1') })
  .map(({ name, id, runtime: told, self }) =>
    brokerWith({
      id: `${name}:${id}`,
      runtime: told,
      config: new Map([
        ['enableDLegerCommitLog', 'true'],
        ['dLegerSelfId', self],
      ]),
    }),
  );
const brokers = fc.uniqueArray(broker, { selector: ({ id }) => id, maxLength: 5 });

test('for any broker data, every series appears once, complete and not negative', () => {
  fc.assert(
    fc.property(brokers, (told) => {
      const snapshot = snapshotWith({ brokers: told });
      const series = new Set<string>();
      for (const collector of ofRocketmq) {
        const collection = collector.collect({ snapshot });
        if (collection.kind !== 'ok') throw new Error(collection.reason);
        for (const { metric, labels, value } of collection.measurements) {
          const key = JSON.stringify([metric, ...labels]);
          expect(series.has(key), key).toBe(false);
          series.add(key);
          expect(labels, metric).toHaveLength(collector.metrics[metric]?.labels.length ?? -1);
          expect(Number(value), key).toBeGreaterThanOrEqual(0);
          expect(Number(value), key).toBeLessThan(Infinity);
        }
      }
    }),
    { numRuns: 300 },
  );
});
