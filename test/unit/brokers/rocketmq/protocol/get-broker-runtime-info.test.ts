import { expect, test } from 'vitest';
import { parseGetBrokerRuntimeInfo } from '../../../../../brokers/rocketmq/protocol/broker-requests.ts';

const refused = (remark: string) => ({ code: 1, remark, fields: {}, body: Buffer.alloc(0) });

test('a broker that has just started has no figures yet, which is a retryable error', () => {
  const remark = 'java.util.NoSuchElementException, java.base/java.util.LinkedList.getLast(LinkedList.java:261)';
  expect(() => parseGetBrokerRuntimeInfo(refused(remark))).toThrow(
    expect.objectContaining({ code: 'broker-busy', message: expect.stringContaining('has just started') }),
  );
  expect(() => parseGetBrokerRuntimeInfo(refused('something else'))).toThrow(
    expect.objectContaining({ code: 'broker-refused' }),
  );
});
