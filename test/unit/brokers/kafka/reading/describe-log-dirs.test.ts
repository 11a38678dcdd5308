import { expect, test } from 'vitest';
import { describeLogDirs } from '../../../../../brokers/kafka/reading/describe-log-dirs.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';
import { answeringConnection } from '../../../../support/answering-connection.ts';

/** Written by DescribeLogDirsResponseData of kafka-clients 4.3.1: two directories, the first one cordoned. */
const answer =
  '000000050000030000082f646174612f6102076f7264657273020000000300000002dfdc1c35000000000000000701000000000000000003e8' +
  '000000000000038401000038082f646174612f6201ffffffffffffffffffffffffffffffff000000';

test('reads cordoned log directories from Kafka 4.3', async () => {
  const { connection, sent } = answeringConnection(Buffer.from(answer, 'hex'));
  const ask: Link['ask'] = (_action, _io, api, ...request) => api.async(connection, ...request);
  const ranges = new Map([['DescribeLogDirs', { min: 1, max: 5 }]]);
  const link: Link = { address: 'b:9092', ranges, ask, askForParts: ask };
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
  expect(sent).toEqual({ key: 35, version: 5, body: Buffer.from('0000', 'hex') });
});
