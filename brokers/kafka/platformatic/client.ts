// Implements the Kafka client on @platformatic/kafka's connections and requests, without its retries and caches.

import type { KafkaClient, KafkaCluster } from '../client.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import type {
  AnswerListener,
  ProducerOptions,
  TrafficProducer,
  ConsumerOptions,
  Io,
  TrafficConsumer,
} from '../../driver.ts';
import { inOrder } from '../in-order.ts';
import { checkBatch, checkProducerOptions, checkSpoken } from '../traffic-options.ts';
import { createConnections, defaultTimeouts, consumerTimeouts } from '../wire/connections.ts';
import { createBatchSender } from './batch-sender.ts';
import { createLeaders } from './leaders.ts';
import { initProducer, createTransactionalSends } from './transactional-sends.ts';
import { createSequencedSends, retainedBatches } from './partition-sequencer.ts';
import { endOfWait, ignoreFault } from '../../../core/errors.ts';
import { limitStarts } from '../../latest-starts.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { fetchAll, readLogEnds } from './fetch-loop.ts';
import { createGroupMember, type GroupMember } from './group-member.ts';

export const platformaticClient: KafkaClient = {
  traffic: async (cluster) => ({
    producer: (options, listener) => createProducer(cluster, options, listener),
    consumer: async (options, listener) => createConsumer(cluster, options, listener),
    async [Symbol.asyncDispose]() {},
  }),
};

/** Time in which a coordinator is elected, if there is one. */
const producerIdTimeout = seconds(30);
const needed = {
  idempotent: { InitProducerId: 4 },
  transactions: { InitProducerId: 4, FindCoordinator: 3, AddPartitionsToTxn: 3, EndTxn: 3 },
} as const;

/** @throws AppError for options that are not supported, or as the broker answers the request for a producer id */
async function createProducer(
  { name, config, ranges }: KafkaCluster,
  options: ProducerOptions,
  listener?: AnswerListener,
): Promise<TrafficProducer> {
  checkProducerOptions(options);
  const { acks, compression, transactions, idempotent = false, ordered = false } = options;
  if (transactions !== undefined) checkSpoken(`send transactions to cluster ${name}`, ranges, needed.transactions);
  else if (idempotent) checkSpoken(`be idempotent in cluster ${name}`, ranges, needed.idempotent);
  await using opened = new AsyncDisposableStack();
  const connections = opened.use(createConnections(name, config, defaultTimeouts));
  const leaders = createLeaders(connections);
  const batchSender = (transactionalId?: string) =>
    createBatchSender(connections, leaders, { acks, compression, transactionalId, listener });
  const life = new AbortController();
  opened.defer(() => life.abort());
  const sendBatch = batchSender();
  const lanes = { clock: systemClock, signal: life.signal, mostUnanswered: ordered ? 1 : retainedBatches, sendBatch };

  async function sender(): Promise<Pick<TrafficProducer, 'send' | 'endTransactions'>> {
    const io = { signal: AbortSignal.timeout(producerIdTimeout * 1000) };
    if (transactions !== undefined) {
      const withId = async (id: string) => {
        const own = { ...lanes, sendBatch: batchSender(id) };
        return opened.use(await createTransactionalSends(connections, { ...transactions, id }, own, io));
      };
      const even = await withId(transactions.id);
      const odd = await withId(`${transactions.id}-2`);
      // With one id, the network would idle during each commit. A partition always uses the same id, so its messages
      // keep their order.
      return {
        send: (batch, within) => (batch.partition % 2 === 0 ? even : odd).send(batch, within),
        endTransactions: async (within) => void (await Promise.all([even.close(within), odd.close(within)])),
      };
    }
    if (idempotent) return { send: createSequencedSends(lanes, await initProducer(connections, io), 'next-epoch') };
    return { send: ordered ? inOrder(sendBatch) : (batch, within) => sendBatch(batch, within) };
  }

  const { send, endTransactions } = await sender();
  const open = opened.move();
  return {
    async send(batch, io) {
      checkBatch(batch);
      await send(batch, io);
    },
    ...(endTransactions && { endTransactions }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const heartbeatInterval = seconds(1);
/** Timeout for batches in progress during a rebalance: half of the time that the coordinator waits for this member. */
const handoverTime = seconds(5);
/** Time limit for leaving, which must not delay a stop. */
const leaveTimeout = seconds(1.5);

/**
 * Consumes as a group member: joins, fetches its partitions, and commits the batches that its callbacks have
 * handled.
 */
function createConsumer(
  { name, config }: KafkaCluster,
  options: ConsumerOptions,
  listener?: AnswerListener,
): TrafficConsumer {
  const { group, topic, commits = 'each-second' } = options;
  const connections = createConnections(name, config, consumerTimeouts);
  const leaders = createLeaders(connections);
  const startOf = limitStarts(options.notAfter);

  /** Commits an end of the log at once, so that a rebalance cannot move it; without commits, keeps it in memory. */
  async function startingPositions(
    member: GroupMember,
    partitions: readonly number[],
    held: ReadonlyMap<number, bigint>,
    io: Io,
  ): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const known = new Map(await member.committed(partitions, io));
    if (commits === 'never') for (const [partition, position] of held) known.set(partition, position);
    const fresh = partitions.filter((partition) => !known.has(partition));
    const ends = await readLogEnds(connections, leaders, options, fresh, io);
    if (commits !== 'never') await member.commit(ends, io);
    const starts = [...known, ...ends].filter(([partition]) => partitions.includes(partition));
    return new Map(starts.map(([partition, start]) => [partition, startOf(partition, start)]));
  }

  const commitAll = async (member: GroupMember, { positions }: Deliveries, io: Io): Promise<boolean> =>
    commits === 'never' || (await member.commit(positions, io));

  /** @returns when the group rebalances. @throws the signal's reason when the run ends */
  async function keepSeat(member: GroupMember, deliveries: Deliveries, io: Io): Promise<void> {
    for (;;) {
      await systemClock.sleep(heartbeatInterval, io);
      const isSeated = await commitAll(member, deliveries, io);
      if (!isSeated || (await member.heartbeat(io)) === 'rebalancing') return;
    }
  }

  return {
    async run(onBatch, { signal, onAssigned }) {
      const member = createGroupMember(connections, leaders, group, topic);
      const commitOne = async (partition: number, next: bigint) =>
        void (await member.commit(new Map([[partition, next]]), { signal }));
      const deliveries = createDeliveries(onBatch, commits === 'each-batch' ? commitOne : undefined);
      let announce = onAssigned;
      try {
        while (!signal.aborted) {
          const assigned = await member.join({ signal });
          deliveries.beginAt(await startingPositions(member, assigned, deliveries.positions, { signal }));
          announce?.();
          announce = undefined;
          const seat = new AbortController();
          const io = { signal: AbortSignal.any([signal, seat.signal]) };
          const fetching = fetchAll({ connections, leaders, deliveries, listener }, options, io).catch(
            (cause: unknown) => {
              if (!io.signal.aborted) throw cause;
            },
          );
          const ends = [keepSeat(member, deliveries, io), fetching, deliveries.failed];
          await Promise.race(ends).finally(() => seat.abort());
          await fetching;
          await inTime(deliveries, handoverTime, { signal });
          // Handled batches are committed before joining again, so that no other member reads them again.
          await commitAll(member, deliveries, { signal });
        }
      } catch (cause) {
        if (!signal.aborted) throw cause;
      } finally {
        await sayGoodbye(member, deliveries);
      }
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };

  /** Ignores errors: without a coordinator the session times out, and the error of the run is the one to show. */
  async function sayGoodbye(member: GroupMember, deliveries: Deliveries): Promise<void> {
    const io = { signal: AbortSignal.timeout(leaveTimeout * 1000) };
    try {
      await inTime(deliveries, leaveTimeout / 2, io);
      await commitAll(member, deliveries, io);
      await member.leave(io);
    } catch (fault) {
      ignoreFault('the group notices after the session timeout')(fault);
    }
  }
}

/** Waits for running callbacks; batches of slower ones are not committed. */
async function inTime(deliveries: Deliveries, most: number, { signal }: Io): Promise<void> {
  const over = new AbortController();
  const bound = systemClock.sleep(seconds(most), { signal: AbortSignal.any([signal, over.signal]) });
  await Promise.race([deliveries.settled(), bound.catch(endOfWait)]).finally(() => over.abort());
}
