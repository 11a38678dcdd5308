import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ProtocolError,
  ResponseError,
  TimeoutError,
} from '@platformatic/kafka';
import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs';
import { expect, test } from 'vitest';
import { kafkaErrorOf, toAppError } from '../../../../brokers/kafka/errors.ts';
import { AppError } from '../../../../core/errors.ts';

const attempt = { action: 'send to orders-0', address: '127.0.0.1:9092' };
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9092'), { code: 'ECONNREFUSED' });

test('a refused connection is broker-unreachable with either client', () => {
  const words = 'cannot send to orders-0 on 127.0.0.1:9092: connection refused';
  for (const cause of [
    new NetworkError('Connection to 127.0.0.1:9092 failed.', { cause: refused }),
    new KafkaJSConnectionError('Connection error: connect ECONNREFUSED', {
      broker: '127.0.0.1:9092',
      code: 'ECONNREFUSED',
    }),
  ]) {
    expect(toAppError(cause, attempt)).toMatchObject({ code: 'broker-unreachable', message: words });
  }
});

test('a timeout is broker-unreachable with "no answer in time"', () => {
  expect(toAppError(new TimeoutError('Request timed out'), attempt)).toMatchObject({
    code: 'broker-unreachable',
    message: 'cannot send to orders-0 on 127.0.0.1:9092: no answer in time',
  });
});

test('a handshake that the network ended is broker-unreachable, and no refused password', () => {
  for (const [cause, text] of [
    [new NetworkError('Connection closed'), 'the connection closed'],
    [new TimeoutError('Request timed out'), 'no answer in time'],
  ] as const) {
    const handshake = new AuthenticationError('Cannot find a suitable SASL mechanism.', { cause });
    expect(toAppError(new NetworkError('Connection to b:9092 failed.', { cause: handshake }), attempt)).toMatchObject({
      code: 'broker-unreachable',
      message: `cannot send to orders-0 on 127.0.0.1:9092: ${text}`,
    });
  }
});

test("finds the broker's error code at any depth of a client's error, under its current Kafka name", () => {
  const platformatic = new MultipleErrors('send failed 1 times.', [
    new ResponseError(0, 9, { '/responses/0/partitions/0': [6, null] }, undefined),
  ]);
  const kafkajs = new KafkaJSNumberOfRetriesExceeded(
    new KafkaJSProtocolError(Object.assign(new Error('not the leader'), { type: 'NOT_LEADER_FOR_PARTITION', code: 6 })),
    { retryCount: 0, retryTime: 1 },
  );
  for (const cause of [platformatic, kafkajs]) expect(kafkaErrorOf(cause)?.name).toBe('NOT_LEADER_OR_FOLLOWER');
});

test.each([
  ['SASL_AUTHENTICATION_FAILED', 'credentials-refused'],
  ['TOPIC_ALREADY_EXISTS', 'topic-conflict'],
  ['UNSUPPORTED_VERSION', 'unsupported-broker'],
  ['NOT_ENOUGH_REPLICAS', 'broker-refused'],
])('%s becomes the error %s', (name, code) => {
  expect(toAppError(new ProtocolError(name), attempt)).toMatchObject({ code });
});

test('an ACL request to a cluster without an authorizer explains that access control is off', () => {
  const { message, hint } = toAppError(new ProtocolError('SECURITY_DISABLED'), { action: 'list the ACLs' });
  expect(message).toBe(
    'cannot list the ACLs: SECURITY_DISABLED, the server that answered, a broker or the controller, has no access control (authorizer.class.name is empty)',
  );
  expect(hint).toContain('authorizer.class.name');
});

test('a denial by MSK IAM names the policy action, with both clients', () => {
  // Error text of an MSK broker, as users report it.
  const text = '[cc8333d3-37a9-4bb8-9d5a-1b1127502cad]: Access denied';
  const platformatic = new AuthenticationError('SASL authentication failed.', {
    cause: new ResponseError(36, 2, { '/': [58, text] }, { errorCode: 58, errorMessage: text }),
  });
  const kafkajs = Object.assign(new Error(`SASL OAUTHBEARER authentication failed: ${text}`), {
    name: 'KafkaJSSASLAuthenticationError',
  });
  for (const cause of [platformatic, kafkajs]) {
    const { code, hint } = toAppError(cause, attempt);
    expect(code).toBe('credentials-refused');
    expect(hint).toMatch(/aws sts get-caller-identity.*kafka-cluster:Connect/);
  }
  const wrongPassword = new ResponseError(36, 2, { '/': [58, 'Invalid username or password'] }, { errorCode: 58 });
  expect(toAppError(wrongPassword, attempt).hint).not.toMatch(/kafka-cluster/);
});

test('a TLS mismatch states whether the listener uses TLS', () => {
  const tls = new NetworkError('failed', { cause: new Error('Broker requires TLS.') });
  expect(toAppError(tls, attempt).message).toContain('the listener speaks TLS');
  const plain = new NetworkError('failed', {
    cause: Object.assign(new Error('wrong version'), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }),
  });
  expect(toAppError(plain, attempt).message).toContain('the listener does not speak TLS');
});

test('an AppError is passed on unchanged', () => {
  const fault = new AppError('topic-conflict', 'cannot create topic orders: it exists');
  expect(toAppError(fault, attempt)).toBe(fault);
});

test('an unexpected error becomes one line without a stack trace', () => {
  const { message, code } = toAppError(new Error('Something odd.\n    at somewhere'), attempt);
  expect({ message, code }).toEqual({
    message: 'cannot send to orders-0 on 127.0.0.1:9092: something odd',
    code: 'broker-refused',
  });
});
