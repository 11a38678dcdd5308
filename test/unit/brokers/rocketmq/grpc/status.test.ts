import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { Metadata, status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { explainCallFailure } from '../../../../../brokers/rocketmq/grpc/proxy-client.ts';
import { checkStored, faultOfStatus } from '../../../../../brokers/rocketmq/grpc/status.ts';
import { errorClassOf } from '../../../../../brokers/error-class.ts';
import { fateOfFailure } from '../../../../../brokers/send-fate.ts';
import { createAuthority } from '../../../../../loadgen/remote/certificate.ts';

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
] as const)('a response with code %d becomes the error %s, and the message counts as %s', (code, fault_, fate) => {
  expect([fault(code).code, fateOfFailure(fault(code))]).toEqual([fault_, fate]);
});

test('a flow limit counts as flow control', () => expect(errorClassOf(fault(42_900))).toBe('flow-control'));

test('a busy broker behind a proxy is counted as over remoting, with the reason explained', () => {
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
])('a response with code %d is counted as %s', (code, name) => expect(errorClassOf(fault(code))).toBe(name));

test("the error names the action, the proxy address and the proxy's message", () =>
  expect(fault(40_402, 'No topic route info ').message).toBe(
    'cannot send to orders: proxy 10.0.0.1:8081 of cluster shop answered TOPIC_NOT_FOUND: No topic route info',
  ));

test.each([50_401, 50_402, 50_002])('with acks leader, a message answered with code %d counts as stored', (code) => {
  expect(failureOf(code, 'leader')).toBeUndefined();
  expect(fateOfFailure(failureOf(code, 'all'))).toBe('unknownFate');
});

test('a response without a status is unreadable', () =>
  expect(faultOfStatus(null, attempt).code).toBe('answer-unreadable'));

test('the error for a TLS port does not call it a proxy with TLS, because remoting ports use TLS too', async () => {
  const { certificate, key } = createAuthority(new Date()).issue('broker', 'server');
  const server = createServer({ cert: certificate, key }, (socket) => socket.on('error', () => undefined));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cause = Object.assign(new Error('14 UNAVAILABLE'), {
    code: status.UNAVAILABLE,
    details: 'No connection established. Last error: Error: read ECONNRESET',
    metadata: new Metadata(),
  });
  const failed = { action: 'read the route of orders', where: address, address, isTls: false, isProven: false };
  const fault = await explainCallFailure(cause, failed);
  expect(fault.message).toMatch(/^cannot read the route of orders .*: it does not speak gRPC without TLS$/);
  expect(fault.hint).toContain('usually port 8081');
});
