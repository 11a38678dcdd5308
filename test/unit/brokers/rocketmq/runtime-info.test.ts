import { describe, expect, test } from 'vitest';
import { parseGetBrokerRuntimeInfo } from '../../../../brokers/rocketmq/protocol/get-broker-runtime-info.ts';
import { parseRuntimeInfo } from '../../../../brokers/rocketmq/runtime-info.ts';
import { captured, type CapturedVersion } from '../../../support/rocketmq-answers.ts';

const figuresOf = (version: CapturedVersion) =>
  parseRuntimeInfo(parseGetBrokerRuntimeInfo(captured(version, 'runtime-info.json')));
const figures = (table: Record<string, string>) => parseRuntimeInfo(new Map(Object.entries(table)));

describe('of a 4.9.7 broker', () => {
  const info = figuresOf('4.9.7');

  test('counters since boot are counters', () =>
    expect(info).toMatchObject({
      version: '4.9.7',
      bootedAtSeconds: 1_795_173_099.591,
      putMessages: 23_989n,
      putBytes: 14_585_909n,
      putFailures: 0n,
      getMessages: 0n,
    }));

  test('latencies are in seconds', () =>
    expect(info).toMatchObject({ putMaxSeconds: 0.011, putP99Seconds: 0.00099, putP999Seconds: 0.00117 }));

  test('the minute of latencies is thirteen buckets with their upper bounds', () => {
    expect(info.putLatencyBuckets.map(({ uptoSeconds }) => uptoSeconds)).toEqual([
      0,
      0.01,
      0.05,
      0.1,
      0.2,
      0.5,
      1,
      2,
      3,
      4,
      5,
      10,
      Infinity,
    ]);
    expect(info.putLatencyBuckets.slice(0, 2).map(({ messages }) => messages)).toEqual([8688, 280]);
  });

  test('the misspelt transfer rates are the transfer rates', () =>
    expect(info.getTransferredRates).toEqual({ over10Seconds: 0, over60Seconds: 0, over600Seconds: 0 }));

  test('the pools of 4.9 are send, pull, query and the one of transactions, which reports no wait', () =>
    expect(info.threadPools).toEqual([
      { pool: 'send', size: 0, capacity: 10_000, headWaitSeconds: 0 },
      { pool: 'pull', size: 0, capacity: 100_000, headWaitSeconds: 0 },
      { pool: 'query', size: 0, capacity: 20_000, headWaitSeconds: 0 },
      { pool: 'endTransaction', size: 0, capacity: 100_000 },
    ]));

  test('sizes for people become bytes', () =>
    expect(info).toMatchObject({
      unflushedBytes: Math.round(28.5 * 1024),
      diskTotalBytes: 252 * 1024 ** 3,
      diskFreeBytes: Math.round(72.9 * 1024 ** 3),
    }));

  test('each path of the commit log has its ratio', () =>
    expect(info).toMatchObject({
      commitLogDiskRatio: 0.2,
      commitLogDiskRatios: [{ path: '/var/lib/rocketmq/store/commitlog', ratio: 0.2 }],
    }));

  test('a transient store that is not used has no buffers left', () =>
    expect(info).not.toHaveProperty('transientBuffersLeft'));

  test('delayed messages are reported by level', () =>
    expect(info.delayLevels).toEqual([{ level: 6, delivered: 5n, end: 5n }]));
});

describe('of a 5.3.3 broker', () => {
  const info = figuresOf('5.3.3');

  test('the pools of 5.x are there too', () =>
    expect(info.threadPools.map(({ pool }) => pool)).toEqual([
      'send',
      'pull',
      'query',
      'litePull',
      'ack',
      'endTransaction',
    ]));

  test('timers are reported', () =>
    expect(info).toMatchObject({ timerBehindSeconds: 0, timerBehindMessages: 0n, timerWaitingMessages: 0n }));

  test('figures of timers are unknown where they are in RocksDB, until the wheel is switched back on', () => {
    const table = parseGetBrokerRuntimeInfo(captured('5.3.3', 'runtime-info.json'));
    const inRocksdb = parseRuntimeInfo(table, new Map([['timerRocksDBEnable', 'true']]));
    expect(inRocksdb).not.toHaveProperty('timerBehindSeconds');
    expect(inRocksdb).not.toHaveProperty('timerBehindMessages');
    expect(inRocksdb).not.toHaveProperty('timerWaitingMessages');
    // As switchTimerEngine of 5.5 leaves it.
    const switchedBack = { timerRocksDBEnable: 'true', timerRocksDBStopScan: 'true' };
    expect(parseRuntimeInfo(table, new Map(Object.entries(switchedBack)))).toMatchObject({
      timerBehindMessages: 0n,
      timerWaitingMessages: 0n,
    });
  });

  test('the commit log has its ends', () =>
    expect(info).toMatchObject({ commitLogMinOffset: 0n, commitLogMaxOffset: 16_923_997n, dispatchBehindBytes: 0n }));
});

describe('what is unknown is absent', () => {
  test('a rate too young is no rate of zero', () => {
    expect(figures({ putTps: '  ' }).putRates).toEqual({});
    expect(figures({ putTps: '4.9 0.8 ' }).putRates).toEqual({ over10Seconds: 4.9, over60Seconds: 0.8 });
  });
  test('a ratio of -1 is a path that is missing', () =>
    expect(figures({ commitLogDiskRatio: '-1', commitLogDiskRatio_a: '-1' })).toMatchObject({
      commitLogDiskRatios: [],
    }));
  test('the earliest message of an empty log', () =>
    expect(figures({ earliestMessageTimeStamp: '-1' })).not.toHaveProperty('earliestStoredAtSeconds'));
  test('latencies of the first minute', () =>
    expect(figures({ putMessageDistributeTime: 'null' }).putLatencyBuckets).toEqual([]));
  test('everything of a broker that did not answer', () =>
    expect(parseRuntimeInfo()).toEqual({
      putRates: {},
      getFoundRates: {},
      getMissRates: {},
      getTotalRates: {},
      getTransferredRates: {},
      putLatencyBuckets: [],
      threadPools: [],
      commitLogDiskRatios: [],
      delayLevels: [],
    }));
});

test('a broker that writes numbers with a comma is read alike', () =>
  expect(figures({ putLatency99: '1,50', remainHowManyDataToFlush: '1,5 MiB' })).toMatchObject({
    putP99Seconds: 0.0015,
    unflushedBytes: 1.5 * 1024 ** 2,
  }));

test('offsets beyond 2^53 stay exact', () =>
  expect(figures({ commitLogMaxOffset: '9223372036854775807' }).commitLogMaxOffset).toBe(9_223_372_036_854_775_807n));
