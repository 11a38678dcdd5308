import { expect, test } from 'vitest';
import { readTraceRecords } from '../../../../../brokers/rocketmq/lookup/trace-records.ts';

const record = (...fields: readonly (string | number | boolean)[]) => `${fields.join('\u0001')}\u0002`;
const id = '7F0000010A2C63947C6B1E4E8F5C0000';

test('a sent message has its sender, place, time and cost, with and without the later fields', () => {
  const fields = [
    'Pub',
    1763800000000,
    'DefaultRegion',
    'senders',
    'orders',
    id,
    'paid',
    'order-1 x',
    '10.0.0.1:10911',
    12,
    7,
    0,
  ];
  const sent = {
    kind: 'sent',
    atMs: 1763800000000,
    group: 'senders',
    topic: 'orders',
    msgId: id,
    tags: 'paid',
    keys: ['order-1', 'x'],
    storeHost: '10.0.0.1:10911',
    bodyBytes: 12,
    costMs: 7,
    messageType: 'normal',
    isSuccess: true,
  };
  expect(readTraceRecords(Buffer.from(record(...fields, true)))).toEqual([sent]);
  expect(readTraceRecords(Buffer.from(record(...fields, 'AC1', true)))).toEqual([sent]);
  expect(readTraceRecords(Buffer.from(record(...fields, 'AC1', true, '10.0.0.9')))).toEqual([
    { ...sent, clientHost: '10.0.0.9' },
  ]);
});

test('start and end of a consumption are joined by request id', () => {
  const body =
    record('SubBefore', 1763800000100, 'null', 'billing', 'R1', id, 2, 'order-1') +
    record('SubAfter', 'R1', id, 35, false, 'order-1', 2, 1763800000135, 'billing') +
    record('SubAfter', 'R2', id, 1, true, '');
  expect(readTraceRecords(Buffer.from(body))).toEqual([
    {
      kind: 'consuming',
      atMs: 1763800000100,
      group: 'billing',
      requestId: 'R1',
      msgId: id,
      retries: 2,
      keys: ['order-1'],
    },
    {
      kind: 'consumed',
      requestId: 'R1',
      msgId: id,
      costMs: 35,
      isSuccess: false,
      keys: ['order-1'],
      outcome: 'EXCEPTION',
      atMs: 1763800000135,
      group: 'billing',
    },
    { kind: 'consumed', requestId: 'R2', msgId: id, costMs: 1, isSuccess: true, keys: [] },
  ]);
});

test('the end of a transaction has its outcome and whether it answered a check', () => {
  const body = record(
    'EndTransaction',
    1763800000000,
    'r',
    'senders',
    'orders',
    id,
    '',
    '',
    'h:1',
    2,
    'T1',
    'COMMIT_MESSAGE',
    true,
  );
  expect(readTraceRecords(Buffer.from(body))).toMatchObject([
    { kind: 'transaction-ended', transactionId: 'T1', state: 'COMMIT_MESSAGE', isAnswerToCheck: true },
  ]);
});

test.each(['', 'Recall\u0001x', 'Pub\u0001soon', 'SubAfter', '\u0002\u0002', 'constructor\u00011'])(
  'invalid or unknown records are left out: %j',
  (body) => expect(readTraceRecords(Buffer.from(body))).toEqual([]),
);
