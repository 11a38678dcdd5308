import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { ClustersConfig } from '../../../brokers/config.ts';
import { ExporterConfig } from '../../../exporter/config.ts';
import { SourcesConfig } from '../../../analyzer/evidence/sources/config.ts';
import { ServiceConfig } from '../../../app/config/service.ts';
import { keptFor, type KeptReadings } from '../../../service/kept-readings.ts';
import type { History } from '../../../service/history/history.ts';

const history = { entries: () => [] } as unknown as History;
const url = 'http://127.0.0.1:1';
function keptOf(
  over: { brokers?: object; exporter?: object; service?: object; source?: object } = {},
  kept?: KeptReadings,
): KeptReadings {
  return keptFor({
    clusters: ClustersConfig.parse({
      orders: { broker: 'kafka', bootstrap: ['127.0.0.1:1'], ...over.brokers },
      pay: { broker: 'kafka', bootstrap: ['127.0.0.1:2'] },
    }),
    exporter: ExporterConfig.parse(over.exporter),
    service: ServiceConfig.parse({ clusters: { orders: { source: 'production' } }, ...over.service }),
    sources: SourcesConfig.parse({ production: { kind: 'prometheus', url, ...over.source } }),
    history,
    clock: systemClock,
    ...(kept && { kept }),
  });
}
const heard = (kept: KeptReadings, name: string) => kept.observed.get(name)?.cluster;

test('a cluster with unchanged config keeps its readings after a reload', () => {
  const before = keptOf();
  const after = keptOf(
    { service: { clusters: { orders: { source: 'production' } }, thresholds: { near: '70%' } } },
    before,
  );
  expect(heard(after, 'orders')).toBe(heard(before, 'orders'));
  expect([after.courses, after.hosts, after.history]).toEqual([before.courses, before.hosts, before.history]);
  expect(after.courses).toBe(before.courses);
});

const secret = { authorization: { bearerToken: '${env:TOKEN}' } };

test.for([
  ['its address', { brokers: { bootstrap: ['127.0.0.1:3'] } }],
  ['what is shown of it', { exporter: { clusters: { orders: { topics: { deny: ['internal-*'] } } } } }],
  [
    'its domains',
    { service: { domains: { shop: { cluster: 'orders' } }, clusters: { orders: { source: 'production' } } } },
  ],
  ['its source', { source: { url: 'http://127.0.0.1:9' } }],
  ['the secret of its source', { source: { authorization: { bearerToken: '${env:ANOTHER}' } } }],
] as const)('a change of %s re-creates the cluster and keeps the others', ([, over]) => {
  const before = keptOf({ source: secret });
  const after = keptOf({ ...over, source: { ...secret, ...('source' in over ? over.source : {}) } }, before);
  expect(heard(after, 'orders')).not.toBe(heard(before, 'orders'));
  expect(heard(after, 'pay')).toBe(heard(before, 'pay'));
});
