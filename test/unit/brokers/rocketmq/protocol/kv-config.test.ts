import { expect, test } from 'vitest';
import {
  encodeDeleteKvConfig,
  encodeGetKvConfig,
  encodePutKvConfig,
  parseGetKvConfig,
} from '../../../../../brokers/rocketmq/protocol/name-server-requests.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';
import { sentBy } from '../../../../support/sent.ts';

const key = { namespace: 'plimsoll', key: 'change-lease' };

test('a key is set, read and removed by namespace and name', () => {
  expect(sentBy(encodePutKvConfig({ ...key, value: '{}' }))).toEqual({ code: 100, fields: { ...key, value: '{}' } });
  expect(sentBy(encodeGetKvConfig(key))).toEqual({ code: 101, fields: key });
  expect(sentBy(encodeDeleteKvConfig(key))).toEqual({ code: 102, fields: key });
});

test('a missing key is not an error, while any other refusal is', () => {
  expect(parseGetKvConfig(answerOf('', { value: '{"a":1}' }))).toBe('{"a":1}');
  expect(parseGetKvConfig(refusalOf(22, 'No config item, Namespace: plimsoll Key: change-lease'))).toBeUndefined();
  expect(() => parseGetKvConfig(refusalOf(1, 'system error'))).toThrow(/code 1: system error/);
  const put = encodePutKvConfig({ ...key, value: '{}' });
  expect(() => put.parse(refusalOf(1, 'system error'))).toThrow(
    'a key of the name server (100) answered with code 1: system error',
  );
  expect(() => encodeDeleteKvConfig(key).parse(refusalOf(1, 'system error'))).toThrow(/code 1: system error/);
});
