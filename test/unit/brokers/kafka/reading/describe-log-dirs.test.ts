import { expect, test } from 'vitest';
import { type Connection, Reader, type Writer } from '../../../../../brokers/kafka/library.ts';
import { describeLogDirs } from '../../../../../brokers/kafka/reading/describe-log-dirs.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

/** Written by DescribeLogDirsResponseData of kafka-clients 4.3.1: two directories, the first one cordoned. */
const answer =
  '000000050000030000082f646174612f6102076f7264657273020000000300000002dfdc1c35000000000000000701000000000000000003e8' +
  '000000000000038401000038082f646174612f6201ffffffffffffffffffffffffffffffff000000';

test('reads cordoned log directories from Kafka 4.3', async () => {
  let sent = '';
  const connection = {
    send(
      key: number,
      version: number,
      create: () => Writer,
      parse: (...of: [number, number, number, Reader]) => unknown,
    ) {
      sent = `${key} ${version} ${create().buffer.toString('hex')}`;
      found = parse(1, key, version, Reader.from(Buffer.from(answer, 'hex')));
    },
  };
  let found: unknown;
  const askForParts = (async (_action: string, _io: object, api: (to: Connection, topics: null) => void) => {
    api(connection as unknown as Connection, null);
    return found;
  }) as unknown as Link['askForParts'];
  const ranges = new Map([['DescribeLogDirs', { min: 1, max: 5 }]]);
  const link: Link = { address: 'b:9092', ranges, ask: askForParts, askForParts };
  const partition = { partitionIndex: 3, partitionSize: 12_345_678_901n, offsetLag: 7n, isFutureKey: true };
  expect(await describeLogDirs(link, { signal: new AbortController().signal })).toEqual([
    {
      errorCode: 0,
      logDir: '/data/a',
      topics: [{ name: 'orders', partitions: [partition] }],
      totalBytes: 1000n,
      usableBytes: 900n,
      isCordoned: true,
    },
    { errorCode: 56, logDir: '/data/b', topics: [], totalBytes: -1n, usableBytes: -1n, isCordoned: false },
  ]);
  expect(sent).toBe('35 5 0000');
});
