import { expect, test } from 'vitest';
import { readReplicaSizes } from '../../../../../brokers/kafka/changes/replica-sizes.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

const io = { signal: new AbortController().signal };

/** @param directories total and usable bytes; -1 for brokers that do not report them */
function diskOf(
  ...directories: readonly ('offline' | readonly [total: bigint, usable: bigint, isCordoned?: boolean])[]
) {
  const results = directories.map((each, index) => {
    const [totalBytes, usableBytes, isCordoned = false] = each === 'offline' ? [-1n, -1n] : each;
    return {
      errorCode: each === 'offline' ? 56 : 0,
      logDir: `/data${index}`,
      topics: [],
      totalBytes,
      usableBytes,
      isCordoned,
    };
  });
  const ask = (async () => ({ errorCode: 0, results })) as unknown as Link['ask'];
  const ranges = new Map([['DescribeLogDirs', { min: 1, max: 5 }]]);
  return readReplicaSizes({ address: 'b:9092', ranges, ask, askForParts: ask }, 3, io).then(({ disk }) => disk);
}

test('directories with equal sizes may share a disk, so free space is given as a range', async () => {
  expect(await diskOf([1000n, 900n], [1000n, 900n], [1000n, 400n])).toEqual({
    broker: 3,
    usableBytes: { most: 2200, least: 1300 },
    directories: [
      ...[900, 900].map((usableBytes) => ({ usableBytes, partitions: 0, mayShare: true })),
      { usableBytes: 400, partitions: 0 },
    ],
  });
  expect(await diskOf([1000n, 900n], [1000n, 900n])).toMatchObject({ usableBytes: { most: 1800, least: 900 } });
});

test('directories on one file system are recognised even if the broker wrote between the two readings', async () => {
  expect(await diskOf([1000n, 900n], [1000n, 892n])).toMatchObject({ usableBytes: { most: 1792, least: 892 } });
  expect(await diskOf([1000n, 900n], [1000n, 889n])).toMatchObject({ usableBytes: { least: 1789 } });
});

test('free space is unknown if the broker does not report it', async () => {
  expect(await diskOf([-1n, -1n])).toEqual({ broker: 3 });
});

test('a cordoned directory has no room, and a broker whose directories are all cordoned takes no replica', async () => {
  expect(await diskOf([1000n, 900n, true], [2000n, 500n])).toEqual({
    broker: 3,
    usableBytes: { most: 500, least: 500 },
    directories: [{ usableBytes: 500, partitions: 0 }],
  });
  expect(await diskOf([1000n, 900n, true], [2000n, 500n, true])).toEqual({ broker: 3, isCordoned: true });
  expect(await diskOf([1000n, 900n, true], 'offline')).toEqual({ broker: 3, isCordoned: true });
  expect(await diskOf('offline')).toEqual({ broker: 3 });
});
