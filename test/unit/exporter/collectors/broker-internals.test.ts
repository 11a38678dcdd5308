import { expect, test } from 'vitest';
import type { KafkaDetails } from '../../../../brokers/kafka/details.ts';
import { brokerInternals } from '../../../../exporter/collectors/broker-internals.ts';

const details = (internals: KafkaDetails['internals']): KafkaDetails => ({
  logDirectories: [],
  topicSizes: [],
  topicConfigs: [],
  zooKeeper: [],
  internals,
});

function collect(kafka?: KafkaDetails) {
  return brokerInternals.collect({
    snapshot: {
      cluster: { name: 'lab', kind: 'kafka', brokers: [] },
      topics: [],
      offsets: [],
      groups: [],
      sections: [],
      ...(kafka !== undefined && { kafka }),
    },
  });
}

test('exports the metrics of each broker under its id, and how many were dropped', () => {
  const figure = { metric: 'kafka_broker_requests_total', labels: ['Produce'], value: 7 };
  const collection = collect(
    details([
      { broker: '1', agent: 'jolokia', values: [figure], dropped: 0 },
      { broker: '2', agent: 'jmx-exporter', values: [], dropped: 3 },
    ]),
  );
  if (collection.kind !== 'ok') throw new Error(collection.reason);
  expect([...collection.measurements]).toEqual([
    { metric: 'kafka_broker_requests_total', labels: ['1', 'Produce'], value: 7 },
    { metric: 'kafka_broker_internals_dropped', labels: ['1'], value: 0 },
    { metric: 'kafka_broker_internals_dropped', labels: ['2'], value: 3 },
  ]);
  expect(brokerInternals.metrics['kafka_broker_requests_total']?.labels).toEqual(['broker', 'request']);
});

test('a cluster without agents is not a failure', () => expect(collect(details([]))).toMatchObject({ kind: 'ok' }));

test('internals that were not read are reported as missing', () =>
  expect(collect()).toMatchObject({ kind: 'no-data' }));
