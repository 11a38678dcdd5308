// Checks the page during a rolling upgrade of Kafka.

import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { makeTopics } from '../../support/kafka-topics.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { inspectKafka, startProxiedKafka } from '../../support/proxied-kafka.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startKafka } from '../../support/kafka.ts';
import { gone, isFresh, partsThatAre, watchPage, type ScrapedPage } from '../../support/watched-page.ts';

const [from, to] = ['3.9.2', '4.3.1'];
const topic = 'orders';
const group = 'billing';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a rolling upgrade from Kafka 3.9 to 4.3',
    async () => {
      // Downloads the jars of the newer release into the shared cache.
      await (await startKafka({ version: to }))[Symbol.asyncDispose]();
      await using lab = await startProxiedKafka({ version: from });
      await fill(lab.kafka.bootstrap);
      const inspector = inspectKafka('lab', lab.config, systemClock);
      await using page = await watchPage([{ name: 'lab', kind: 'kafka', inspector }]);
      const version = async () => (await inspector.describe({ signal: AbortSignal.timeout(60_000) })).version;
      expect(await version()).toMatch(/^3\./);
      const isWhole = (each: ScrapedPage) =>
        isFresh(each) &&
        each.samples.get('kafka_brokers{cluster="lab"}') === '3' &&
        inSync(each).every((replicas) => replicas === '3');
      const before = (await page.scrapeUntil('all is well', 200, isWhole)).at(-1) as ScrapedPage;
      const needed = [...before.samples.keys()].filter(
        (key) => key.includes(`topic="${topic}"`) && key.startsWith('kafka_'),
      );
      const kept = needed.filter((key) => /_(current_offset|lag)\{/.test(key));
      expect(kept.length).toBe(3 * 3);

      for (const { pid } of lab.kafka.brokers) {
        const undertaker = undertakerOf(pid);
        await undertaker.end('SIGTERM');
        const away = await page.scrapeUntil('the others took over', 400, (each) => {
          return isFresh(each) && each.samples.get('kafka_brokers{cluster="lab"}') === '2';
        });
        undertaker.revive((words) => words.map((word) => word.replaceAll(`kafka-${from}`, `kafka-${to}`)));
        const back = await page.scrapeUntil('it is back', 600, isWhole);
        let blank = 0;
        for (const each of [...away, ...back]) {
          expect(each.samples.get('plimsoll_cluster_up{cluster="lab"}')).toBe('1');
          expect(partsThatAre(each, 'missing')).toEqual([]);
          if (kept.some((key) => !each.samples.has(key))) blank += 1;
        }
        // When a leader stops, others may not know its successor yet.
        expect(blank).toBeLessThanOrEqual(2);
      }
      const after = (await page.scrapeUntil('all is well', 200, isWhole)).at(-1) as ScrapedPage;
      expect(await version()).toMatch(/^4\./);
      expect(gone(before, after)).toEqual([]);
      for (const key of kept) expect(after.samples.get(key)).toBe(before.samples.get(key));
    },
    900_000,
  );
}

const inSync = ({ samples }: ScrapedPage) =>
  [...samples].filter(([key]) => key.startsWith('kafka_topic_partition_in_sync_replica{')).map(([, value]) => value);

async function fill(brokers: string[]): Promise<void> {
  const kafka = new Kafka({ clientId: 'filler', brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await makeTopics(admin, [{ topic, numPartitions: 3, replicationFactor: 3 }]);
    const partitions = [0, 1, 2];
    await producer.send({ topic, messages: partitions.map((partition) => ({ partition, value: 'x' })) });
    const offsets = partitions.map((partition) => ({ partition, offset: '0' }));
    await admin.setOffsets({ groupId: group, topic, partitions: offsets });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}
