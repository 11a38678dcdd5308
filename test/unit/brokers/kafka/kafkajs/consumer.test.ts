import { Kafka, type ConsumerRunConfig, type EachBatchPayload } from 'kafkajs';
import { afterEach, expect, test, vi } from 'vitest';
import type { ConsumerOptions } from '../../../../../brokers/driver.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createConsumer } from '../../../../../brokers/kafka/kafkajs/consumer.ts';

afterEach(() => void vi.restoreAllMocks());

const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] });

/** A kafkajs group that records calls; the log of each partition ends at offset 100. */
async function consuming(options: Partial<ConsumerOptions>, committing = Promise.resolve()) {
  const done: string[] = [];
  const listeners = new Map<string, (event: object) => void>();
  const running = Promise.withResolvers<ConsumerRunConfig>();
  const started = vi.fn<() => void>();
  const consumer = {
    events: { CRASH: 'crash', REQUEST_TIMEOUT: 'timeout', GROUP_JOIN: 'join' },
    on(event: string, listener: (event: object) => void) {
      listeners.set(event, listener);
      return () => void listeners.delete(event);
    },
    connect: async () => {},
    subscribe: async () => {},
    run: async (given: ConsumerRunConfig) => running.resolve(given),
    seek: ({ partition, offset }: { partition: number; offset: string }) =>
      void done.push(`seek ${partition}=${offset}`),
    async commitOffsets(offsets: { partition: number; offset: string }[]) {
      for (const { partition, offset } of offsets) done.push(`commit ${partition}=${offset}`);
      await committing;
    },
    stop: async () => void done.push('stop'),
    disconnect: async () => {},
  };
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    fetchOffsets: async () => [],
    fetchTopicMetadata: async () => ({ topics: [{ name: 't', partitions: [{ partitionId: 0 }, { partitionId: 1 }] }] }),
    fetchTopicOffsets: async () => [0, 1].map((partition) => ({ partition, low: '0', high: '100' })),
  };
  vi.spyOn(Kafka.prototype, 'consumer').mockReturnValue(consumer as never);
  vi.spyOn(Kafka.prototype, 'admin').mockReturnValue(admin as never);
  const handed: string[] = [];
  const ending = new AbortController();
  const group = await createConsumer(
    { name: 'lab', config, ranges: new Map() },
    { group: 'g', topic: 't', ...options },
  );
  const ended = group.run(({ partition, offsets }) => void handed.push(`${partition}=${offsets.join()}`), {
    signal: ending.signal,
    onAssigned: started,
  });
  const { eachBatch, eachBatchAutoResolve = true, partitionsConsumedConcurrently = 1 } = await running.promise;
  return {
    done,
    handed,
    started,
    ended,
    partitionsConsumedConcurrently,
    abort: () => ending.abort(),
    join: (...partitions: number[]) => listeners.get('join')?.({ payload: { memberAssignment: { t: partitions } } }),
    /** Like kafkajs, commits resolved offsets. */
    async batch(partition: number, offset: string) {
      const resolveOffset = (resolved: string) => void done.push(`resolve ${partition}=${resolved}`);
      const messages = [{ offset, key: null, value: Buffer.from('x') }];
      const batch = { partition, messages, lastOffset: () => offset };
      await eachBatch?.({ batch, resolveOffset, heartbeat: async () => {} } as unknown as EachBatchPayload);
      if (eachBatchAutoResolve) resolveOffset(offset);
    },
  };
}

test('a batch that arrives during the final commit is neither delivered nor committed', async () => {
  const { promise: committing, resolve: committed } = Promise.withResolvers<void>();
  const group = await consuming({}, committing);
  await group.batch(0, '7');
  group.abort();
  await vi.waitFor(() => expect(group.done).toContain('commit 0=8'));
  await group.batch(0, '8');
  committed();
  await group.ended;
  expect(group.handed).toEqual(['0=7']);
  expect(group.done).toEqual(['resolve 0=7', 'commit 0=8', 'stop']);
});

test('a group that never commits continues after a rebalance at its position, even before its first message', async () => {
  const group = await consuming({ commits: 'never' });
  group.join(0, 1);
  await vi.waitFor(() => expect(group.started).toHaveBeenCalled());
  await group.batch(0, '120');
  group.done.length = 0;
  group.join(0, 1);
  expect(group.done).toEqual(['seek 0=121', 'seek 1=100']);
  group.join(1);
  group.done.length = 0;
  group.join(0, 1);
  await vi.waitFor(() => expect(group.done).toEqual(['seek 1=100', 'seek 0=100']));
  group.abort();
  await group.ended;
  expect(group.done.at(-1)).toBe('stop');
});

test('a group that commits gets its positions from the brokers after a rebalance', async () => {
  const group = await consuming({});
  await group.batch(0, '120');
  group.join(0);
  await vi.waitFor(() => expect(group.done).toEqual(['resolve 0=120', 'commit 0=100', 'seek 0=100']));
  group.abort();
  await group.ended;
  expect(group.done.at(-1)).toBe('stop');
});

test('as many partitions as the topic has are consumed concurrently, so that a slow batch does not block others', async () => {
  const group = await consuming({});
  expect(group.partitionsConsumedConcurrently).toBe(2);
  group.abort();
  await group.ended;
});
