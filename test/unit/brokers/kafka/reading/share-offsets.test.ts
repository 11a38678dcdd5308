import { Reader, type Connection, type ResponseParser, type Writer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { describeShareGroupOffsets } from '../../../../../brokers/kafka/reading/commits.ts';
import type { FetchedGroup } from '../../../../../brokers/kafka/wire/offset-fetch.ts';

/*
 * Written by the serializers of Apache's kafka-clients 4.3.1: the group audit with partitions 0 (start offset 9007199254740993, lag
 * 5), 1 (not set), 2 (TOPIC_AUTHORIZATION_FAILED) and 3 (start offset 7, lag unknown) of orders, and the group gone with
 * GROUP_ID_NOT_FOUND. Version 0 has no lags.
 */
const answers = {
  v0:
    'AAAAAAMGYXVkaXQCB29yZGVycwAAAAAAAAABAAAAAAAAAAIFAAAAAAAgAAAAAAABAAAAAwAAAAAAAAAB//////////8AAAAAAAAAAAAAAAIAAAAA' +
    'AAAAAAAAAAAAHQNubwAAAAADAAAAAAAAAAcAAAAAAAAAAAAAAAAABWdvbmUBAEUKbm90IGZvdW5kAAA=',
  v1:
    'AAAAAAMGYXVkaXQCB29yZGVycwAAAAAAAAABAAAAAAAAAAIFAAAAAAAgAAAAAAABAAAAAwAAAAAAAAAFAAAAAAAAAAH//////////wAAAAD/////' +
    '/////wAAAAAAAAACAAAAAAAAAAAAAAAA//////////8AHQNubwAAAAADAAAAAAAAAAcAAAAA//////////8AAAAAAAAAAAAFZ29uZQEARQpub3Qg' +
    'Zm91bmQAAA==',
};
const question = 'AgZhdWRpdAAAAA==';

interface Sent {
  request: Buffer;
  parse: ResponseParser<FetchedGroup[]>;
}

function sent(version: 'v0' | 'v1'): Sent {
  let seen: Sent | undefined;
  const send = (_key: number, _version: number, encode: () => Writer, parse: Sent['parse']) =>
    (seen = { request: encode().buffer, parse });
  void describeShareGroupOffsets[version].async({ send } as unknown as Connection, ['audit']);
  if (seen === undefined) throw new Error('nothing was sent');
  return seen;
}

const parsed = (version: 'v0' | 'v1') =>
  sent(version).parse(1, 90, Number(version.slice(1)), Reader.from(Buffer.from(answers[version], 'base64')));

const orders = {
  topic: 'orders',
  partitions: Int32Array.of(0, 3),
  offsets: BigInt64Array.of(9_007_199_254_740_993n, 7n),
};
const refused = [{ topic: 'orders', partition: 2, errorCode: 29 }];
const gone = { groupId: 'gone', errorCode: 69, topics: [], refused: [] };

test.each(['v0', 'v1'] as const)('requests all partitions of a group, as the Java client does (%s)', (version) =>
  expect(sent(version).request.toString('base64')).toBe(question),
);

test('reads start offsets exactly, leaves out unset ones, and separates refused ones', () => {
  expect(parsed('v0')).toEqual([{ groupId: 'audit', errorCode: 0, topics: [orders], refused }, gone]);
});

test('reads the lags that brokers report since Kafka 4.2', () => {
  const topics = [{ ...orders, lags: BigInt64Array.of(5n, -1n) }];
  expect(parsed('v1')).toEqual([{ groupId: 'audit', errorCode: 0, topics, refused }, gone]);
});
