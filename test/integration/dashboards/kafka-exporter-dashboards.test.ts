// Runs common dashboards for kafka_exporter on the metrics of Plimsoll.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { startKafka } from '../../support/kafka.ts';
import { spawnPlimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus, type RunningPrometheus } from '../../support/prometheus.ts';

interface Dashboard {
  source: string;
  panels: string[];
  variables: { label: string; series: string }[];
}

const { dashboards } = JSON.parse(
  await readFile(new URL('../../fixtures/peers/kafka-exporter-dashboards.json', import.meta.url), 'utf8'),
) as { dashboards: Dashboard[] };

const job = 'kafka';
const topic = 'orders';
const group = 'billing';

// Every test run compares the metric names with those of kafka_exporter.
if (fullMatrix) {
  requires('java', 'maven', 'prometheus').test(
    'every query of the published dashboards has data, and the values match the cluster',
    async () => {
      await using kafka = await startKafka();
      const exporter = spawnPlimsoll(['exporter', '--config', kafka.configPath, '--listen', '127.0.0.1:0']);
      try {
        while (!/listening on \S+/.test(exporter.written.stdout)) await once(exporter.child.stdout, 'data');
        const instance = new URL(/listening on (\S+)/.exec(exporter.written.stdout)?.[1] ?? '').host;
        await using prometheus = await startPrometheus({ job, scrapes: [instance] });
        await fill(kafka.bootstrap);
        await prometheus.untilAnswered(`kafka_consumergroup_lag{consumergroup="${group}"}`);
        // A rate needs two samples.
        await prometheus.untilAnswered(`rate(kafka_topic_partition_current_offset{topic="${topic}"}[1m])`);

        const filledIn = (text: string) =>
          text
            .replaceAll('$instance', instance)
            .replaceAll('$job', job)
            .replaceAll('$topic', '.*')
            .replaceAll('$consumergroup', '.*');
        for (const { panels, variables } of dashboards) {
          for (const panel of panels) await expectData(prometheus, filledIn(panel));
          for (const { label, series } of variables) {
            expect(await prometheus.labelValues(label, filledIn(series)), series).not.toEqual([]);
          }
        }
        const lag = await prometheus.query(`sum(kafka_consumergroup_lag{topic="${topic}"}) by (consumergroup, topic)`);
        expect(lag).toEqual([{ metric: { consumergroup: group, topic }, value: '60' }]);
      } finally {
        exporter.child.kill('SIGTERM');
        await exporter.finished;
      }
    },
    120_000,
  );
}

async function expectData(prometheus: RunningPrometheus, query: string): Promise<void> {
  const samples = await prometheus.query(query);
  expect(samples, query).not.toEqual([]);
  for (const { value } of samples) expect(Number(value), query).not.toBeNaN();
}

/** Sends 100 messages to one of three partitions, and commits 40 of them. */
async function fill(brokers: string[]): Promise<void> {
  const client = new Kafka({ clientId: 'witness', brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  const producer = client.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }], waitForLeaders: true });
  await producer.send({ topic, messages: Array.from({ length: 100 }, () => ({ partition: 0, value: 'x' })) });
  await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '40' }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}
