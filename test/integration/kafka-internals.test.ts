// Compares the metrics of both JMX agents on a broker with known load.

import { Kafka, logLevel } from 'kafkajs';
import { expect, test, vi } from 'vitest';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { loadConfig } from '../../app/config/config-file.ts';
import type { JmxAgentName } from '../../lab/kafka/jmx-agent.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const agents: readonly [version: string, jmx: JmxAgentName][] = fullMatrix
  ? ['4.3.1', '3.9.2'].flatMap((version): [string, JmxAgentName][] => [
      [version, 'prometheus'],
      [version, 'jolokia'],
    ])
  : [['4.3.1', 'jolokia']];

requires('java', 'maven').describe('Kafka', () => {
  test.concurrent.each(agents)(
    '%s, %s counts produced and consumed messages',
    async (version, jmx) => {
      const signal = AbortSignal.timeout(120_000);
      await using kafka = await startKafka({ version, jmx });
      const { lab } = (await loadConfig(kafka.configPath, { signal })).clusters;
      if (lab?.broker !== 'kafka') throw new Error('the lab wrote no Kafka cluster');
      await using inspector = await kafkaDriver.inspect('lab', lab, { signal });
      const read = async () => {
        for (;;) {
          const { kafka: details, sections } = await inspector.snapshot({ signal });
          const section = sections.find((each) => each.section === 'internals');
          // The first page of a newly started JVM may take longer than the scrape timeout.
          if (section?.kind !== 'fresh') continue;
          const [internals] = details?.internals ?? [];
          expect(internals).toMatchObject({ broker: '1', dropped: 0 });
          return new Map(internals?.values.map(({ metric, labels, value }) => [[metric, ...labels].join(' '), value]));
        }
      };

      const client = new Kafka({ brokers: kafka.bootstrap, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
      const [admin, producer] = [client.admin(), client.producer()];
      await Promise.all([admin.connect(), producer.connect()]);
      await using _ = {
        [Symbol.asyncDispose]: async () => void (await Promise.all([admin.disconnect(), producer.disconnect()])),
      };
      await admin.createTopics({ topics: [{ topic: 'orders' }], waitForLeaders: true });

      const before = await read();
      for (let request = 0; request < 20; request++) {
        await producer.send({
          topic: 'orders',
          messages: Array.from({ length: 50 }, () => ({ value: 'x'.repeat(100) })),
        });
      }
      const after = await read();
      const grown = (name: string) => (after.get(name) ?? NaN) - (before.get(name) ?? 0);
      expect(grown('kafka_broker_messages_in_total')).toBe(1000);
      expect(grown('kafka_broker_requests_total Produce')).toBe(20);
      expect(grown('kafka_broker_bytes_in_total')).toBeGreaterThan(100_000);
      expect(grown('kafka_broker_request_seconds_total Produce')).toBeGreaterThan(0);
      // The lab's node is broker and controller: Kafka 3.9 has one meter for both, which appears some seconds after the start.
      const idle = `kafka_broker_request_handler_idle_seconds_total ${version === '3.9.2' ? 'broker' : 'all'}`;
      await vi.waitFor(async () => expect((await read()).get(idle) ?? 0).toBeGreaterThan(0), {
        timeout: 60_000,
        interval: 1000,
      });
      expect(after.get('kafka_broker_active_controller')).toBe(1);
      expect(after.get('kafka_broker_offline_partitions')).toBe(0);
      expect(after.get('kafka_broker_jvm_memory_used_bytes heap')).toBeGreaterThan(0);
    },
    130_000,
  );
});
