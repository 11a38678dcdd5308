import { readFileSync } from 'node:fs';
import { offsetFetchV8, Reader, type Connection, type ResponseParser } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { offsetFetch, type FetchedGroup } from '../../../../../brokers/kafka/wire/offset-fetch.ts';

const { answers } = JSON.parse(
  readFileSync(new URL('../../../../fixtures/wire/kafka/answers-4.3.1.json', import.meta.url), 'utf8'),
) as { answers: Record<string, string> };
/** A captured response without size, correlation id and tags. */
const captured = Buffer.from(answers['offset-fetch'] ?? '', 'base64').subarray(9);

function parserOf<Answer>(send: (connection: Connection) => void): ResponseParser<Answer> {
  let parser: ResponseParser<Answer> | undefined;
  send({ send: (_key: number, _version: number, _encode: unknown, parse: typeof parser) => (parser = parse) } as never);
  if (parser === undefined) throw new Error('no parser was handed over');
  return parser;
}
const ours = parserOf<FetchedGroup[]>((connection) => void offsetFetch.async(connection, []));
const libraries = parserOf<offsetFetchV8.OffsetFetchResponse>(
  (connection) => void offsetFetchV8.api.async(connection, [], false),
);

test('reads the same as the library, without partitions that were never committed', () => {
  const { groups } = libraries(1, 9, 8, Reader.from(captured)) as offsetFetchV8.OffsetFetchResponse;
  const committed = groups.map(({ groupId, topics }) => [
    groupId,
    topics.map(({ name, partitions }) => [
      name,
      partitions
        .filter((each) => each.committedOffset >= 0n)
        .map((each) => [each.partitionIndex, each.committedOffset]),
    ]),
  ]);
  const read = ours(1, 9, 8, Reader.from(captured)) as FetchedGroup[];
  expect(
    read.map(({ groupId, topics }) => [
      groupId,
      topics.map(({ topic, partitions, offsets }) => [
        topic,
        Array.from(partitions, (each, index) => [each, offsets[index]]),
      ]),
    ]),
  ).toEqual(committed);
  expect(committed).toHaveLength(2);
});

test('a partition with an error is kept apart from partitions without a commit', () => {
  const damaged = Buffer.from(captured);
  // NOT_COORDINATOR in the error code of the first partition, which follows its index, offset, epoch and metadata.
  const partition = damaged.indexOf('bench-0') + 'bench-0'.length + 1;
  damaged.writeInt16BE(16, partition + 17);
  const [first] = ours(1, 9, 8, Reader.from(damaged)) as FetchedGroup[];
  expect(first?.refused).toEqual([{ topic: 'bench-0', partition: 0, errorCode: 16 }]);
  expect(first?.topics[0]?.partitions).toEqual(Int32Array.of(1, 2));
});

test('allocates nothing for announced partitions that do not fit in the bytes', () => {
  const damaged = Buffer.from(captured);
  // One byte, so at most 126 partitions; the response ends before.
  damaged[damaged.lastIndexOf('bench-') + 'bench-0'.length] = 127;
  expect(() => ours(1, 9, 8, Reader.from(damaged))).toThrow('the response is truncated');
});

test.each([5, 40, captured.length - 1])('a response truncated to %i bytes is an error with a message', (length) =>
  expect(() => ours(1, 9, 8, Reader.from(captured.subarray(0, length)))).toThrow('cannot read committed offsets'),
);
