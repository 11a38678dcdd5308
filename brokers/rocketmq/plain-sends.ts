// Sends messages without transactions, all requests of a batch concurrently.

import { deflateSync } from 'node:zlib';
import { systemClock } from '../../core/clock.ts';
import type { Acks, OutgoingBatch, SendIo } from '../driver.ts';
import { askSeries, type Attempt, whyNotStored } from './ask.ts';
import {
  checkKeys,
  createSendTarget,
  inParts,
  seriesOf,
  type Answers,
  type Outgoing,
  type SendTarget,
} from './outgoing.ts';
import type { Response } from './protocol/frame.ts';
import { createUniqueKeyWriter } from './protocol/message-id.ts';
import { encodeProperties, propertyNames } from './protocol/message-properties.ts';
import type { RequestSeries, SeriesClient } from './protocol/request-series.ts';
import { isStored } from './protocol/send-message.ts';
import type { TopicQueue } from './topic-queues.ts';

/** Sends to one queue of a broker. */
export interface Sends extends AsyncDisposable {
  /** @throws the error of a refused message, after all others of the batch are answered */
  put(queue: TopicQueue, attempt: Attempt, batch: OutgoingBatch, io: SendIo): Promise<void>;
}

export interface SendOptions {
  producerGroup: string;
  acks: Acks;
  requests: 'single' | 'batch';
  isCompressed: boolean;
  /** Whether each message or transaction waits for the previous one. */
  ordered: boolean;
}

/** MessageSysFlag of Java: bit 0; without an algorithm it means zlib. */
export const compressedFlag = 1;

export function createPlainSends(client: SeriesClient, options: SendOptions): Sends {
  const { producerGroup, acks, requests, isCompressed, ordered } = options;
  const writeUniqueKey = createUniqueKeyWriter(systemClock);
  const requestPairs = encoded(acks === 'leader' ? [[propertyNames.wait, 'false']] : []);
  const targets = new WeakMap<TopicQueue, SendTarget>();

  function targetOf(queue: TopicQueue): SendTarget {
    let target = targets.get(queue);
    if (target === undefined) {
      const { topic, queueId } = queue;
      const sysFlag = isCompressed ? compressedFlag : 0;
      target = createSendTarget({ producerGroup, topic, queueId, sysFlag }, acks === 'none');
      targets.set(queue, target);
    }
    return target;
  }

  /** @throws AppError broker-refused for messages that no broker can store */
  function outgoing(queue: TopicQueue, batch: OutgoingBatch): Outgoing {
    const { values, keys } = batch;
    const out = {
      target: targetOf(queue),
      values: isCompressed ? values.map((value) => deflateSync(value)) : values,
      keys,
      pairs: batch.tag === undefined && batch.delay === undefined ? nothing : encoded(describing(batch)),
      requestPairs,
      writeUniqueKey,
      bornAtMs: Date.now(),
    };
    checkKeys(out);
    return out;
  }

  function inOrder(out: Outgoing, answers: Answers): Iterable<RequestSeries> {
    if (requests === 'batch') return inParts(out, answers);
    const count = out.values.length;
    if (!ordered) return count === 0 ? [] : [seriesOf(out, { from: 0, to: count, size: 1 }, answers)];
    return out.values.values().map((_, from) => seriesOf(out, { from, to: from + 1, size: 1 }, answers));
  }

  return {
    async put(queue, attempt, batch, io) {
      const out = outgoing(queue, batch);
      const answers = {
        isGood: (code: number) => acks !== 'all' && isStored(code),
        meaningOf: (response: Response) => whyNotStored(response, attempt, acks),
        onAnswered: io.onAcknowledged,
      };
      // Each series waits for the previous one, because they are in order in one queue.
      for (const series of inOrder(out, answers)) {
        if (acks === 'none') await client.tellAll(queue.address, series, io);
        else await askSeries(client, attempt, series, io);
      }
    },
    async [Symbol.asyncDispose]() {
      // The producer closes the connections.
    },
  };
}

const nothing = Buffer.alloc(0);

const encoded = (pairs: readonly (readonly [name: string, value: string])[]) =>
  pairs.length === 0 ? nothing : Buffer.from(encodeProperties(new Map(pairs)));

function describing({ tag, delay }: OutgoingBatch): [name: string, value: string][] {
  const pairs: [name: string, value: string][] = [];
  if (tag !== undefined) pairs.push([propertyNames.tags, tag]);
  if (delay === undefined) return pairs;
  return 'level' in delay
    ? [...pairs, [propertyNames.delayLevel, String(delay.level)]]
    : [...pairs, [propertyNames.timerDeliverMs, String(delay.untilMilliseconds)]];
}
