import { expect, test } from 'vitest';
import { encodeIntoScratch } from '../../../../../brokers/kafka/platformatic/record-batch-format.ts';
import type { AbortedTransaction } from '../../../../../brokers/kafka/platformatic/record-batch.ts';
import { readStoreTimes } from '../../../../../brokers/kafka/reading/store-times.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

const noon = Date.UTC(2026, 0, 1, 12);
const anHour = 3_600_000;

function batchAt(offset: bigint, { isMarker = false, storedAtMs = noon - anHour } = {}): Buffer {
  const stamp = { producerId: 7n, epoch: 0, sequence: isMarker ? -1 : 0, isTransactional: true };
  const bytes = Buffer.from(
    isMarker
      ? encodeIntoScratch([Buffer.alloc(6)], storedAtMs, { keys: [Buffer.from([0, 0, 0, 1])], stamp })
      : encodeIntoScratch([Buffer.from('paid')], storedAtMs, { stamp }),
  );
  bytes.writeBigInt64BE(offset, 0);
  if (isMarker) bytes.writeInt16BE(0b11_0000, 21);
  return bytes;
}

/** A broker whose log has these batches, all older than what it keeps in memory. */
function quietBroker(
  log: readonly Buffer[],
  errorCode = 0,
  abortedInLog: readonly AbortedTransaction[] = [],
  newestFetch = 12,
) {
  const asked: string[] = [];
  const versions: number[] = [];
  const ask = (action: string, _io: unknown, api: { version: number }, ...request: unknown[]) => {
    asked.push(action);
    versions.push(api.version);
    if (action === 'read offsets by time') {
      const partitions = [{ partitionIndex: 0, errorCode: 0, offset: -1n }];
      return Promise.resolve({ topics: [{ name: 'orders', partitions }] });
    }
    const [, { positions, partitionBytes, isCommittedOnly }] = request as [
      string,
      { positions: [{ offset: bigint }]; partitionBytes: number; isCommittedOnly: boolean },
    ];
    const aborted = isCommittedOnly ? abortedInLog : [];
    const from = log.findIndex((batch) => batch.readBigInt64BE(0) >= positions[0].offset);
    const first = log[from] ?? Buffer.alloc(0);
    const records = Buffer.concat(log.slice(from)).subarray(0, Math.max(first.length, partitionBytes));
    return Promise.resolve({ partitions: [{ partition: 0, errorCode, records, aborted }] });
  };
  const ranges = new Map([
    ['ListOffsets', { min: 0, max: 6 }],
    ['Fetch', { min: 0, max: newestFetch }],
  ]);
  const link = { address: 'b:9092', ranges, ask, askForParts: ask } as unknown as Link;
  const place = { topic: 'orders', partition: 0 };
  return {
    asked,
    versions,
    read: (offset: bigint, isTail: boolean, isStable = false) =>
      readStoreTimes(link, [{ ...place, offset, isTail, isStable }], noon, { signal: AbortSignal.timeout(5000) }),
  };
}

test('finds with one request that only transaction markers follow, however old they are', async () => {
  const { read, asked } = quietBroker([batchAt(7n), batchAt(8n, { isMarker: true }), batchAt(9n, { isMarker: true })]);
  expect(await read(8n, true)).toEqual([{ kind: 'control', until: 10n }]);
  expect(asked).toEqual(['read the age of a message']);
});

test.each([11, 12])('uses Fetch version %i if the broker supports no newer one', async (newest) => {
  const { read, versions } = quietBroker([batchAt(7n)], 0, [], newest);
  expect(await read(7n, true)).toEqual([{ kind: 'stored', atMs: noon - anHour }]);
  expect(versions).toEqual([newest]);
});

test('returns the time of a message before the end, and the end of markers before it', async () => {
  const { read } = quietBroker([batchAt(7n, { isMarker: true }), batchAt(8n), batchAt(9n, { isMarker: true })]);
  expect(await read(8n, true)).toEqual([{ kind: 'stored', atMs: noon - anHour }]);
  expect(await read(7n, true)).toEqual([{ kind: 'control', until: 8n }]);
});

test('skips messages of a finished aborted transaction, and returns the time of committed ones', async () => {
  const aborted = [{ producerId: 7n, firstOffset: 8n }];
  const end = [batchAt(8n), batchAt(9n), batchAt(10n, { isMarker: true })];
  expect(await quietBroker(end, 0, aborted).read(8n, true, true)).toEqual([{ kind: 'control', until: 11n }]);
  const committed = [batchAt(11n), batchAt(12n, { isMarker: true })];
  expect(await quietBroker([...end, ...committed], 0, aborted).read(8n, true, true)).toEqual([
    { kind: 'control', until: 11n },
  ]);
  const stored = [{ kind: 'stored', atMs: noon - anHour }];
  expect(await quietBroker(committed).read(11n, true, true)).toEqual(stored);
  // A fetch of committed messages would wait here.
  expect(await quietBroker([batchAt(8n)], 0, aborted).read(8n, true)).toEqual(stored);
});

test('does not fetch an old message far from the end', async () => {
  const { read, asked } = quietBroker([batchAt(7n)]);
  expect(await read(7n, false)).toEqual([{ kind: 'cold' }]);
  expect(asked).toEqual(['read offsets by time']);
});

test('does not retry at the end of a topic without permission, and retries after other errors', async () => {
  const topicAuthorizationFailed = 29;
  expect(await quietBroker([batchAt(7n)], topicAuthorizationFailed).read(7n, true)).toEqual([{ kind: 'cold' }]);
  const notLeader = 6;
  expect(await quietBroker([batchAt(7n)], notLeader).read(7n, true)).toEqual([{ kind: 'unknown' }]);
});
