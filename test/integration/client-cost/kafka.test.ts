// Attributes resource use to three producers of a real Kafka that batch differently, with and without quotas.

import { expect } from 'vitest';
import { kafkaTools } from '../../../bench/java-clients.ts';
import { loadConfig } from '../../../app/config/config-file.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import type { JmxAgentName } from '../../../lab/kafka/jmx-agent.ts';
import { defaultKafkaVersion } from '../../../lab/kafka/release.ts';
import { asking } from '../../support/asking.ts';
import { alterClientQuotas } from '../../support/client-quotas.ts';
import { startJavaLoad } from '../../support/java-load.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const quiet = { signal: AbortSignal.timeout(300_000), progress: () => {} };
const rates = { alone: 150, usual: 400, packed: 600 };

const agents: readonly JmxAgentName[] = fullMatrix ? ['jolokia', 'prometheus'] : ['jolokia'];

for (const jmx of agents) {
  requires('java', 'maven').test(
    `requests, batches and compression of each producer are known, and its thread time while a quota exists: ${jmx}`,
    async () => {
      await using kafka = await startKafka({ jmx });
      const [bootstrap = ''] = kafka.bootstrap;
      const io = { signal: AbortSignal.timeout(280_000) };
      const { lab } = (await loadConfig(kafka.configPath, io)).clusters;
      if (lab?.broker !== 'kafka') throw new Error('the lab wrote no Kafka cluster');
      {
        await using admin = await kafkaDriver.administer('lab', lab, io);
        await admin.createTopic({ name: 'orders', partitions: 2, replicationFactor: 1 }, io);
      }
      const jars = await kafkaTools(defaultKafkaVersion, quiet);
      const produce = (name: keyof typeof rates, ...properties: readonly string[]) =>
        startJavaLoad(jars, 'org.apache.kafka.tools.ProducerPerformance', [
          ...`--bootstrap-server ${bootstrap} --topic orders --num-records 1000000 --throughput ${rates[name]}`.split(
            ' ',
          ),
          ...(name === 'packed' ? ['--payload-monotonic'] : ['--record-size', '400']),
          '--command-property',
          `client.id=${name}`,
          ...properties,
        ]);
      await using _alone = produce('alone', 'linger.ms=0', 'batch.size=1');
      await using _usual = produce(
        'usual',
        'linger.ms=100',
        'partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner',
      );
      await using _packed = produce('packed', 'linger.ms=500', 'compression.type=gzip');
      await using lookup = await kafkaDriver.lookUp('lab', lab, io);

      const sampled = async () =>
        (await lookup.sampleProducers(['orders'], io)).producers.toSorted(
          (one, other) => (one.messagesPerBatch ?? 0) - (other.messagesPerBatch ?? 0),
        );
      await expect
        .poll(async () => (await sampled()).map(({ activeSeconds = 0 }) => activeSeconds > 12), {
          timeout: 120_000,
          interval: 2000,
        })
        .toEqual([true, true, true]);
      const [alone, usual, packed] = await sampled();
      expect(alone).toMatchObject({ messagesPerBatch: 1 });
      expect(alone).not.toHaveProperty('compressionRatio');
      expect(usual?.messagesPerBatch).toBeGreaterThan(3);
      expect(packed?.messagesPerBatch).toBeGreaterThan(50);
      expect(packed?.compressionRatio).toBeGreaterThan(1.5);
      for (const [name, found] of Object.entries({ alone, usual, packed })) {
        const ratio = (found?.messagesPerSecond ?? Number.NaN) / rates[name as keyof typeof rates];
        expect(ratio, name).toBeGreaterThan(0.7);
        expect(ratio, name).toBeLessThan(1.4);
      }

      expect(await lookup.clientCounts(io)).toEqual({ kind: 'answered', value: { clients: [], notices: [] } });
      const unreached = { producer_byte_rate: 1e12, consumer_byte_rate: 1e12, request_percentage: 1e6 };
      await alterClientQuotas('lab', lab, [{ entity: { clientId: null }, values: unreached }], io);
      const counted = async () => {
        const told = await lookup.clientCounts(io);
        return told.kind === 'answered' ? told.value.clients : [];
      };
      await expect
        .poll(async () => (await counted()).map(({ clientId }) => clientId), { timeout: 60_000, interval: 2000 })
        .toEqual(expect.arrayContaining(Object.keys(rates)));
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      const clients = new Map((await counted()).map((client) => [client.clientId, client]));
      expect(clients.get('alone')?.producedBytesPerSecond).toBeGreaterThan(0.6 * rates.alone * 400);
      expect(clients.get('usual')?.producedBytesPerSecond).toBeGreaterThan(0.6 * rates.usual * 400);
      expect(clients.get('alone')?.threadSeconds).toBeGreaterThan(clients.get('packed')?.threadSeconds ?? Infinity);

      const { askJson } = asking('--config', kafka.configPath);
      const answer = await askJson('get', 'clients', '--cluster', 'lab');
      expect(answer).toMatchObject({
        by: 'messages',
        counted: expect.arrayContaining([expect.objectContaining({ clientId: 'alone' })]),
      });
    },
    300_000,
  );
}
