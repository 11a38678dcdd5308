import { describe, expect, test } from 'vitest';
import { parseGetBrokerRuntimeInfo } from '../../../../brokers/rocketmq/protocol/broker-requests.ts';
import { parseRuntimeInfo } from '../../../../brokers/rocketmq/runtime-info.ts';
import { captured, type CapturedVersion } from '../../../support/rocketmq-answers.ts';

const figuresOf = (version: CapturedVersion) =>
  parseRuntimeInfo(parseGetBrokerRuntimeInfo(captured(version, 'runtime-info.json')));
const figures = (table: Record<string, string>) => parseRuntimeInfo(new Map(Object.entries(table)));

describe('a 4.9.7 broker', () => {
  const info = figuresOf('4.9.7');

  test('counters since boot are parsed', () =>
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

  test('put latencies of the last minute are thirteen buckets with upper bounds', () => {
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

  test('the transfer rates with misspelt names are parsed', () =>
    expect(info.getTransferredRates).toEqual({ over10Seconds: 0, over60Seconds: 0, over600Seconds: 0 }));

  test('the thread pools are send, pull, query and endTransaction, which reports no wait', () =>
    expect(info.threadPools).toEqual([
      { pool: 'send', size: 0, capacity: 10_000, headWaitSeconds: 0 },
      { pool: 'pull', size: 0, capacity: 100_000, headWaitSeconds: 0 },
      { pool: 'query', size: 0, capacity: 20_000, headWaitSeconds: 0 },
      { pool: 'endTransaction', size: 0, capacity: 100_000 },
    ]));

  test('human-readable sizes become bytes', () =>
    expect(info).toMatchObject({
      unflushedBytes: Math.round(28.5 * 1024),
      diskTotalBytes: 252 * 1024 ** 3,
      diskFreeBytes: Math.round(72.9 * 1024 ** 3),
    }));

  test('each path of the commit log has its disk usage ratio', () =>
    expect(info).toMatchObject({
      commitLogDiskRatio: 0.2,
      commitLogDiskRatios: [{ path: '/var/lib/rocketmq/store/commitlog', ratio: 0.2 }],
    }));

  test('an unused transient store has no remaining buffers', () =>
    expect(info).not.toHaveProperty('transientBuffersLeft'));

  test('delayed messages are reported by level', () =>
    expect(info.delayLevels).toEqual([{ level: 6, delivered: 5n, end: 5n }]));
});

describe('a 5.3.3 broker', () => {
  const info = figuresOf('5.3.3');

  test('the thread pools of 5.x are included', () =>
    expect(info.threadPools.map(({ pool }) => pool)).toEqual([
      'send',
      'pull',
      'query',
      'litePull',
      'ack',
      'endTransaction',
    ]));

  test('timer figures are parsed', () =>
    expect(info).toMatchObject({ timerBehindSeconds: 0, timerBehindMessages: 0n, timerWaitingMessages: 0n }));

  test('timer figures are unknown while timers are in RocksDB, until the wheel is switched back on', () => {
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

  test('the commit log has its start and end offset', () =>
    expect(info).toMatchObject({ commitLogMinOffset: 0n, commitLogMaxOffset: 16_923_997n, dispatchBehindBytes: 0n }));
});

describe('absent values', () => {
  test('a rate without enough samples is absent and not 0', () => {
    expect(figures({ putTps: '  ' }).putRates).toEqual({});
    expect(figures({ putTps: '4.9 0.8 ' }).putRates).toEqual({ over10Seconds: 4.9, over60Seconds: 0.8 });
  });
  test('a disk usage ratio of -1, for a missing path, is absent', () =>
    expect(figures({ commitLogDiskRatio: '-1', commitLogDiskRatio_a: '-1' })).toMatchObject({
      commitLogDiskRatios: [],
    }));
  test('the time of the earliest message of an empty log is absent', () =>
    expect(figures({ earliestMessageTimeStamp: '-1' })).not.toHaveProperty('earliestStoredAtSeconds'));
  test('put latencies are empty in the first minute', () =>
    expect(figures({ putMessageDistributeTime: 'null' }).putLatencyBuckets).toEqual([]));
  test('a broker that did not respond has empty figures', () =>
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

test('numbers with a decimal comma are parsed', () =>
  expect(figures({ putLatency99: '1,50', remainHowManyDataToFlush: '1,5 MiB' })).toMatchObject({
    putP99Seconds: 0.0015,
    unflushedBytes: 1.5 * 1024 ** 2,
  }));

test('offsets beyond 2^53 stay exact', () =>
  expect(figures({ commitLogMaxOffset: '9223372036854775807' }).commitLogMaxOffset).toBe(9_223_372_036_854_775_807n));
