// Creates topics and groups that a test must not touch, and compares them before and after it.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { kafkaTools, tableIn } from './kafka-tools.ts';
import { makeTopics } from './kafka-topics.ts';

export interface Bystanders extends AsyncDisposable {
  /** Returns the whole state, for a comparison with the state before. */
  look(): Promise<unknown>;
  /** Adds messages to the topic `filler`, which no group reads. */
  fill(messages: number): Promise<void>;
}

/**
 * Creates two topics with 1,000 messages each, one with the prefix of load tests, and a group that committed in both.
 * @param dataFolder of the one broker
 */
export async function addBystanders(bootstrap: string[], dataFolder: string): Promise<Bystanders> {
  const client = new Kafka({ clientId: 'bystander', brokers: bootstrap, logLevel: logLevel.NOTHING });
  const [admin, producer] = [client.admin(), client.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const topics = ['orders', 'plimsoll-of-somebody-else'];
  await makeTopics(
    admin,
    [...topics, 'filler'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })),
  );
  const send = async (topic: string, count: number) => {
    for (let sent = 0; sent < count; sent += 1000) {
      await producer.send({ topic, messages: Array.from({ length: 1000 }, (_, n) => ({ value: `${topic} ${n}` })) });
    }
  };
  for (const topic of topics) {
    await send(topic, 1000);
    const partitions = [{ partition: 0, offset: '400' }];
    await admin.setOffsets({ groupId: 'plimsoll-billing', topic, partitions });
  }
  await send('filler', 1000);
  const tools = await kafkaTools(defaultKafkaVersion, bootstrap.join(','));

  return {
    async look() {
      const ends = await tools.run('offsets');
      const groups = await tools.run('groups', '--describe', '--all-groups');
      const configs = await tools.run('topics', '--describe');
      return {
        ends: ends.split('\n').filter((line) => /^[^_]/.test(line) && !line.startsWith('filler')),
        commits: tableIn(groups, 'GROUP').map((row) => [row['GROUP'], row['TOPIC'], row['CURRENT-OFFSET']]),
        topics: configs.split('\n').filter((line) => line.startsWith('Topic:') && !line.includes('__consumer_offsets')),
        bytes: Object.fromEntries(await Promise.all(topics.map(async (topic) => [topic, await digest(topic)]))),
      };
    },
    fill: (messages) => send('filler', messages),
    async [Symbol.asyncDispose]() {
      await Promise.all([admin.disconnect(), producer.disconnect(), tools[Symbol.asyncDispose]()]);
    },
  };

  async function digest(topic: string): Promise<string[]> {
    const folder = join(dataFolder, `${topic}-0`);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).toSorted();
    return Promise.all(
      names.map(async (name) => {
        const bytes = await readFile(join(folder, name));
        return `${name} ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
      }),
    );
  }
}
