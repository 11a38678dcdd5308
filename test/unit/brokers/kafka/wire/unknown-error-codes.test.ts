import { protocolErrors, protocolErrorsCodesById, ResponseError } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { kafkaErrorNamed, toAppError } from '../../../../../brokers/kafka/errors.ts';
import { nameUnknownErrorCodes } from '../../../../../brokers/kafka/wire/ask.ts';

nameUnknownErrorCodes();

test('a response with an unknown error code is kept, and the error names the code', () => {
  const answer = { topics: ['orders'] };
  const refused = new ResponseError(2, 6, { '/topics/0': [9999, null], '/topics/1': [6, null] }, answer);
  expect(refused).toMatchObject({ response: answer });
  expect(refused.errors.map((each: { apiId?: string }) => each.apiId)).toEqual([
    'error 9999',
    'NOT_LEADER_OR_FOLLOWER',
  ]);
  expect(toAppError(refused, { action: 'read offsets' }).message).toBe(
    'cannot read offsets: error 9999, this version of Plimsoll does not know it',
  );
});

test('naming unknown codes twice changes nothing, and tables list only known codes', () => {
  nameUnknownErrorCodes();
  expect([0, -1, 3, 9999].map(kafkaErrorNamed)).toEqual([
    undefined,
    'UNKNOWN_SERVER_ERROR',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'error 9999',
  ]);
  expect(Object.keys(protocolErrorsCodesById)).not.toContain('9999');
  expect(Object.keys(protocolErrors)).not.toContain('error 9999');
  expect(Object.prototype.toString.call(protocolErrors)).toBe('[object Object]');
});
