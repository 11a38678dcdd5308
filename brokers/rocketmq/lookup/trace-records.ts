// Decodes the trace messages of RocketMQ clients about each message: sent, consumption started, consumption ended.

import { defined } from '../../../core/defined.ts';

/*
 * Body      record*, each ended by 0x02; fields of a record separated by 0x01
 *           (TraceDataEncoder of org.apache.rocketmq.client)
 * Pub       time, region, group, topic, msgId, tags, keys, storeHost, bodyLength, cost, msgType, [offsetMsgId,] success[, clientHost]
 * SubBefore time, region, group, requestId, msgId, retries, keys
 * SubAfter  requestId, msgId, cost, success, keys[, contextCode[, time, group]]
 * EndTransaction  time, region, group, topic, msgId, tags, keys, storeHost, msgType, transactionId, state, fromCheck
 */

const recordEnd = '\u0002';
const fieldEnd = '\u0001';

/** MessageType of Java, in order of its values. */
const messageTypes = ['normal', 'transaction half', 'transaction committed', 'delayed', 'ordered'];
/** ConsumeReturnType of Java, in order of its values. */
const outcomes = ['SUCCESS', 'TIME_OUT', 'EXCEPTION', 'RETURNNULL', 'FAILED'];

/** Skips records of unknown kinds. */
export function readTraceRecords(body: Buffer): TraceRecord[] {
  return body
    .toString('utf8')
    .split(recordEnd)
    .flatMap((text) => {
      const fields = text.split(fieldEnd);
      const [type = ''] = fields;
      const read = Object.hasOwn(readers, type) ? readers[type as keyof typeof readers] : undefined;
      const record = read?.(fields);
      return record === undefined || record.msgId === '' ? [] : [record];
    });
}

export type TraceRecord = NonNullable<ReturnType<(typeof readers)[keyof typeof readers]>>;

const readers = {
  Pub(fields: readonly string[]) {
    const [, time, , group = '', topic = '', msgId = '', tags = '', keys, storeHost = '', bytes, cost, type, ...rest] =
      fields;
    const [atMs, bodyBytes, costMs] = [wholeNumber(time), wholeNumber(bytes), wholeNumber(cost)];
    if (atMs === undefined || bodyBytes === undefined || costMs === undefined) return undefined;
    // Before 4.4, records have no offset message id.
    const [success, clientHost] = rest.length === 1 ? rest : rest.slice(1);
    return {
      kind: 'sent' as const,
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
      ...(clientHost !== undefined &&
        clientHost !== '' && {
          /** Address of the client, since 4.9; the trace message itself has the address too. */
          clientHost,
        }),
    };
  },
  SubBefore([, time, , group = '', requestId = '', msgId = '', retries, keys]: readonly string[]) {
    const atMs = wholeNumber(time);
    if (atMs === undefined) return undefined;
    const kind = 'consuming' as const;
    return { kind, atMs, group, requestId, msgId, retries: wholeNumber(retries) ?? 0, keys: keysIn(keys) };
  },
  SubAfter([, requestId = '', msgId = '', cost, success, keys, outcome, time, group]: readonly string[]) {
    const costMs = wholeNumber(cost);
    if (costMs === undefined) return undefined;
    return {
      kind: 'consumed' as const,
      requestId,
      msgId,
      costMs,
      isSuccess: success === 'true',
      keys: keysIn(keys),
      ...defined({
        /** Outcome as the client names it: SUCCESS, TIME_OUT, EXCEPTION, RETURNNULL, FAILED. */
        outcome: outcomes[wholeNumber(outcome) ?? -1],
        atMs: wholeNumber(time),
        group: group || undefined,
      }),
    };
  },
  EndTransaction(fields: readonly string[]) {
    const [, time, , group = '', topic = '', msgId = '', , keys, , , transactionId = '', state = '', check] = fields;
    const atMs = wholeNumber(time);
    if (atMs === undefined) return undefined;
    const isAnswerToCheck = check === 'true';
    return {
      kind: 'transaction-ended' as const,
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
