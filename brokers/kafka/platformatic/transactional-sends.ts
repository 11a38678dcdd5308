// Sends batches in transactions: registers each partition with the coordinator and ends the transaction there.

import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4, type API } from '../library.ts';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Io, OutgoingBatch, TransactionOptions } from '../../driver.ts';
import { coordinatorErrors, onceCoordinated } from '../coordinator-wait.ts';
import { kafkaErrorOf } from '../errors.ts';
import { createTransactionWindows, type TransactionWindows } from '../transaction-windows.ts';
import { ask } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';
import { findCoordinator } from '../wire/find-coordinator.ts';
import { createSequencedSends, type SequencedSendsTools } from './partition-sequencer.ts';

/** Kafka's default (transaction.timeout.ms), after which the broker aborts. Longer windows get twice their length. */
const leastTimeout = seconds(60);
/** Pause while markers of the previous transaction are written, as in Kafka (ADD_PARTITIONS_RETRY_BACKOFF_MS). */
const markersPause = seconds(0.02);
const retryPause = seconds(0.2);
/** Time limit of a request to the coordinator, as for the delivery of a batch. */
const patience = seconds(120);
const leaveTimeoutMs = 1500;

const passing: ReadonlySet<string> = new Set([
  ...coordinatorErrors,
  'CONCURRENT_TRANSACTIONS',
  'REQUEST_TIMED_OUT',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

/** @throws AppError as the coordinator answers */
export async function createTransactionalSends(
  connections: Connections,
  { id, duration }: TransactionOptions,
  lanes: SequencedSendsTools,
  io: Io,
): Promise<TransactionWindows & AsyncDisposable> {
  const { clock, signal } = lanes;
  const timeoutMs = Math.max(leastTimeout, 2 * duration) * 1000;
  let coordinator: string | undefined;
  let isOpen = false;

  /** Repeats a request while the coordinator moves or still writes markers. */
  async function askCoordinator<Arguments extends unknown[], Response>(
    action: string,
    within: Io,
    api: API<Arguments, Response>,
    ...request: Arguments
  ): Promise<Response> {
    const end = clock.monotonic() + patience;
    for (;;) {
      try {
        const address = (coordinator ??= await findCoordinator(connections, 'transaction', id, within));
        const connection = await connections.to(address, within, 'coordinator');
        return await ask(connection, { action: `${action} transaction ${id}`, address }, within, api, ...request);
      } catch (cause) {
        const refusal = kafkaErrorOf(cause)?.name ?? '';
        const isLost = cause instanceof AppError && cause.code === 'broker-unreachable';
        if ((!isLost && !passing.has(refusal)) || clock.monotonic() > end) throw cause;
        if (isLost || coordinatorErrors.has(refusal)) coordinator = undefined;
        await clock.sleep(refusal === 'CONCURRENT_TRANSACTIONS' ? markersPause : retryPause, within);
      }
    }
  }

  /** Fences the previous owner of the id, and aborts its open transaction. */
  async function identify(within: Io, known = { producerId: -1n, epoch: -1 }): Promise<ProducerIdentity> {
    const { producerId, epoch } = known;
    const given = await askCoordinator('begin', within, initProducerIdV4.api, id, timeoutMs, producerId, epoch);
    return { producerId: given.producerId, epoch: given.producerEpoch };
  }

  let identity = await identify(io);
  let store = createSequencedSends(lanes, identity, 'refuse');
  const life = { signal };
  /** Partitions of the open transaction by topic and number, each registered with the coordinator once. */
  let registrations = new Map<string, Promise<void>>();
  let unregistered: OutgoingBatch[] = [];
  let registering = Promise.resolve();

  function register(batch: OutgoingBatch): Promise<void> {
    const place = `${batch.topic} ${batch.partition}`;
    const known = registrations.get(place);
    if (known !== undefined) return known;
    unregistered.push(batch);
    // Partitions that are added while the coordinator answers are registered in one request.
    registering = registering.then(registerAll);
    registrations.set(place, registering);
    return registering;
  }

  async function registerAll(): Promise<void> {
    if (unregistered.length === 0) return;
    const topics = [...Map.groupBy(unregistered, ({ topic }) => topic)].map(([name, batches]) => ({
      name,
      partitions: batches.map(({ partition }) => partition),
    }));
    unregistered = [];
    const { producerId, epoch: producerEpoch } = identity;
    await askCoordinator('add partitions to', life, addPartitionsToTxnV3.api, [
      { transactionalId: id, producerId, producerEpoch, verifyOnly: false, topics },
    ]);
    isOpen = true;
  }

  async function endTransaction(isCommit: boolean, within: Io): Promise<void> {
    if (!isOpen) return;
    const { producerId, epoch } = identity;
    const action = isCommit ? 'commit' : 'abort';
    await askCoordinator(action, within, endTxnV3.api, id, producerId, epoch, isCommit);
    isOpen = false;
  }

  const windows = createTransactionWindows(
    {
      async begin() {
        [registrations, unregistered, registering] = [new Map(), [], Promise.resolve()];
      },
      async add(batch) {
        await register(batch);
        await store(batch, life);
      },
      commit: () => endTransaction(true, life),
      async abort() {
        // The next epoch invalidates requests that are still on their way. It would end the open transaction too, but
        // Kafka 2.8 then treats this producer as another one, and fences it.
        await registering.catch(ignoreFault('what was not registered is not part of the transaction'));
        await endTransaction(false, life);
        identity = await identify(life, identity);
        store = createSequencedSends(lanes, identity, 'refuse');
      },
    },
    { id, duration, clock, signal },
  );

  return {
    ...windows,
    async [Symbol.asyncDispose]() {
      // Otherwise, consumers of committed messages wait for its timeout. A lost coordinator cannot be notified.
      await endTransaction(false, { signal: AbortSignal.timeout(leaveTimeoutMs) }).catch(
        ignoreFault('the coordinator aborts the transaction after its timeout'),
      );
    },
  };
}

export interface ProducerIdentity {
  producerId: bigint;
  epoch: number;
}

/** The broker reads the timeout only for transactional producers. */
const noTransactionTimeoutMs = 0;

/** Requests the id from any broker. @throws AppError as the broker answers */
export function initProducer(connections: Connections, io: Io): Promise<ProducerIdentity> {
  return onceCoordinated(io, async () => {
    const { connection, address } = await connections.bootstrap(io);
    const attempt = { action: 'get a producer id', address };
    const given = await ask(connection, attempt, io, initProducerIdV4.api, null, noTransactionTimeoutMs, -1n, -1);
    return { producerId: given.producerId, epoch: given.producerEpoch };
  });
}
