// Checks the page of a Kafka broker with a full disk.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { startKafka } from '../../support/kafka.ts';
import { makeTopics } from '../../support/kafka-topics.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { inspectKafka } from '../../support/proxied-kafka.ts';
import { createShiftingClock } from '../../support/shifting-clock.ts';
import { isFresh, watchPage, type ScrapedPage } from '../../support/watched-page.ts';

const topic = 'orders';
const partitions = 4;

if (fullMatrix) {
  requires('java', 'maven', 'root').test(
    'a disk that is full',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-full-disk-'));
      const [small, large] = [join(folder, 'small'), join(folder, 'large')];
      await mkdir(small);
      await mkdir(large);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'plimsoll-test', small]);
      try {
        await using kafka = await startKafka({
          properties: {
            'log.dirs': `${small},${large}`,
            'metadata.log.dir': large,
            'log.segment.bytes': String(2 * 2 ** 20),
            'log.index.size.max.bytes': '65536',
          },
        });
        const clock = createShiftingClock();
        const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
        await using page = await watchPage(
          [{ name: 'lab', kind: 'kafka', inspector: inspectKafka('lab', config, clock) }],
          { clock },
        );
        const client = new Kafka({ brokers: kafka.bootstrap, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
        const [admin, producer] = [client.admin(), client.producer()];
        await Promise.all([admin.connect(), producer.connect()]);
        await using _ = {
          [Symbol.asyncDispose]: async () => void (await Promise.all([admin.disconnect(), producer.disconnect()])),
        };
        await makeTopics(admin, [{ topic, numPartitions: partitions }]);
        const before = (await page.scrapeUntil('all is well', 40, isFresh)).at(-1) as ScrapedPage;
        expect(leaders(before)).toHaveLength(partitions);
        expect(before.samples.get(online(small))).toBe('1');

        // Writes to every partition until those on the small disk refuse.
        const value = Buffer.alloc(500_000, 'x');
        for (let round = 0, refused = false; round < 200 && !refused; round += 1) {
          const sent = Array.from({ length: partitions }, (_, partition) =>
            producer.send({ topic, messages: [{ partition, value }] }),
          );
          refused = (await Promise.allSettled(sent)).some(({ status }) => status === 'rejected');
        }
        const pages = await page.scrapeUntil('the disk is offline', 200, (each) => {
          // Disks are read once a minute.
          clock.advance(60);
          return isFresh(each) && each.samples.get(online(small)) === '0';
        });
        const full = pages.at(-1) as ScrapedPage;
        expect(full.samples.get('plimsoll_cluster_up{cluster="lab"}')).toBe('1');
        expect(full.samples.get(online(large))).toBe('1');
        const leaderless = Number(
          full.samples.get(`kafka_topic_leaderless_partitions{cluster="lab",topic="${topic}"}`),
        );
        expect(leaderless).toBeGreaterThan(0);
        expect(leaders(full)).toHaveLength(partitions - leaderless);
        const ends = [...full.samples.keys()].filter((key) => key.startsWith('kafka_topic_partition_current_offset'));
        expect(ends.filter((key) => key.includes(`topic="${topic}"`))).toHaveLength(partitions - leaderless);

        function online(path: string): string {
          return `kafka_log_dir_online{broker="1",cluster="lab",path="${path}"}`;
        }
      } finally {
        execFileSync('umount', ['-l', small]);
        await rm(folder, { recursive: true, force: true });
      }
    },
    400_000,
  );
}

const leaders = ({ samples }: ScrapedPage) =>
  [...samples.keys()].filter(
    (key) => key.startsWith('kafka_topic_partition_leader{') && key.includes(`topic="${topic}"`),
  );
