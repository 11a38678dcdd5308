// Checks that each figure of BrokerFigures has a producer, per origin, by comparing with the actual output of the producers.

import { expect, test } from 'vitest';
import { brokerSeriesFigures } from '../../analyzer/evidence/sources/assembly.ts';
import { readNamingSchemes } from '../../analyzer/evidence/sources/naming-schemes.ts';
import { TelemetryFold } from '../../analyzer/evidence/importers/telemetry.ts';
import { figuresBetween } from '../../brokers/figures/figures-between.ts';
import { metadataReadings } from '../../brokers/kafka/figures/watch.ts';
import { runtimeReading } from '../../brokers/rocketmq/figures/runtime-reading.ts';
import { parseGetBrokerRuntimeInfo } from '../../brokers/rocketmq/protocol/broker-requests.ts';
import {
  brokerFigureNames,
  BrokerFigures,
  type FigureOrigin,
  originsOf,
} from '../../core/documents/evidence/broker-figures.ts';
import { kafkaPair } from '../support/broker-readings.ts';
import { gcLogPair } from '../support/followed-gc-log.ts';
import { captured, capturedVersions } from '../support/rocketmq-answers.ts';

const namesIn = (figures: BrokerFigures) => Object.keys(BrokerFigures.parse(figures));
const wanted = (origin: FigureOrigin) =>
  brokerFigureNames.filter((name) => originsOf(name).includes(origin)).toSorted();

test('every figure has a producer', () => {
  expect(brokerFigureNames.filter((name) => originsOf(name).length === 0)).toEqual([]);
});

test('a load test on Kafka reads its declared figures from a response of a Jolokia agent', async () => {
  const { before, after, seconds } = await kafkaPair('jolokia');
  expect(namesIn(figuresBetween(before, after, seconds)).toSorted()).toEqual(wanted('kafka'));
});

test.each(capturedVersions)(
  'a load test on RocketMQ %s reads its declared figures from a response of a broker',
  (version) => {
    const broker = parseGetBrokerRuntimeInfo(captured(version, 'runtime-info.json'));
    const reading = runtimeReading({ id: 'broker-a:0', broker, slaves: [broker] });
    expect(namesIn(figuresBetween(reading, reading, 1)).toSorted()).toEqual(wanted('rocketmq'));
  },
);

test('a GC log written by a JVM yields its declared figures', async () => {
  const { before, after } = await gcLogPair();
  expect(namesIn(figuresBetween(before, after, 1)).toSorted()).toEqual(wanted('gc-log'));
});

test('the partitions of a load test yield their declared figures, as metadata and as read from a bundle', () => {
  const partition = { topic: 't', partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1'] };
  const metadata = {
    brokers: [{ id: '1', address: 'a:9092' }],
    topics: [{ name: 't', internal: false, partitions: [partition] }],
  };
  const [reading] = metadataReadings(metadata, new Map([['t', 2]]));
  const fold = new TelemetryFold('telemetry.ndjson', { hosts: [], brokers: metadata.brokers });
  const common = { cluster: 'lab', scrapeSeconds: 0 };
  for (const elapsedSeconds of [1, 2]) {
    fold.add(elapsedSeconds, { kind: 'cluster', ...common, elapsedSeconds, groups: [], leaders: { '1': 1 } });
  }
  const broker = { broker: '1', source: 'metadata', intervalSeconds: 1, figures: reading?.figures ?? {} };
  fold.add(3, { kind: 'broker', ...common, elapsedSeconds: 2, ...broker });
  const intervals = fold.finish().brokers?.get('1') ?? [];
  const names = new Set(intervals.flatMap((interval) => Object.keys(interval)));
  expect([...names].filter((name) => name !== 'from' && name !== 'to').toSorted()).toEqual(wanted('partitions'));
  expect(reading?.figures).toEqual({ underReplicatedPartitions: 1, underMinIsrPartitions: 1 });
});

test('naming schemes cover all Prometheus figures, for files of other tools and for production', () => {
  const named = new Set(readNamingSchemes().flatMap(({ figures }) => Object.keys(figures)));
  expect([...brokerSeriesFigures].filter((name) => !named.has(name))).toEqual([]);
});
