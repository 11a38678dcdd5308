// Sends batches concurrently over one connection per leader; only an idempotent producer retries.

import type { KafkaCluster } from '../client.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import type { AnswerListener, ProducerOptions, TrafficProducer } from '../../driver.ts';
import { inOrder } from '../in-order.ts';
import { checkBatch, checkProducerOptions, checkSpoken } from '../traffic-options.ts';
import { createConnections, defaultTimeouts } from '../wire/connections.ts';
import { createBatchSender } from './batch-sender.ts';
import { createLeaders } from './leaders.ts';
import { initProducer } from './producer-identity.ts';
import { createSequencedSends, retainedBatches } from './partition-sequencer.ts';
import { createTransactionalSends } from './transactional-sends.ts';

/** Time in which a coordinator is elected, if there is one. */
const producerIdTimeout = seconds(30);
const needed = {
  idempotent: { InitProducerId: 4 },
  transactions: { InitProducerId: 4, FindCoordinator: 3, AddPartitionsToTxn: 3, EndTxn: 3 },
} as const;

/** @throws AppError for options that are not supported, or as the broker answers the request for a producer id */
export async function createProducer(
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
