import { expect, test } from 'vitest';
import { RocketmqCredentials } from '../../../../../brokers/rocketmq/config.ts';
import { createHeaders } from '../../../../../brokers/rocketmq/grpc/metadata.ts';
import { systemClock } from '../../../../../core/clock.ts';

const clock = { ...systemClock, now: () => new Date('2026-11-23T20:15:00.700Z') };

test('a request is signed with HMAC-SHA1 over its time, using the secret key', () => {
  process.env['PLIMSOLL_TEST_SECRET_KEY'] = 'secret';
  const credentials = RocketmqCredentials.parse({ accessKey: 'ak', secretKey: '${env:PLIMSOLL_TEST_SECRET_KEY}' });
  // printf 20261123T201500Z | openssl dgst -sha1 -hmac secret
  expect(createHeaders({ clientId: 'c', namespace: 'n', credentials }, clock)()).toMatchObject({
    'x-mq-date-time': '20261123T201500Z',
    'x-mq-namespace': 'n',
    authorization:
      'MQv2-HMAC-SHA1 Credential=ak, SignedHeaders=x-mq-date-time, Signature=EA09230ACA0CD31590B7736B4DA612C1D13A7A82',
  });
});

test('a request without credentials is not signed', () =>
  expect(createHeaders({ clientId: 'c' }, clock)()).not.toHaveProperty('authorization'));
