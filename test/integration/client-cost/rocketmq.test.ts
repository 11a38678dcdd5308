// Attributes each message to the client that sent it: two producers and a group of a real RocketMQ.

import { expect } from 'vitest';
import { rocketmqDriver } from '../../../brokers/rocketmq/driver.ts';
import { defaultRocketmqVersion, rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { asking } from '../../support/asking.ts';
import { startJavaPeer } from '../../support/java-peer.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const topic = 'orders';

// The quick run checks this with Kafka.
for (const version of fullMatrix ? [defaultRocketmqVersion, '4.9.7'] : []) {
  requires('java', 'maven').test(
    `messages are attributed to clients by their address: RocketMQ ${version}`,
    async () => {
      await using rocketmq = await startRocketmq({ version });
      const { config, namesrv } = rocketmq;
      const io = { signal: AbortSignal.timeout(240_000) };
      {
        await using admin = await rocketmqDriver.administer('lab', config, io);
        await admin.createTopic({ name: topic, partitions: 4, replicationFactor: 1 }, io);
      }
      const release = rocketmqRelease(version);
      await using busy = await startJavaPeer('RocketmqPeer', release, namesrv.join(';'));
      await using quiet = await startJavaPeer('RocketmqPeer', release, namesrv.join(';'));
      await busy.ask('consume', 'billing', topic);
      // A send fails when its process is stopped below.
      const sending = [busy, quiet].map((peer) => peer.ask('send', topic, 500_000, 0).catch(() => undefined));
      {
        await using lookup = await rocketmqDriver.lookUp('lab', config, io);
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        const { producers, topics } = await lookup.sampleProducers([topic], io);
        expect(topics).toEqual([topic]);
        expect(producers).toHaveLength(2);
        const [more, less] = producers.toSorted((one, other) => other.messagesPerSecond - one.messagesPerSecond);
        expect(less?.messagesPerSecond).toBeGreaterThan(0.1 * (more?.messagesPerSecond ?? Infinity));
        for (const producer of producers) {
          expect(producer.clientId).toMatch(/@\d+/);
          expect(producer.groups).toEqual(['peer-producers']);
        }
        expect(more?.clientId).not.toBe(less?.clientId);

        const { askJson } = asking('--namesrv', namesrv.join());
        const answer = await askJson('get', 'clients', '--interval', '15');
        expect(answer).toMatchObject({
          by: 'messages',
          clients: expect.arrayContaining([
            expect.objectContaining({ role: 'producer', name: more?.clientId, topics: [topic] }),
            expect.objectContaining({ role: 'producer', name: less?.clientId }),
            expect.objectContaining({ role: 'consumer', by: 'group', name: 'billing', topics: [topic] }),
          ]),
        });
      }
      await busy[Symbol.asyncDispose]();
      await quiet[Symbol.asyncDispose]();
      await Promise.all(sending);
    },
    300_000,
  );
}
