// Produces and consumes while RocketMQ changes, and counts lost, duplicated and reordered messages.

import { setTimeout as delay } from 'node:timers/promises';
import { createConsumer } from '../../brokers/rocketmq/consumer.ts';
import { createProducer } from '../../brokers/rocketmq/producer.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { createTopicQueues } from '../../brokers/rocketmq/topic-queues.ts';
import { AppError } from '../../core/errors.ts';
import { createDeliveryCheck } from '../../loadgen/delivery/delivery-check.ts';
import type { SendFate } from '../../loadgen/delivery/send-recorder.ts';
import { consumedLine, linesOf, markOf, producedLine, receiverBook, senderBooks } from './delivery-run.ts';
import { createPayloads } from './payloads.ts';
import type { RunningRocketmq } from './rocketmq.ts';
import { sendPhases, type Phase } from './send-phases.ts';

/** Number of keys: messages with one key go to one queue, in order, while the queues stay the same. */
const keys = 8;

export interface ChangeLoadOptions {
  topic: string;
  /** Seconds for which the producer uses cached routes; 30 s for Java clients, shorter in tests. */
  routesSeconds?: number;
  /** True if it never refreshes routes, like clients that stay on a queue. */
  isStubborn?: boolean;
}

export interface ChangeLoad extends AsyncDisposable {
  /** Assigns subsequent sends to this phase. */
  phase(name: string): void;
  acknowledged(): number;
  received(): number;
  /** Stops the producer, waits until the group has received everything or nothing more arrives, and completes the delivery check. */
  end(): Promise<{
    account: Awaited<ReturnType<ReturnType<typeof createDeliveryCheck>['account']>>;
    phases: Record<string, Phase>;
  }>;
}

const signal = new AbortController().signal;
const pauseMs = 40;

export async function startChangeLoad(
  lab: Pick<RunningRocketmq, 'config'>,
  options: ChangeLoadOptions,
): Promise<ChangeLoad> {
  const { topic, routesSeconds = 3, isStubborn = false } = options;
  const { config } = lab;
  const sides = ['producer', 'consumer'].map(() => createRemotingClient({ name: 'lab', config }));
  const [own, reading] = sides as [(typeof sides)[number], (typeof sides)[number]];
  const followed = createTopicQueues({ cluster: 'lab', client: own, namesrv: config.namesrv });
  const held = await followed.of(topic, { signal });
  const queues = isStubborn ? { of: async () => held, forget: () => {}, renew: () => {} } : followed;
  const producer = createProducer(own, queues, { acks: 'all', requests: 'batch' });
  const consumer = createConsumer(
    reading,
    createTopicQueues({ cluster: 'lab', client: reading, namesrv: config.namesrv }),
    { group: `${topic}-readers`, topic, from: 'start', commits: 'each-second' },
  );
  const [sent] = senderBooks([Array.from({ length: keys }, (_, key) => key)], keys);
  const got = receiverBook([Array.from({ length: keys }, (_, key) => key)], keys);
  const phases = sendPhases('before');
  let [acknowledged, received, isOver] = [0, 0, false];

  /** @returns the result, after retries to other queues like clients: two, as retryTimesWhenSendFailed */
  async function send(
    number: number,
    { sentAgain }: Pick<ReturnType<typeof phases.begin>, 'sentAgain'>,
  ): Promise<SendFate> {
    const value = createPayloads({ mark: markOf(1), seed: 1, messageBytes: 200 }, 1, () => ({
      number,
      intendedMicroseconds: Date.now() * 1000,
    }));
    let fate: SendFate = 'refused';
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const all = (await queues.of(topic, { signal })).filter(({ isWritable }) => isWritable);
        const queue = all[((number + attempt) % keys) % all.length];
        if (queue === undefined) throw new AppError('broker-refused', 'no queue takes messages');
        await producer.send(
          { topic, partition: queue.partition, values: value },
          { signal: AbortSignal.timeout(3000) },
        );
        return 'acknowledged';
      } catch (cause) {
        if (!(cause instanceof AppError) || cause.code === 'broker-unreachable') fate = 'unknownFate';
        sentAgain();
        queues.forget(topic);
        await delay(200);
      }
    }
    return fate;
  }

  async function produceKey(key: number): Promise<void> {
    for (let number = key; !isOver; number += keys) {
      const numbers = [number];
      const timed = phases.begin();
      sent?.sent(0, numbers);
      const fate = await send(number, timed);
      sent?.settle(numbers, fate, 0, 1);
      if (fate === 'acknowledged') acknowledged += 1;
      timed.end();
      await delay(pauseMs);
    }
  }

  const stop = new AbortController();
  const assigned = Promise.withResolvers<void>();
  const consuming = consumer.run(
    ({ partition, values, offsets }) => {
      for (const [index, value] of values.entries()) {
        got.receive(value, partition, offsets[index] ?? 0, Date.now() * 1000);
        received += 1;
      }
    },
    { signal: stop.signal, onAssigned: () => assigned.resolve() },
  );
  let gaveUp: Error | undefined;
  consuming.catch((cause: unknown) => {
    gaveUp = new Error('the reader gave up', { cause });
    assigned.reject(cause);
  });
  await assigned.promise;
  const refreshing = setInterval(() => queues.forget(topic), routesSeconds * 1000);
  const producing = Promise.all(Array.from({ length: keys }, (_, key) => produceKey(key)));

  async function close(): Promise<void> {
    isOver = true;
    clearInterval(refreshing);
    await producing;
    stop.abort();
    await consuming.catch(() => {});
    await producer[Symbol.asyncDispose]();
    await reading[Symbol.asyncDispose]();
  }

  return {
    phase: (name) => phases.enter(name),
    acknowledged: () => acknowledged,
    received: () => received,
    async end() {
      isOver = true;
      await producing;
      const until = performance.now() + 45_000;
      while (received < acknowledged && performance.now() < until) await delay(100);
      // A reader that fails has not lost messages.
      if (gaveUp !== undefined) throw gaveUp;
      await delay(500);
      const journal = [sent?.take(), got.take()].flatMap((ledger, index) => {
        if (ledger === undefined) return [];
        return [index === 0 ? producedLine(ledger as never) : consumedLine('readers', ledger as never)];
      });
      const ledger = createDeliveryCheck({ topics: [topic], groups: ['readers'] });
      for (const line of journal) ledger.add(line);
      const account = await ledger.account(() => linesOf(journal));
      return { account, phases: phases.table() };
    },
    [Symbol.asyncDispose]: close,
  };
}
