import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImportedLoad } from '../../../../../../analyzer/evidence/importers/load-tests/load-test-importer.ts';
import { loadTests } from '../../../../../../analyzer/evidence/importers/load-tests/registry.ts';
import { hostTools } from '../../../../../../analyzer/evidence/importers/host-tools/registry.ts';

const folder = join(import.meta.dirname, '../../../../../fixtures/load-tests');
const hostFolder = join(import.meta.dirname, '../../../../../fixtures/host-tools');
const names = readdirSync(folder).filter((name) => name !== 'README.md');
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');

function formatsOf(text: string): string[] {
  return Object.entries(loadTests).flatMap(([format, { detect }]) => (detect(text.slice(0, 65_536)) ? [format] : []));
}

function load(name: string): ImportedLoad {
  const text = textOf(name);
  const [format] = formatsOf(text) as [keyof typeof loadTests];
  const [only, ...others] = loadTests[format].import({ name, text });
  expect(others).toEqual([]);
  return only as ImportedLoad;
}

const sum = (windows: readonly { messages: number }[]) => windows.reduce((all, { messages }) => all + messages, 0);
const flags = ({ doubts }: ImportedLoad) => doubts.map(({ flag }) => flag);

describe.each(names)('%s', (name) => {
  test('is recognised by exactly one importer, and by no host tool', () => {
    const text = textOf(name);
    expect(formatsOf(text)).toHaveLength(1);
    expect(Object.values(hostTools).filter(({ detect }) => detect(text))).toEqual([]);
  });

  test('yields consecutive windows with valid numbers', () => {
    const { produced, consumed } = load(name);
    for (const windows of [produced, ...consumed.values()]) {
      let last = 0;
      for (const { from, to, messages } of windows) {
        expect(from).toBeGreaterThanOrEqual(last - 1e-6);
        expect(to).toBeGreaterThan(from);
        expect(messages).toBeGreaterThanOrEqual(0);
        last = to;
      }
    }
  });
});

test.each(readdirSync(hostFolder))('%s of a host tool is recognised by no load test importer', (name) => {
  expect(formatsOf(readFileSync(join(hostFolder, name), 'utf8'))).toEqual([]);
});

test('reads rate and partitions of a 2020 result from its name, and ignores its negative backlog', () => {
  const read = load('omb-2020-kafka-200k.json');
  expect(read).toMatchObject({
    broker: 'kafka',
    begins: { kind: 'unknown' },
    offered: { tps: 200_000, fromName: expect.any(String) },
    workload: { partitions: 100 },
    latencySeconds: { p50: 0.003222, p99: 0.019712, max: 0.330533 },
  });
  expect(read.workload.messageBytes).toBeUndefined();
  expect(flags(read)).toContain('negative-backlog');
  expect(read.backlog).toEqual([]);
});

test('reads the message size of a 2024 result from a field, and its end from the file name', () => {
  const read = load('1-topic-1-partition-1kb-Kafka-2024-02-08-10-51-41.json');
  expect(read.workload).toMatchObject({ messageBytes: 1024, partitions: 1 });
  // 33 samples of ten seconds end at 10:51:41.
  expect(read.begins).toEqual({ kind: 'local', wallMs: Date.UTC(2024, 1, 8, 10, 46, 11) });
  expect(read.sendDelaySeconds?.p99).toBeCloseTo(0.003366, 9);
  expect(sum(read.produced.slice(-5))).toBe(0);
});

test('a result of another messaging system has no broker kind and a note about its driver', () => {
  const read = load('omb-2020-rabbitmq-30k.json');
  expect(read.broker).toBeUndefined();
  expect(read.notes).toContainEqual({ kind: 'other-driver', driver: 'RabbitMQ' });
});

test('reads the windows and aggregated percentiles of a benchmark log, with 99% distinct from 99.99%', () => {
  const read = load('omb-2018-log.txt');
  expect(sum(read.produced)).toBeCloseTo(501_751, 3);
  expect(sum([...read.consumed.values()].flat())).toBeCloseTo(501_752, 3);
  expect(read.latencySeconds).toEqual({
    p50: 0.0017,
    p99: expect.closeTo(0.0118, 9),
    p999: expect.closeTo(0.0454, 9),
    max: 0.0554,
  });
});

test('reads windows, percentiles and record size of a Kafka 3.0 producer', () => {
  const read = load('kafka-3.0-producer-unthrottled.log');
  expect(read.workload.messageBytes).toBe(1024);
  expect(read.produced).toHaveLength(5);
  expect(sum(read.produced)).toBe(388_786 + 453_330 + 327_171 + 406_020 + 375_314);
  expect(read.produced.at(-1)?.to).toBeCloseTo(25, 1);
  expect(read.latencySeconds).toEqual({ p50: 0.302, p99: 1.746, p999: 2.029, max: 2.037 });
});

test('reads an old producer release that prints its maximum without a unit', () => {
  const read = load('kafka-2.1-producer.log');
  expect(read.produced.map(({ messages }) => messages)).toEqual([1261, 2848, 2840]);
  expect(flags(read)).toContain('truncated');
});

test('a consumer is counted from the time it had its partitions', () => {
  const read = load('kafka-3.x-consumer.csv');
  const [window] = [...read.consumed.values()].flat();
  expect(window).toMatchObject({ from: 0, to: 5.66, messages: 10_000_176 });
  expect(read.begins).toEqual({ kind: 'local', wallMs: Date.UTC(2024, 5, 27, 9, 45, 2, 245) });
  expect(read.workload.messageBytes).toBe(100);
  expect(flags(read)).toContain('rebalance-included');
});

test('a negative fetch time is ignored', () => {
  const read = load('kafka-2.3-consumer-negative-fetch.csv');
  const [window] = [...read.consumed.values()].flat();
  expect(window).toMatchObject({ from: 0, to: 26.417, messages: 5000 });
  expect(read.doubts.find(({ flag }) => flag === 'rebalance-included')?.what[0]).toContain('-1569431409285');
});

test('the length of the first consumer interval follows from its rate, without the wait', () => {
  const [window] = [...load('kafka-3.x-consumer-detailed.csv').consumed.values()].flat();
  expect(window).toMatchObject({ from: 0, to: 0.835, messages: 566_874 });
});

test('an end-to-end latency test has one message in flight', () => {
  const read = load('kafka-2.x-e2e-latency.txt');
  expect(read).toMatchObject({ closedLoop: { lanes: 1 }, endToEndSeconds: { p50: 0.004, p99: 0.012, p999: 0.049 } });
  expect(sum(read.produced) / (read.produced[0]?.to ?? 0)).toBeCloseTo(1000 / 4.6202, 3);
});

test('a producer of RocketMQ 4.0 is a closed loop with lines ten seconds apart', () => {
  const read = load('rocketmq-4.0-producer-60-threads.log');
  expect(read).toMatchObject({ broker: 'rocketmq', closedLoop: {}, begins: { kind: 'unknown' } });
  expect(read.produced).toHaveLength(8);
  expect(read.produced[5]).toMatchObject({
    from: 50,
    to: 60,
    messages: 1_072_410,
    failed: 1,
    meanLatencySeconds: 0.000559,
  });
  expect(flags(read)).toContain('no-time-stamps');
});

test('a producer of Kafka 4.3 with warm-up yields only its steady state', () => {
  const read = load('kafka-4.3-producer-warm-up.log');
  expect(read.isWarm).toBe(true);
  expect(read.produced.map(({ messages }) => messages)).toEqual([371_841, 379_520]);
  // 1,500,000 records minus 1,200,000 of the steady state.
  expect(read.produced[0]?.from).toBeCloseTo(17.794 - 13.166, 2);
  expect(read.latencySeconds?.p50).toBe(0.647);
  expect(read.workload.messageBytes).toBe(500);
});

test('reads a producer whose JVM prints German numbers', () => {
  const read = load('kafka-4.3-producer-1000-de_DE.log');
  expect(read.produced.map(({ messages }) => messages)).toEqual([4977, 5047, 5003, 5007, 5006]);
  expect(read.latencySeconds).toEqual({ p50: 0.004, p99: 0.069, p999: 0.128, max: 0.786 });
});

test('a consumer of Kafka 4.3 beside four producers counts all messages they sent', () => {
  const windows = [...load('kafka-4.3-consumer-detailed.csv').consumed.values()].flat();
  expect(sum(windows)).toBe(490_808);
  expect(windows.at(-1)?.to).toBeGreaterThan(120);
});
