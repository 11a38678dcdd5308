// Decodes the trace messages that RocketMQ clients send about each message: sent, consumption began, consumption ended.

import { defined } from '../../../core/defined.ts';

/*
 * Body      record*, each ended by 0x02; fields of a record parted by 0x01 (TraceDataEncoder of org.apache.rocketmq.client)
 * Pub       time, region, group, topic, msgId, tags, keys, storeHost, bodyLength, cost, msgType, [offsetMsgId,] success[, clientHost]
 * SubBefore time, region, group, requestId, msgId, retries, keys
 * SubAfter  requestId, msgId, cost, success, keys[, contextCode[, time, group]]
 * EndTransaction  time, region, group, topic, msgId, tags, keys, storeHost, msgType, transactionId, state, fromCheck
 */

interface Common {
  msgId: string;
  keys: readonly string[];
}

export type TraceRecord =
  | (Common & {
      kind: 'sent';
      atMs: number;
      group: string;
      topic: string;
      tags: string;
      storeHost: string;
      bodyBytes: number;
      costMs: number;
      messageType: string;
      isSuccess: boolean;
      /** Since 4.9: of the client; the trace message itself has its address, too. */
      clientHost?: string;
    })
  | (Common & { kind: 'consuming'; atMs: number; group: string; requestId: string; retries: number })
  | (Common & {
      kind: 'consumed';
      requestId: string;
      costMs: number;
      isSuccess: boolean;
      /** As the client names it: SUCCESS, TIME_OUT, EXCEPTION, RETURNNULL, FAILED. */
      outcome?: string;
      atMs?: number;
      group?: string;
    })
  | (Common & {
      kind: 'transaction-ended';
      atMs: number;
      group: string;
      topic: string;
      transactionId: string;
      state: string;
      isAnswerToCheck: boolean;
    });

const recordEnd = '\u0002';
const fieldEnd = '\u0001';

/** MessageType of Java, in its order. */
const messageTypes = ['normal', 'transaction half', 'transaction committed', 'delayed', 'ordered'];
/** ConsumeReturnType of Java, in its order. */
const outcomes = ['SUCCESS', 'TIME_OUT', 'EXCEPTION', 'RETURNNULL', 'FAILED'];

/** What is no record of a known kind is left out. */
export function readTraceRecords(body: Buffer): TraceRecord[] {
  return body
    .toString('utf8')
    .split(recordEnd)
    .flatMap((text) => {
      const fields = text.split(fieldEnd);
      const [type = ''] = fields;
      const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
      const record = read?.(fields);
      return record === undefined || record.msgId === '' ? [] : [record];
    });
}

const readers: Readonly<Record<string, (fields: readonly string[]) => TraceRecord | undefined>> = {
  Pub(fields) {
    const [, time, , group = '', topic = '', msgId = '', tags = '', keys, storeHost = '', bytes, cost, type, ...rest] =
      fields;
    const [atMs, bodyBytes, costMs] = [wholeNumber(time), wholeNumber(bytes), wholeNumber(cost)];
    if (atMs === undefined || bodyBytes === undefined || costMs === undefined) return undefined;
    // Before 4.4 without the id of the place.
    const [success, clientHost] = rest.length === 1 ? rest : rest.slice(1);
    return {
      kind: 'sent',
      atMs,
      group,
      topic,
      msgId,
      tags,
      keys: keysIn(keys),
      storeHost,
      bodyBytes,
      costMs,
      messageType: messageTypes[wholeNumber(type) ?? -1] ?? 'unknown',
      isSuccess: success === 'true',
      ...(clientHost !== undefined && clientHost !== '' && { clientHost }),
    };
  },
  SubBefore([, time, , group = '', requestId = '', msgId = '', retries, keys]) {
    const atMs = wholeNumber(time);
    if (atMs === undefined) return undefined;
    return { kind: 'consuming', atMs, group, requestId, msgId, retries: wholeNumber(retries) ?? 0, keys: keysIn(keys) };
  },
  SubAfter([, requestId = '', msgId = '', cost, success, keys, outcome, time, group]) {
    const costMs = wholeNumber(cost);
    if (costMs === undefined) return undefined;
    return {
      kind: 'consumed',
      requestId,
      msgId,
      costMs,
      isSuccess: success === 'true',
      keys: keysIn(keys),
      ...defined({ outcome: outcomes[wholeNumber(outcome) ?? -1], atMs: wholeNumber(time), group: group || undefined }),
    };
  },
  EndTransaction([, time, , group = '', topic = '', msgId = '', , keys, , , transactionId = '', state = '', check]) {
    const atMs = wholeNumber(time);
    if (atMs === undefined) return undefined;
    const isAnswerToCheck = check === 'true';
    return {
      kind: 'transaction-ended',
      atMs,
      group,
      topic,
      msgId,
      keys: keysIn(keys),
      transactionId,
      state,
      isAnswerToCheck,
    };
  },
};

const keysIn = (text = ''): string[] => text.split(' ').filter((key) => key !== '');

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
