import { expect, test } from 'vitest';
import { encodeReadQueue } from '../../../../../brokers/rocketmq/protocol/message-requests.ts';
import {
  encodeGetMaxOffset,
  encodeGetMinOffset,
  encodeResetOffset,
  encodeSearchOffset,
  parseSearchOffset,
} from '../../../../../brokers/rocketmq/protocol/offset-requests.ts';
import { sentBy } from '../../../../support/sent.ts';

const answer = (over: object) => ({ code: 0, fields: {}, body: Buffer.alloc(0), ...over });

test("a queue's offset at a time is requested and parsed exactly", () => {
  expect(sentBy(encodeSearchOffset({ topic: 'orders', queueId: 3, atMs: 1_762_790_400_000.5 }))).toEqual({
    code: 29,
    fields: { topic: 'orders', queueId: '3', timestamp: '1762790400000', lo: 'false' },
  });
  expect(parseSearchOffset(answer({ fields: { offset: '9007199254740993' } }))).toBe(9_007_199_254_740_993n);
  expect(parseSearchOffset(answer({ fields: { offset: '-1' } }))).toBeUndefined();
  expect(() => parseSearchOffset(answer({ code: 1, remark: 'no such topic' }))).toThrow('no such topic');
});

test('stored messages are read from the queue of the broker, also of a static topic whose queues are mapped', () => {
  const queue = { topic: 'orders', queueId: 3 };
  for (const request of [encodeGetMaxOffset(queue), encodeGetMinOffset(queue)]) {
    expect(sentBy(request).fields).toEqual({ topic: 'orders', queueId: '3', lo: 'false' });
  }
  expect(sentBy(encodeReadQueue({ ...queue, offset: 5n, maxMessages: 1 })).fields).toMatchObject({ lo: 'false' });
});

test('one queue is reset by number and offset, a whole topic by time only', () => {
  const of = { group: 'billing', topic: 'orders' };
  expect(sentBy(encodeResetOffset({ ...of, to: { queueId: 2, offset: 9_007_199_254_740_993n } }))).toEqual({
    code: 222,
    fields: { ...of, isForce: 'true', timestamp: '0', queueId: '2', offset: '9007199254740993' },
  });
  const byTime = encodeResetOffset({ ...of, to: { atMs: -1 } });
  expect(sentBy(byTime)).toEqual({ code: 222, fields: { ...of, isForce: 'true', timestamp: '-1' } });
  expect(() => byTime.parse(answer({ code: 206, remark: 'Consumer not online' }))).toThrow('Consumer not online');
});
