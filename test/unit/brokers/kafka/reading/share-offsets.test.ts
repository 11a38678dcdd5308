import { Reader, type Connection, type ResponseParser, type Writer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { describeShareGroupOffsets } from '../../../../../brokers/kafka/reading/share-offsets.ts';
import type { FetchedGroup } from '../../../../../brokers/kafka/wire/offset-fetch.ts';

/*
 * Written by the serializers of Apache's kafka-clients 4.3.1, version 0: the group audit with partitions 0 (start offset
 * 9007199254740993), 1 (not set) and 2 (TOPIC_AUTHORIZATION_FAILED) of orders, and the group gone with GROUP_ID_NOT_FOUND.
 */
const answer =
  'AAAAAAMGYXVkaXQCB29yZGVycwAAAAAAAAABAAAAAAAAAAIEAAAAAAAgAAAAAAABAAAAAwAAAAAAAAAB//////////8AAAAAAAAAAAAAAAIAAAAA' +
  'AAAAAAAAAAAAHQNubwAAAAAAAAVnb25lAQBFCm5vdCBmb3VuZAAA';
const question = 'AgZhdWRpdAAAAA==';

interface Sent {
  request: Buffer;
  parse: ResponseParser<FetchedGroup[]>;
}

function sent(): Sent {
  let seen: Sent | undefined;
  const send = (_key: number, _version: number, encode: () => Writer, parse: Sent['parse']) =>
    (seen = { request: encode().buffer, parse });
  void describeShareGroupOffsets.async({ send } as unknown as Connection, ['audit']);
  if (seen === undefined) throw new Error('nothing was sent');
  return seen;
}

test('asks for all partitions of a group, as the Java client does', () =>
  expect(sent().request.toString('base64')).toBe(question));

test('reads start offsets exactly, without those not set, and tells apart what was refused', () => {
  expect(sent().parse(1, 90, 0, Reader.from(Buffer.from(answer, 'base64')))).toEqual([
    {
      groupId: 'audit',
      errorCode: 0,
      topics: [{ topic: 'orders', partitions: Int32Array.of(0), offsets: BigInt64Array.of(9_007_199_254_740_993n) }],
      refused: [{ topic: 'orders', partition: 2, errorCode: 29 }],
    },
    { groupId: 'gone', errorCode: 69, topics: [], refused: [] },
  ]);
});
