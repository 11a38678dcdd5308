// Sends transactional messages: the half message first, then the commit at once or when the broker checks.

import { deflateSync } from 'node:zlib';
import { seconds, systemClock, untilAborted } from '../../core/clock.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { Io, OutgoingBatch } from '../driver.ts';
import { allSent } from '../send-fate.ts';
import { ask, type Attempt, checkStored } from './ask.ts';
import { compressedFlag, type SendOptions, type Sends } from './plain-sends.ts';
import { busyIn } from './protocol/busy.ts';
import {
  checkTransactionState,
  parseCheckTransactionState,
  encodeEndTransaction,
} from './protocol/transaction-requests.ts';
import type { RemotingClient, Request, TypedRequest } from './protocol/frame.ts';
import { createUniqueKeys, decodeOffsetMessageId } from './protocol/message-id.ts';
import { encodeProperties, propertyNames } from './protocol/message-properties.ts';
import { encodeSendMessageV2, type SendReceipt } from './protocol/send-message.ts';
import type { TopicQueue } from './topic-queues.ts';
import { randomUUID } from 'node:crypto';
import { encodeHeartbeat, encodeUnregisterClient } from './protocol/member-requests.ts';

/** MessageSysFlag of Java: TRANSACTION_PREPARED_TYPE. */
const preparedFlag = 4;

/** Together shorter than the six seconds after which a broker checks a transaction (transactionTimeOut). */
const endRetryPauses = [0.1, 0.2, 0.4, 0.8, 1.6].map(seconds);

interface TransactionalOptions extends Pick<SendOptions, 'acks' | 'isCompressed' | 'ordered'> {
  /** Group used only by this producer; otherwise the broker would check with another one. */
  group: string;
  /** Share of the messages whose outcome is sent only when the broker checks. */
  leftToCheck: number;
}

interface Open {
  topic: string;
  /** Called when the message was committed after a check of the broker. */
  onCommitted: () => void;
}

/** @param client used only by this producer: brokers send checks over the connection of its heartbeats */
export function createTransactionalSends(client: RemotingClient, options: TransactionalOptions): Sends {
  const { group, acks, isCompressed, ordered, leftToCheck } = options;
  const nextKey = createUniqueKeys(systemClock);
  const closing = new AbortController();
  const seat = createProducerRegistration(client, group);
  /** Transactions by unique key, from before the half message is sent until the commit. */
  const open = new Map<string, Open>();
  let sent = 0;

  client.onRequest(checkTransactionState, (request, address) => {
    void answerCheck(request, address).catch(() => {
      // The broker repeats the check.
    });
    return undefined;
  });

  /** Rolls back unknown half messages, because this producer never reported them as stored. */
  async function answerCheck(request: Request, address: string): Promise<void> {
    const check = parseCheckTransactionState(request);
    const known = open.get(check.transactionId);
    const end = {
      ...check,
      producerGroup: group,
      topic: known?.topic ?? '',
      outcome: known === undefined ? ('roll-back' as const) : ('commit' as const),
      isCheckedBack: true,
    };
    const attempt = { action: 'end a transaction', address };
    await ask(client, attempt, encodeEndTransaction(end), closing);
    known?.onCommitted();
  }

  /** Spreads the messages that are left to a check evenly. */
  function isLeft(): boolean {
    sent += 1;
    return Math.floor(sent * leftToCheck) > Math.floor((sent - 1) * leftToCheck);
  }

  async function putOne(queue: TopicQueue, attempt: Attempt, message: Message, io: Io): Promise<void> {
    const { topic } = queue;
    const transactionId = nextKey();
    const committed = Promise.withResolvers<void>();
    open.set(transactionId, { topic, onCommitted: committed.resolve });
    try {
      const request = encodeHalf(queue, message, transactionId);
      const receipt = await ask(client, attempt, request, io);
      checkStored(receipt, attempt, acks);
      if (isLeft()) return await untilAborted(committed.promise, io.signal);
      const place = placeOf(receipt);
      const end = {
        ...place,
        producerGroup: group,
        topic,
        outcome: 'commit' as const,
        transactionId,
        isCheckedBack: false,
      };
      await commit(encodeEndTransaction(end), { ...attempt, action: `commit a ${attempt.action}` }, io);
    } finally {
      open.delete(transactionId);
    }
  }

  /** Retries the commit of a stored half message while the broker is busy. @throws as `ask`, if it stays busy */
  async function commit(end: TypedRequest<void>, attempt: Attempt, io: Io): Promise<void> {
    for (const pause of [...endRetryPauses, undefined]) {
      try {
        return await ask(client, attempt, end, io);
      } catch (cause) {
        if (pause === undefined || busyIn(cause) === undefined) throw cause;
        await systemClock.sleep(pause, io);
      }
    }
  }

  function encodeHalf({ topic, queueId }: TopicQueue, { value, pairs }: Message, transactionId: string) {
    const properties = new Map([
      [propertyNames.uniqueKey, transactionId],
      ...pairs,
      [propertyNames.transactionPrepared, 'true'],
      [propertyNames.producerGroup, group],
    ]);
    return encodeSendMessageV2({
      producerGroup: group,
      topic,
      queueId,
      sysFlag: preparedFlag | (isCompressed ? compressedFlag : 0),
      bornAtMs: Date.now(),
      properties: encodeProperties(properties),
      body: isCompressed ? deflateSync(value) : value,
    });
  }

  function pairsOf({ keys, tag }: OutgoingBatch, index: number): Pair[] {
    const key = keys?.[index];
    return [
      ...(key === undefined ? [] : [[propertyNames.keys, key.toString()] as const]),
      ...(tag === undefined ? [] : [[propertyNames.tags, tag] as const]),
      ...(acks === 'leader' ? [[propertyNames.wait, 'false'] as const] : []),
    ];
  }

  return {
    async put(queue, attempt, batch, io) {
      await seat.take(queue.address, io);
      const one = async (value: Buffer, index: number) => {
        await putOne(queue, attempt, { value, pairs: pairsOf(batch, index) }, io);
        io.onAcknowledged?.(index, index + 1);
      };
      if (ordered) {
        for (const [index, value] of batch.values.entries()) await one(value, index);
        return;
      }
      await allSent(batch.values.map(one));
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await seat[Symbol.asyncDispose]();
    },
  };
}

type Pair = readonly [name: string, value: string];

interface Message {
  value: Buffer;
  pairs: readonly Pair[];
}

/** @throws AppError answer-unreadable if the receipt has no offset of the half message */
function placeOf({ messageId, queueOffset }: SendReceipt): { queueOffset: bigint; physicalOffset: bigint } {
  const place = decodeOffsetMessageId(messageId);
  if (place !== undefined) return { queueOffset, physicalOffset: place.physicalOffset };
  throw new AppError(
    'answer-unreadable',
    `the id of a stored message contains no offset: ${JSON.stringify(messageId)}`,
  );
}

/** Interval of heartbeats, as in Java's clients; brokers drop a producer after 120 s. */
const seatInterval = seconds(30);
/** Time limit for unregistering, which must not delay a stop. */
const leaveTimeoutMs = 1500;

/** Keeps a producer registered by heartbeats, so that brokers can check its transactions. */
function createProducerRegistration(client: RemotingClient, group: string) {
  const clientId = `plimsoll@${process.pid}#${randomUUID()}`;
  const taken = new Map<string, Promise<void>>();
  const closing = new AbortController();

  const say = (address: string, io: Io) => {
    const request = encodeHeartbeat({ clientId, producerGroup: group });
    return ask(client, { action: `join producer group ${group}`, address }, request, io);
  };

  async function keep(address: string): Promise<void> {
    while (!closing.signal.aborted) {
      await systemClock.sleep(seatInterval, closing);
      // A broker that returns gets the next heartbeat; until then sends to it fail anyway.
      await say(address, closing).catch(ignoreFault('a broker that does not answer gets the next heartbeat'));
    }
  }

  return {
    /** Resolves when the broker has registered this producer, and keeps it registered from then on. */
    async take(address: string, io: Io): Promise<void> {
      let seat = taken.get(address);
      if (seat === undefined) {
        // All waiting callers share it, so none of their signals may abort it.
        seat = say(address, closing);
        taken.set(address, seat);
        seat.then(
          () => void keep(address).catch(ignoreFault('a closed producer needs no heartbeat')),
          () => taken.delete(address),
        );
      }
      await untilAborted(seat, io.signal);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const farewell = { signal: AbortSignal.timeout(leaveTimeoutMs) };
      const request = encodeUnregisterClient({ clientId, producerGroup: group });
      const leave = (address: string) =>
        ask(client, { action: `leave producer group ${group}`, address }, request, farewell);
      // A broker that is gone drops the producer anyway.
      await Promise.allSettled([...taken.keys()].map(leave));
    },
  };
}
