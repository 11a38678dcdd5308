// Compares the page of a real Kafka with another client, before and after the broker is killed.

import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { createExporterApp, listen } from '../../exporter/http-server.ts';
import { inspectLazily } from '../../exporter/lazy-inspector.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { openHost } from '../../hosts/registry.ts';
import { HostConfig } from '../../hosts/config.ts';
import { parseExposition } from '../support/exposition.ts';
import { startKafka } from '../support/kafka.ts';
import { requires } from '../support/prerequisites.ts';

const group = 'billing';
const topic = 'orders';

requires('java', 'maven').test(
  "the page matches another client's view of a live Kafka, and host metrics stay fresh when it is killed",
  async () => {
    const { signal } = new AbortController();
    await using kafka = await startKafka();
    const cluster = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap, client: 'platformatic' });
    const page = createMetricsPage({
      clusters: [
        { name: 'lab', kind: 'kafka', inspector: inspectLazily((io) => kafkaDriver.inspect('lab', cluster, io)) },
      ],
      hosts: [{ name: 'here', probe: openHost('here', HostConfig.parse({ probe: 'local' })) }],
      clock: systemClock,
      log: createLogger('silent'),
    });
    await using server = await listen(createExporterApp(page), '127.0.0.1:0', { signal });
    const scrape = async (timeoutSeconds: number) => {
      const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutSeconds) };
      const response = await fetch(`${server.url}metrics`, { headers });
      expect(response.status).toBe(200);
      return parseExposition(await response.text()).samples;
    };

    const told = await tellOtherClient(kafka.bootstrap);
    const alive = await scrape(20);
    expect(alive.get('plimsoll_cluster_up{cluster="lab"}')).toBe('1');
    expect(alive.get('plimsoll_scrape_sections{cluster="lab",state="missing"}')).toBe('0');
    expect(alive.get('kafka_brokers{cluster="lab"}')).toBe('1');
    expect(told.ends).toHaveLength(3);
    for (const { partition, high, low } of told.ends) {
      const labels = `cluster="lab",partition="${partition}",topic="${topic}"`;
      expect(alive.get(`kafka_topic_partition_current_offset{${labels}}`)).toBe(high);
      expect(alive.get(`kafka_topic_partition_oldest_offset{${labels}}`)).toBe(low);
    }
    let lagSum = 0n;
    for (const { partition, offset } of told.committed) {
      const labels = `cluster="lab",consumergroup="${group}",partition="${partition}",topic="${topic}"`;
      const end = told.ends.find((ends) => ends.partition === partition)?.high;
      // kafkajs returns -1 for a partition that was never committed; the page must have no series for it.
      const committed = offset === '-1' ? undefined : offset;
      const lag = committed === undefined ? undefined : BigInt(end ?? 0) - BigInt(committed);
      lagSum += lag ?? 0n;
      expect(alive.get(`kafka_consumergroup_current_offset{${labels}}`)).toBe(committed);
      expect(alive.get(`kafka_consumergroup_lag{${labels}}`)).toBe(lag?.toString());
    }
    expect(told.committed.map(({ offset }) => offset).sort()).toEqual(['-1', '40', '7']);
    const sum = alive.get(`kafka_consumergroup_lag_sum{cluster="lab",consumergroup="${group}",topic="${topic}"}`);
    // 61 messages or more: kafkajs retries a batch if the response is late, and both copies are stored.
    expect(lagSum).toBeGreaterThanOrEqual(61n);
    expect(sum).toBe(String(lagSum));

    for (const { pid } of kafka.brokers) process.kill(pid, 'SIGKILL');
    const dead = await scrape(5);
    expect(dead.get('plimsoll_cluster_up{cluster="lab"}')).toBe('0');
    // The last values stay for a while, with their age.
    const offsetsOf = (page: typeof dead) => [...page].filter(([key]) => key.startsWith('kafka_topic_partition_'));
    expect(offsetsOf(dead)).toEqual(offsetsOf(alive));
    for (const section of ['metadata', 'offsets', 'commits', 'groups']) {
      const labels = `broker="${section === 'metadata' ? '' : '1'}",cluster="lab",section="${section}"`;
      expect(dead.get(`plimsoll_scrape_section_success{${labels}}`)).toBe('0');
      expect(Number(dead.get(`plimsoll_scrape_section_age_seconds{${labels}}`))).toBeGreaterThan(0);
    }
    expect(dead.get('plimsoll_scrape_collector_success{collector="cpu",host="here"}')).toBe('1');
    const busy = 'node_cpu_seconds_total{cpu="0",host="here",mode="idle"}';
    expect(Number(dead.get(busy))).toBeGreaterThanOrEqual(Number(alive.get(busy)));
  },
  120_000,
);

/** Fills three partitions with at least 100, 8 and 0 messages; 40 and 7 committed, the third never. @returns offsets that kafkajs reads */
async function tellOtherClient(brokers: string[]) {
  const client = new Kafka({ clientId: 'witness', brokers, logLevel: logLevel.NOTHING });
  const admin = client.admin();
  const producer = client.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }], waitForLeaders: true });
    const values = (count: number, partition: number) =>
      Array.from({ length: count }, () => ({ partition, value: 'x' }));
    await producer.send({ topic, messages: [...values(100, 0), ...values(8, 1)] });
    const partitions = [
      { partition: 0, offset: '40' },
      { partition: 1, offset: '7' },
    ];
    await admin.setOffsets({ groupId: group, topic, partitions });
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return { ends, committed: committed?.partitions ?? [] };
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}
