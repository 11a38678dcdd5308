import { expect, test } from 'vitest';
import { checkStored, faultOfStatus } from '../../../../../brokers/rocketmq/grpc/status.ts';
import { errorClassOf } from '../../../../../brokers/error-class.ts';
import { fateOfFailure } from '../../../../../brokers/send-fate.ts';

const attempt = { action: 'send to orders', proxy: '10.0.0.1:8081 of cluster shop' };
const fault = (code: number, message = 'why') => faultOfStatus({ code, message }, attempt);
const failureOf = (code: number, acks: 'all' | 'leader') => {
  try {
    checkStored({ code, message: 'x' }, attempt, acks);
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each([
  [40_100, 'credentials-refused', 'refused'],
  [42_900, 'broker-busy', 'refused'],
  [40_402, 'broker-refused', 'refused'],
  [40_014, 'broker-refused', 'refused'],
  [50_400, 'broker-unreachable', 'unknownFate'],
  [50_001, 'broker-refused', 'unknownFate'],
] as const)('of an answer with code %d the fault is %s, and the message %s', (code, fault_, fate) => {
  expect([fault(code).code, fateOfFailure(fault(code))]).toEqual([fault_, fate]);
});

test('a flow limit is counted as such', () => expect(errorClassOf(fault(42_900))).toBe('flow-control'));

test('what a busy broker told the proxy is counted as over remoting, and put in words', () => {
  const busy = fault(
    42_900,
    '[TIMEOUT_CLEAN_QUEUE]broker busy, start flow control for a while, period in queue: 214ms',
  );
  expect(errorClassOf(busy)).toBe('timeout-clean-queue');
  expect(busy.message).toMatch(/period in queue: 214ms .*longer than waitTimeMillsInSendQueue/);
});

test.each([
  [50_001, 'INTERNAL_SERVER_ERROR'],
  [50_400, 'PROXY_TIMEOUT'],
  [41_301, 'code 41301'],
])('an answer with code %d is counted as %s', (code, name) => expect(errorClassOf(fault(code))).toBe(name));

test('the message names what was tried, where, and what the proxy said', () =>
  expect(fault(40_402, 'No topic route info ').message).toBe(
    'cannot send to orders: proxy 10.0.0.1:8081 of cluster shop answered TOPIC_NOT_FOUND: No topic route info',
  ));

test.each([50_401, 50_402, 50_002])('with acks leader, a message stored with code %d is stored', (code) => {
  expect(failureOf(code, 'leader')).toBeUndefined();
  expect(fateOfFailure(failureOf(code, 'all'))).toBe('unknownFate');
});

test('an answer without a status is unreadable', () =>
  expect(faultOfStatus(null, attempt).code).toBe('answer-unreadable'));
