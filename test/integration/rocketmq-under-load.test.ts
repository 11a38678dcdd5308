// Checks that each collection of RocketMQ lies between independent readings just before and after it.

import { expect } from 'vitest';
import { rocketmqDriver } from '../../brokers/rocketmq/driver.ts';
import type { RemotingClient } from '../../brokers/rocketmq/protocol/frame.ts';
import {
  encodeGetMaxOffset,
  parseGetMaxOffset,
  encodeQueryConsumerOffset,
  parseQueryConsumerOffset,
} from '../../brokers/rocketmq/protocol/offset-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { expectWithinBounds, type Marks, type Metrics } from '../support/bounds-under-load.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../support/rocketmq.ts';
import { watchPage } from '../support/watched-page.ts';

const [topic, group] = ['orders', 'billing'];
const queueIds = [0, 1, 2, 3];
const placeOf = (queueId: number | string) => `broker-a ${queueId}`;
/** The quick run checks this with Kafka. */
const versions = fullMatrix ? ['5.3.3', '4.9.7'] : [];
const collections = 100;

const metrics: Metrics = {
  end: 'rocketmq_queue_end_offset',
  committed: 'rocketmq_consumergroup_offset',
  lag: 'rocketmq_consumergroup_lag_messages',
  labelsOf(place) {
    const [broker = '', queue = ''] = place.split(' ');
    return { topic, broker, queue, consumergroup: group };
  },
};

for (const version of versions) {
  requires('java', 'maven').test(
    `under load each scrape of RocketMQ ${version} lies between two readings queue by queue, and of mqadmin`,
    async () => {
      const signal = AbortSignal.timeout(250_000);
      await using rocketmq = await startRocketmq({ version });
      {
        await using maker = await rocketmqDriver.administer('lab', rocketmq.config, { signal });
        await maker.createTopic({ name: topic, partitions: queueIds.length, replicationFactor: 1 }, { signal });
        // mqadmin finds a group by this topic.
        await maker.createTopic({ name: `%RETRY%${group}`, partitions: 1, replicationFactor: 1 }, { signal });
      }
      await using _ = await startLoad(rocketmq, signal);
      await using client = createRemotingClient({ name: 'lab', config: rocketmq.config });
      const inspector = await rocketmqDriver.inspect('lab', rocketmq.config, { signal });
      await using page = await watchPage([{ name: 'lab', kind: 'rocketmq', inspector }]);
      const watch = { page, metrics, places: queueIds.map(placeOf) };
      const [{ address } = { address: '' }] = rocketmq.brokers;
      await expectWithinBounds(watch, () => readMarks(client, address, signal), collections);
      await expectWithinBounds(watch, () => printedMarks(rocketmq), 1);
    },
    300_000,
  );
}

/** Sends to every queue, and reads as a group whose pulls commit the previous messages, until disposed. */
async function startLoad({ config }: RunningRocketmq, signal: AbortSignal): Promise<AsyncDisposable> {
  const stopped = new AbortController();
  const io = { signal: AbortSignal.any([signal, stopped.signal]) };
  const load = new AsyncDisposableStack();
  const traffic = load.use(await rocketmqDriver.traffic('lab', config, { signal }));
  const producer = load.use(await traffic.producer({ acks: 'leader' }));
  const consumer = load.use(await traffic.consumer({ group, topic }));
  const seated = Promise.withResolvers<void>();
  const consuming = consumer.run(() => {}, { ...io, onAssigned: seated.resolve });
  await Promise.race([seated.promise, consuming]);
  const values = Array.from({ length: 10 }, () => Buffer.from('x'));
  const sending = (async () => {
    while (!stopped.signal.aborted) {
      await Promise.all(
        queueIds.map((partition) => producer.send({ topic, partition, values }, { signal }).catch(unlessBusy)),
      );
      await systemClock.sleep(seconds(0.005));
    }
  })();
  load.defer(async () => {
    stopped.abort();
    await Promise.all([sending, consuming]);
  });
  return load;
}

/** A broker on a busy machine rejects sends; the next ones follow immediately. */
function unlessBusy(cause: unknown): void {
  if (!(cause instanceof AppError) || cause.code !== 'broker-busy') throw cause;
}

/** Reads commit and end of each queue with separate requests, which collections do not send or may omit. */
async function readMarks(client: RemotingClient, address: string, signal: AbortSignal): Promise<Marks> {
  const marks = await Promise.all(
    queueIds.map(async (queueId) => {
      const [committed, end] = await Promise.all([
        client.ask(address, encodeQueryConsumerOffset({ consumerGroup: group, topic, queueId }), { signal }),
        client.ask(address, encodeGetMaxOffset({ topic, queueId }), { signal }),
      ]);
      const mark = { end: parseGetMaxOffset(end), committed: parseQueryConsumerOffset(committed) ?? -1n };
      return [placeOf(queueId), mark] as const;
    }),
  );
  return new Map(marks.filter(([, { committed }]) => committed >= 0n));
}

async function printedMarks({ mqadmin }: RunningRocketmq): Promise<Marks> {
  const told = await mqadmin(['consumerProgress', '-g', group]);
  const rows = told
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([word]) => word === topic);
  expect(rows, told).toHaveLength(queueIds.length);
  return new Map(
    rows.map(([, , queueId = '', end = '', committed = '']) => [
      placeOf(queueId),
      { end: BigInt(end), committed: BigInt(committed) },
    ]),
  );
}
