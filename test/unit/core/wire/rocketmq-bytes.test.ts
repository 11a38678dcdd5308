import { describe, expect, test } from 'vitest';
import { linkCeilings } from '../../../../core/wire/ethernet.ts';
import { type MasterLoad, masterPortBytes, storedBytes } from '../../../../core/wire/rocketmq-bytes.ts';
import { encodeProperties } from '../../../../brokers/rocketmq/protocol/message-properties.ts';
import { storedRecordBytes, storedRecords } from '../../../../core/wire/rocketmq-record.ts';
import sheet from '../../../fixtures/wire/rocketmq-master-bytes.json' with { type: 'json' };

type Row = (typeof sheet.rows)[number];

/** Only the sum of a record's lengths matters, so a longer cluster name replaces the ten extra bytes in the records of the sheet. */
const shapeOf = (row: Row) => ({
  bodyBytes: row.body,
  topicBytes: 10,
  clusterNameBytes: 'DefaultCluster'.length + sheet.sheetExtraRecordBytes,
});

const loadOf = (row: Row): MasterLoad => ({
  ...shapeOf(row),
  followers: row.followers,
  replication: row.replication as MasterLoad['replication'],
  pushBatch: row.pushBatch ?? 1,
  groups: row.groups,
  messagesPerPull: 32,
});

const line = linkCeilings(sheet.linkBitsPerSecond);

describe('bytes of a RocketMQ master, against an independent sheet', () => {
  test.each(sheet.rows)('$body B, $case', (row) => {
    const port = masterPortBytes(loadOf(row));
    expect(storedRecordBytes(shapeOf(row))).toBe(row.recordBytes);
    expect(Math.abs(port.out - row.out)).toBeLessThan(0.001 * row.out + 1);
    if (row.in !== undefined) expect(Math.abs(port.in - row.in)).toBeLessThan(0.001 * row.in + 1);
    const maxTps = Math.min(line.counter / port.out, line.counter / port.in);
    expect(Math.abs(maxTps - row.maxTps)).toBeLessThan(0.001 * row.maxTps);
  });
});

test('WAIT=true is not stored: a body of 500 bytes is stored as 665 bytes in DefaultCluster', () =>
  expect(storedRecordBytes({ bodyBytes: 500, topicBytes: 10, clusterNameBytes: 14 })).toBe(665));

test('a broker that does not store the cluster name writes shorter records', () =>
  expect(storedRecordBytes({ bodyBytes: 500, topicBytes: 10 })).toBe(642));

test('a delayed message is delivered with all properties of its delay, those of a timer with four times', () => {
  const real = { REAL_TOPIC: 't'.repeat(10), REAL_QID: '3' };
  const times = Object.fromEntries(
    ['TIMER_DELIVER_MS', 'TIMER_OUT_MS', 'TIMER_ENQUEUE_MS', 'TIMER_DEQUEUE_MS'].map((name) => [name, '1764490000000']),
  );
  const shape = { bodyBytes: 500, topicBytes: 10, clusterNameBytes: 14 };
  const more = (properties: object) => 665 + encodeProperties(new Map(Object.entries(properties))).length;
  expect(storedRecords(shape, 'delayed', 19).at(-1)).toBe(more({ ...real, DELAY: '3' }));
  expect(storedRecords(shape, 'timer', 19).at(-1)).toBe(more({ ...real, ...times }));
});

test('without batched push, a DLedger master receives about 1,500 bytes per message from two followers', () => {
  const port = masterPortBytes({
    bodyBytes: 500,
    topicBytes: 10,
    clusterNameBytes: 14,
    followers: 2,
    replication: 'dledger',
    pushBatch: 1,
    groups: 1,
    messagesPerPull: 32,
  });
  expect(Math.abs(port.in - 1500)).toBeLessThan(0.03 * 1500);
});

test('consumers that pull one message at a time need more bytes in both directions', () => {
  const load: MasterLoad = {
    bodyBytes: 500,
    topicBytes: 10,
    followers: 0,
    replication: 'none',
    pushBatch: 1,
    groups: 1,
    messagesPerPull: 32,
  };
  const [full, single] = [masterPortBytes(load), masterPortBytes({ ...load, messagesPerPull: 1 })];
  expect(single.out).toBeGreaterThan(full.out);
  expect(single.in).toBeGreaterThan(full.in);
});

test('a DLedger master stores 80 bytes more per message, for the entry header and index', () => {
  const shape = { bodyBytes: 500, topicBytes: 10 };
  expect(storedBytes(shape, 'dledger') - storedBytes(shape, 'ha')).toBe(80);
});
