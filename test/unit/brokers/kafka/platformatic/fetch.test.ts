import { fetchV11, Reader, Writer, type Connection, type ResponseParser } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import {
  fetchRecords,
  fetchVersions,
  type FetchAnswer,
  type FetchRequest,
} from '../../../../../brokers/kafka/platformatic/fetch.ts';

/** Returns the bytes of the request, and the parser of the response. */
function exchange(
  request: FetchRequest,
  fetch = fetchRecords,
): { sent: Buffer; parse: (answer: Writer) => FetchAnswer } {
  let sent: Buffer = Buffer.alloc(0);
  let parser: ResponseParser<FetchAnswer> | undefined;
  const send = (_key: number, _version: number, create: () => Writer, parse: ResponseParser<FetchAnswer>) => {
    sent = create().buffer;
    parser = parse;
  };
  fetch({ send } as unknown as Connection, 'orders', request);
  return { sent, parse: (answer) => parser!(1, 1, fetch.version, Reader.from(answer)) as FetchAnswer };
}

const request = { sessionId: 7, epoch: 3, positions: [] };

test('requests only committed messages if configured, and removes partitions by number', () => {
  const all = exchange(request).sent;
  const committed = exchange({ ...request, isCommittedOnly: true }).sent;
  expect([all[16], committed[16]]).toEqual([0, 1]);
  const forgotten = exchange({ ...request, forgotten: [5] }).sent;
  expect(forgotten.includes(Buffer.from([0, 0, 0, 5, 0]))).toBe(true);
});

test('reads aborted transactions and the offset at which the log diverged', () => {
  const answer = Writer.create().appendInt32(0).appendInt16(0).appendInt32(7);
  answer.appendArray([0], (topic) => {
    topic.appendString('orders').appendArray(
      [0],
      (partition) => {
        partition.appendInt32(2).appendInt16(0).appendInt64(9n).appendInt64(9n).appendInt64(0n);
        partition.appendArray([41n], (aborted, producerId) => aborted.appendInt64(producerId).appendInt64(3n));
        partition.appendInt32(-1).appendUnsignedVarInt(0);
        // One tagged field: number 0, 13 bytes.
        partition.appendUnsignedVarInt(1).appendUnsignedVarInt(0).appendUnsignedVarInt(13);
        partition.appendInt32(4).appendInt64(6n).appendUnsignedVarInt(0);
      },
      true,
      false,
    );
  });
  const { sessionId, partitions } = exchange(request).parse(answer);
  expect(sessionId).toBe(7);
  expect(partitions).toMatchObject([
    { partition: 2, errorCode: 0, aborted: [{ producerId: 41n, firstOffset: 3n }], partedAt: 6n },
  ]);
  expect(partitions[0]?.records).toHaveLength(0);
});

test('uses version 11 for brokers 2.4 to 2.6, and reads the response', () => {
  const v11 = fetchVersions.find(({ version }) => version === 11);
  const positions = [{ partition: 2, offset: 5n }];
  const { sent, parse } = exchange({ sessionId: 0, epoch: -1, positions }, v11);
  const place = { partition: 2, currentLeaderEpoch: -1, fetchOffset: 5n, lastFetchedEpoch: -1 };
  const topics = [{ topicId: 'orders', partitions: [{ ...place, partitionMaxBytes: 2 ** 20 }] }];
  expect(sent).toEqual(fetchV11.createRequest(500, 1, 50 * 2 ** 20, 0, 0, -1, topics, [], '').buffer);

  const answer = Writer.create().appendInt32(0).appendInt16(0).appendInt32(0);
  const inPlain = [false, false] as const;
  answer.appendArray(
    [0],
    (topic) => {
      topic.appendString('orders', false).appendArray(
        [0],
        (partition) => {
          partition.appendInt32(2).appendInt16(0).appendInt64(9n).appendInt64(9n).appendInt64(0n);
          // Null if committed messages were not requested.
          partition.appendArray(null, () => undefined, ...inPlain);
          partition.appendInt32(-1).appendBytes(Buffer.from('a batch'), false);
        },
        ...inPlain,
      );
    },
    ...inPlain,
  );
  const { partitions } = parse(answer);
  expect(partitions).toMatchObject([{ partition: 2, errorCode: 0, aborted: [] }]);
  expect(partitions[0]?.records.toString()).toBe('a batch');
});
