import { expect, test } from 'vitest';
import { figuresBetween } from '../../../../../brokers/figures/figures-between.ts';
import { runtimeReading } from '../../../../../brokers/rocketmq/figures/runtime-reading.ts';
import { parseGetBrokerRuntimeInfo } from '../../../../../brokers/rocketmq/protocol/broker-requests.ts';
import { captured, capturedVersions } from '../../../../support/rocketmq-answers.ts';

const tableOf = (version: (typeof capturedVersions)[number]) =>
  parseGetBrokerRuntimeInfo(captured(version, 'runtime-info.json'));

test.each(capturedVersions)('%s: reads queue, lock, unflushed bytes and counters', (version) => {
  const reading = runtimeReading({ id: 'broker-a:0', broker: tableOf(version) });
  expect(Object.keys(reading.counters)).toEqual(['messagesIn', 'bytesIn', 'messagesOut']);
  expect(Object.keys(reading.figures).toSorted()).toEqual([
    'pageCacheLockSeconds',
    'sendQueueRequests',
    'sendQueueWaitSeconds',
    'unflushedBytes',
  ]);
  expect(reading.startedAtSeconds).toBeGreaterThan(1e9);
});

test('computes rates from the growth of put and delivered messages between two readings', () => {
  const table = tableOf('5.3.3');
  const later = new Map(table)
    .set('putMessageTimesTotal', String(Number(table.get('putMessageTimesTotal')) + 500))
    .set('putMessageSizeTotal', String(Number(table.get('putMessageSizeTotal')) + 100_000))
    .set('msgGetTotalTodayNow', String(Number(table.get('msgGetTotalTodayNow')) + 400));
  const [before, after] = [table, later].map((broker) => runtimeReading({ id: 'broker-a:0', broker }));
  expect(before && after && figuresBetween(before, after, 2)).toMatchObject({
    messagesInPerSecond: 250,
    bytesInPerSecond: 50_000,
    messagesOutPerSecond: 200,
  });
});

test('the lag of a master is that of its slowest slave: reported by 5.x, from log ends in 4.x', () => {
  const ends = (end: number) => new Map([['commitLogMaxOffset', String(end)]]);
  expect(runtimeReading({ id: 'a:0', broker: ends(1000), slaves: [ends(900), ends(400)] }).figures).toEqual({
    replicationLagBytes: 600,
  });
  const slave = { address: 's', ackOffset: 1n, inSync: true, bytesPerSecond: 0 };
  const ha = {
    masterCommitLogMaxOffset: 1000n,
    inSyncSlaves: 2,
    slaves: [
      { ...slave, behindBytes: 5n },
      { ...slave, behindBytes: 70n },
    ],
  };
  expect(runtimeReading({ id: 'a:0', broker: ends(1000), ha }).figures).toEqual({ replicationLagBytes: 70 });
  const alone = { id: 'a:0', broker: ends(1000), ha: { ...ha, slaves: [] } };
  expect(runtimeReading(alone).figures).toEqual({});
  // A slave that lost its connection is not in the status of its master, but answers.
  expect(runtimeReading({ ...alone, slaves: [ends(400)] }).figures).toEqual({ replicationLagBytes: 600 });
});
