// Produces with kafkajs; retries only with an idempotent producer, so that no batch is duplicated.

import type { Socket } from 'node:net';
import type { KafkaCluster } from '../client.ts';
import { CompressionTypes, type Producer, type Transaction } from 'kafkajs';
import { systemClock, untilAborted } from '../../../core/clock.ts';
import type { Compression, OutgoingBatch, ProducerOptions, TrafficProducer } from '../../driver.ts';
import { refuseUnsupported } from '../../unsupported.ts';
import { acksOnWire, replicasWaitMs } from '../acks-on-wire.ts';
import { toAppError } from '../errors.ts';
import { inOrder } from '../in-order.ts';
import { checkBatch, checkProducerOptions } from '../traffic-options.ts';
import { createTransactionWindows, type TransactionSteps } from '../transaction-windows.ts';
import { defaultTimeouts } from '../wire/connections.ts';
import { untilDrained } from '../wire/until-drained.ts';
import { createKafkajs, withinLeaveTimeout } from './connect.ts';

/** Retries of at most a second each; kafkajs is not idempotent without retries. */
const idempotentRetries = 30;
/** Kafka's default (transaction.timeout.ms). */
const leastTransactionTimeoutMs = 60_000;

/** kafkajs needs further packages for the other algorithms. */
const packed: Partial<Record<Compression, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
};

/** @throws AppError for options that are not supported, or when no broker is reachable */
export async function createProducer(
  { name, config }: KafkaCluster,
  options: ProducerOptions,
): Promise<TrafficProducer> {
  checkProducerOptions(options);
  const { acks, transactions, idempotent = false, ordered = false } = options;
  const compression = compressionOf(options);
  const isIdempotent = idempotent || transactions !== undefined;
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket) => void sockets.add(socket.on('close', () => sockets.delete(socket)));
  const producer = createKafkajs(config, defaultTimeouts, isIdempotent ? idempotentRetries : 0, onSocket).producer({
    allowAutoTopicCreation: false,
    idempotent: isIdempotent,
    ...(transactions === undefined
      ? {}
      : {
          transactionalId: transactions.id,
          transactionTimeout: Math.max(leastTransactionTimeoutMs, 2000 * transactions.duration),
        }),
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  try {
    await producer.connect();
    // Only the first transaction requests the id, which ends the open transaction of an earlier producer.
    if (transactions !== undefined) await (await producer.transaction()).abort();
  } catch (cause) {
    await withinLeaveTimeout(producer.disconnect());
    throw toAppError(cause, { action: `reach cluster ${name}` });
  }

  async function sendThrough(through: Pick<Producer, 'send'>, { topic, partition, values, keys }: OutgoingBatch) {
    const messages = values.map((value, index) => ({ key: keys?.[index] ?? null, value, partition }));
    const record = { topic, messages, acks: acksOnWire[acks], timeout: replicasWaitMs, compression };
    try {
      await through.send(record);
    } catch (cause) {
      throw toAppError(cause, { action: `send to ${topic}-${partition}` });
    }
  }
  const life = new AbortController();
  const send: TrafficProducer['send'] = async (batch, { signal }) => {
    signal.throwIfAborted();
    await untilAborted(sendThrough(producer, batch), signal);
    // Without acks, kafkajs does not wait until a full socket drains, nor report which socket it used.
    const drained = () => Promise.allSettled([...sockets].map((socket) => untilDrained(socket, life.signal)));
    if (acks === 'none') await untilAborted(drained(), signal);
  };
  const windows =
    transactions === undefined
      ? undefined
      : createTransactionWindows(transactionSteps(producer, ordered, sendThrough), {
          ...transactions,
          clock: systemClock,
          signal: life.signal,
        });
  const sends = windows ?? { send: ordered ? inOrder(send) : send };
  return {
    async send(batch, io) {
      checkBatch(batch);
      await sends.send(batch, io);
    },
    ...(windows && { endTransactions: windows.close }),
    async [Symbol.asyncDispose]() {
      life.abort();
      await withinLeaveTimeout(producer.disconnect());
    },
  };
}

/** @throws AppError unsupported-broker */
function compressionOf({ compression = 'none' }: ProducerOptions): CompressionTypes {
  const type = packed[compression];
  if (type !== undefined) return type;
  refuseUnsupported(
    `cannot compress with ${compression} with kafkajs: it supports gzip only`,
    'choose gzip or none, or the client platformatic (Kafka 2.8 and later)',
  );
}

function transactionSteps(
  producer: Producer,
  isOrdered: boolean,
  sendThrough: (through: Pick<Producer, 'send'>, batch: OutgoingBatch) => Promise<void>,
): TransactionSteps {
  let open: Transaction | undefined;
  const add = async (batch: OutgoingBatch) => {
    if (open !== undefined) await sendThrough(open, batch);
  };
  const addInOrder = inOrder(add);
  const life = new AbortController();
  return {
    async begin() {
      open = await producer.transaction();
    },
    add: (batch) => (isOrdered ? addInOrder(batch, life) : add(batch)),
    async commit() {
      await open?.commit();
      open = undefined;
    },
    async abort() {
      if (open?.isActive() === true) await open.abort();
      open = undefined;
    },
  };
}
