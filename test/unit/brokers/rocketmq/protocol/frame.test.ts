import { expect, test } from 'vitest';
import { answered } from '../../../../../brokers/rocketmq/protocol/frame.ts';
import { whyBusy } from '../../../../../brokers/rocketmq/protocol/busy.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';

const faultOf = (code: number, remark: string) => {
  try {
    answered(refusalOf(code, remark), 'the send');
  } catch (fault) {
    return fault as { code: string; message: string; hint: string };
  }
  throw new Error('it passed');
};

test('a success is passed on unchanged', () => {
  const response = answerOf('{}');
  expect(answered(response, 'the send')).toBe(response);
});

test.each([
  [
    2,
    '[TIMEOUT_CLEAN_QUEUE]broker busy, start flow control for a while, period in queue: 201ms',
    'timeout-clean-queue',
  ],
  [2, '[PCBUSY_CLEAN_QUEUE]broker busy, start flow control for a while, period in queue: 3ms', 'page-cache-busy'],
  [2, '[REJECTREQUEST]system busy, start flow control for a while', 'request-rejected'],
  [2, '[OVERLOAD]system busy, start flow control for a while', 'thread-pool-full'],
  [2, '', 'request-rejected'],
  [215, 'the consumer group is flow controlled', 'flow-control'],
] as const)('code %d with "%s" means a busy broker', (code, remark, busy) => {
  expect(whyBusy(refusalOf(code, remark))).toBe(busy);
  const fault = faultOf(code, remark);
  expect(fault).toMatchObject({ code: 'broker-busy' });
  expect(fault.message).toContain(`the send was rejected`);
  expect(fault.message).toContain(busy);
});

test.each([
  [16, 'check signature failed.'],
  [16, 'User:lag is disabled.'],
  [16, 'User:lag has no permission to access Topic:forbidden-fruit from 10.0.0.1, no matched policies.'],
  [1, 'org.apache.rocketmq.acl.common.AclException: No accessKey is configured'],
  [1, 'AuthenticationException: username cannot be null.'],
])('code %d with "%s" is a credentials error, and the hint names the config key', (code, remark) =>
  expect(faultOf(code, remark)).toMatchObject({
    code: 'credentials-refused',
    message: `the send answered with code ${code}: ${remark}`,
    hint: expect.stringContaining('clusters.<name>.credentials') as string,
  }),
);

test.each([
  'the topic[orders] pulling message is forbidden',
  'the broker[10.0.0.1] sending message is forbidden',
  'Sending message to topic[orders] is forbidden.',
  'subscription group no permission, billing',
  'the consumer group[billing] can not consume by broadcast way',
  'Can not update config in black list.',
  'The subject of User:bob is not exist.',
  'The user is existed',
  'username can not be blank',
])('code 16 with "%s" is not a credentials error', (remark) =>
  expect(faultOf(16, remark)).toMatchObject({
    code: 'broker-refused',
    hint: expect.not.stringContaining('credentials') as string,
  }),
);

test('a broker without access control results in an error that explains it', () =>
  // Remark of a broker of 5.3.3.
  expect(
    faultOf(1, 'java.lang.IllegalStateException: The authenticationMetadataProvider is not configured'),
  ).toMatchObject({
    code: 'broker-refused',
    message: 'the broker has no access control of RocketMQ 5.3 and later (authenticationMetadataProvider is empty)',
    hint: expect.stringContaining('authenticationEnabled') as string,
  }));

test("any other code is a refusal with the broker's message", () =>
  expect(faultOf(17, 'No topic route info')).toMatchObject({
    code: 'broker-refused',
    message: 'the send answered with code 17: No topic route info',
  }));

test('other refusals do not count as a busy broker', () =>
  expect([1, 3, 16, 17].map((code) => whyBusy(refusalOf(code, '[OVERLOAD]')))).toEqual(Array(4).fill(undefined)));
