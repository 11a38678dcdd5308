import { readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { analyse, join, perFile } from '../../../../../support/joined-in-memory.ts';
import {
  ombResult,
  producerPerfLog,
  rocketmqConsumerLog,
  rocketmqProducerLog,
  sarCpu,
  sarNetwork,
  nothingStated,
} from '../../../../../support/load-test-files.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const policy = examplePolicy();
const links = (bitsPerSecond: number) => ({ hosts: { ...nothingStated.hosts, links: [{ bitsPerSecond }] } });
const rounded = (values: readonly (number | undefined)[]) => values.map((value) => value && Math.round(value));

/** Five logs of 40 s, ten seconds apart, and concurrent bytes of the network interface of the broker. */
const rates = [2000, 4000, 6000, 8000, 10_000];
const staircase = Object.fromEntries(rates.map((rate) => [`p-${rate}.log`, producerPerfLog({ rate })]));
const starts = perFile(Object.fromEntries(rates.map((rate, index) => [`p-${rate}.log`, noon + index * 50_000])));
const beside = rates.flatMap((rate) => [
  ...Array.from({ length: 40 }, () => rate),
  ...Array.from({ length: 10 }, () => 0),
]);
const sar = sarNetwork({ rates: beside, from: '12:00:00', bytesIn: 1100, bytesOut: 300 });

test('logs of increasing rates and the sar output of a broker yield the limiting link and its safe rate', () => {
  const { safeMaxTps, steps, run } = analyse(
    { ...staircase, 'sar.txt': sar },
    { starts, timezone: 'UTC', ...links(1.2e8) },
  );
  expect(steps.map(({ verdict }) => verdict.kind)).toEqual(rates.map(() => 'sustained'));
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual(rates);
  if (!('limitedBy' in safeMaxTps)) throw new Error(safeMaxTps.kind);
  expect(safeMaxTps.limitedBy).toEqual({ resource: 'network-in', node: 'mq-1' });
  // 80% of 15 MB/s, divided by 1,100 B and a tenth of a frame's 24 B per message; the p99 of a spread of 1% is above the mean.
  const truth = (0.8 * 1.5e7) / (1100 + 2.4);
  expect(safeMaxTps.kind === 'predicted' && safeMaxTps.estimateTps / truth).toBeGreaterThan(0.96);
  expect(safeMaxTps.kind === 'predicted' && safeMaxTps.estimateTps / truth).toBeLessThan(1.01);
  expect(run).toMatchObject({
    origin: 'files',
    broker: 'kafka',
    messageBytes: 1024,
    startedAt: '2026-11-20T12:00:00.000Z',
  });
});

test('the order of files and the zone of their times do not change the run', () => {
  const options = { starts, timezone: 'UTC', ...links(1.2e8) };
  const first = join({ ...staircase, 'sar.txt': sar }, options);
  const turned = join(Object.fromEntries(Object.entries({ ...staircase, 'sar.txt': sar }).toReversed()), options);
  const eastern = sarNetwork({ rates: beside, from: '20:00:00', bytesIn: 1100, bytesOut: 300 });
  const there = join({ ...staircase, 'sar.txt': eastern }, { ...options, timezone: 'Asia/Shanghai' });
  expect(turned.steps).toEqual(first.steps);
  expect(turned.produced.toSorted((a, b) => a.from - b.from)).toEqual(
    first.produced.toSorted((a, b) => a.from - b.from),
  );
  expect(turned.document.id).toBe(first.document.id);
  expect(there.steps).toEqual(first.steps);
  expect(there.hosts).toEqual(first.hosts);
});

test('logs without times are placed one after the other in the given order, and are flagged', () => {
  const { steps, document } = join({ 'a.log': staircase['p-2000.log'] ?? '', 'b.log': staircase['p-4000.log'] ?? '' });
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual([2000, 4000]);
  expect(steps[1]?.from).toBeGreaterThan(steps[0]?.to ?? 0);
  expect(document.startedAt).toBeUndefined();
  expect(document.sources?.every(({ flags }) => flags.includes('no-time-stamps'))).toBe(true);
});

test('the tests of one file follow each other from the stated start of the file', () => {
  const log = [2000, 4000].map((rate) => staircase[`p-${rate}.log`]).join('');
  const { steps, document, findings } = join({ 'p.log': log }, { starts: perFile({ 'p.log': noon }) });
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual([2000, 4000]);
  expect(steps[1]?.from).toBeCloseTo(40 + 10 + 5, 1);
  expect(document.startedAt).toBe('2026-11-20T12:00:00.000Z');
  expect(document.sources?.[0]?.flags).toContain('no-time-stamps');
  const message = findings.find(({ code }) => code === 'no-time-stamps')?.message;
  expect(message).toContain('placed 10 s after the test before it in its file');
  expect(message).toContain('put each test into a separate file and state its start');
});

test('the first window of a test without warm-up is excluded from its step', () => {
  const [step] = join({ 'a.log': staircase['p-2000.log'] ?? '' }).steps;
  expect(step?.from).toBeCloseTo(5, 1);
  expect(step?.to).toBeCloseTo(40, 1);
});

test('producers that ran concurrently are one step with the sum of their rates', () => {
  const at = {
    starts: perFile({ 'a.log': noon, 'b.log': noon + 1500 }),
    rates: perFile({ 'a.log': 2000, 'b.log': 4000 }),
  };
  const { steps } = analyse({ 'a.log': staircase['p-2000.log'] ?? '', 'b.log': staircase['p-4000.log'] ?? '' }, at);
  const longest = steps.toSorted((a, b) => (b.targetTps ?? 0) - (a.targetTps ?? 0))[0];
  expect(longest).toMatchObject({ targetTps: 6000, verdict: { kind: 'sustained' } });
  expect(Math.abs((longest?.achievedTps ?? 0) / 6000 - 1)).toBeLessThan(0.01);
});

const table = (values: readonly number[], offered?: readonly number[]) =>
  `time,rate${offered ? ',asked' : ''}\n${values.map((rate, index) => `${1_700_000_000 + 10 * index},${rate}${offered ? `,${offered[index]}` : ''}`).join('\n')}\n`;

test('a series of several rates is split where its level changes', () => {
  const values = [1000, 2000, 4000].flatMap((rate) =>
    Array.from({ length: 8 }, (_, index) => rate * (1 + 0.004 * Math.sin(index))),
  );
  const { steps } = join({ 't.csv': table(values) }, { columns: { time: 'time', rate: 'rate' } });
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual([1000, 2000, 4000]);
  expect(rounded(steps.map(({ from, to }) => to - from))).toEqual([70, 80, 80]);
});

test('with a reported target rate, steps change with that rate, whether it was achieved or not', () => {
  const asked = [1000, 2000, 4000].flatMap((rate) => Array.from({ length: 8 }, () => rate));
  const values = asked.map((rate) => Math.min(rate, 2900));
  const columns = { time: 'time', rate: 'rate', offered: 'asked' };
  const { steps, safeMaxTps } = analyse({ 't.csv': table(values, asked) }, { columns });
  expect(steps.map(({ targetTps, verdict }) => [targetTps, verdict.kind])).toEqual([
    [1000, 'sustained'],
    [2000, 'sustained'],
    [4000, 'saturated'],
  ]);
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', tps: 2000, reason: 'limit-cause-unknown' });
});

test('a pause in an OpenMessaging log splits the step and belongs to none', () => {
  const clock = (second: number) => new Date(noon + second * 1000).toISOString().slice(11, 23);
  const line = (second: number) =>
    `${clock(second)} [main] INFO - Pub rate 50175.1 msg/s /  4.8 MB/s | Pub err     0.0 err/s | Cons rate 50175.2 msg/s /  4.8 MB/s | Backlog:  0.0 K | Pub Latency (ms) avg:  3.5 - 50%:  1.9 - 99%: 39.8 - 99.9%: 52.3 - Max: 55.4`;
  const lines = [0, 1320].flatMap((from) => Array.from({ length: 12 }, (_, index) => line(from + 10 * index)));
  const run = join({ 'omb.log': `${lines.join('\n')}\n` }, { rates: perFile({ 'omb.log': 50_000 }) });
  expect(run.steps.map(({ from, to }) => [from, to])).toEqual([
    [10, 120],
    [1320, 1440],
  ]);
  const { held, findings } = analyzeRun(run, policy);
  expect(held).toBeUndefined();
  expect(findings.map(({ code }) => code)).toContain('truncated');
});

test('a step with failed sends is not sustained', () => {
  const failure = 'org.apache.kafka.common.errors.NotEnoughReplicasException: Messages are rejected.\n';
  const log = producerPerfLog({ rate: 2000 }).replaceAll(/(?=^\d+ records sent)/gm, failure.repeat(100));
  const { steps, run } = analyse({ 'p.log': log });
  expect(steps.map(({ verdict }) => verdict)).toEqual([{ kind: 'invalid', reason: 'errors' }]);
  expect(run.sources?.[0]?.flags).toContain('failed-sends');
  expect(analyse({ 'p.log': producerPerfLog({ rate: 2000 }) }).steps[0]?.verdict.kind).toBe('sustained');
});

test('the same lag growth per group has the same verdict with one subscription and with three', () => {
  const verdictOf = (subscriptions: number) => {
    const samples = Array.from({ length: 12 }, () => 1000);
    const result = ombResult({
      publishRate: samples,
      consumeRate: samples.map((rate) => subscriptions * (rate - 3)),
      backlog: samples.map((_, index) => subscriptions * 30 * (index + 1)),
      subscriptionsPerTopic: subscriptions,
    });
    const { steps, safeMaxTps } = analyse({ 'r.json': result });
    return { verdicts: steps.map(({ verdict }) => verdict), safeMaxTps };
  };
  expect(verdictOf(1).verdicts).toEqual([{ kind: 'sustained' }]);
  expect(verdictOf(3)).toEqual(verdictOf(1));
});

test('a stated rate takes precedence over the rate in the figures', () => {
  const { steps } = analyse({ 'p.log': staircase['p-2000.log'] ?? '' }, { rates: perFile({ 'p.log': 3000 }) });
  expect(steps[0]).toMatchObject({ targetTps: 3000, verdict: { kind: 'saturated' } });
});

test('a stated clock offset corrects a clock that was behind', () => {
  const named = {
    'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
    'c.log': rocketmqConsumerLog({ rate: 9000 }, noon - 8 * 3600_000),
  };
  const { consumed, durationSeconds } = join(named, { clockOffsets: perFile({ 'c.log': 8 * 3600 }) });
  expect(durationSeconds).toBe(80);
  expect(consumed.map(({ from }) => from)).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
});

test('local times in the same unknown zone are aligned, without a start date', () => {
  const { document, hosts } = join({
    'w-Kafka-2026-11-20-12-02-00.json': ombResult(),
    'sar.txt': sarCpu({ seconds: 120, from: '12:00:00' }),
  });
  expect(document.startedAt).toBeUndefined();
  expect(hosts.get('mq-1')?.intervals.at(0)).toMatchObject({
    from: 0,
    to: 1,
    cpu: { cores: 16, busyCores: expect.closeTo(3.2, 6) as number },
  });
});

test('the host of the load generator is not a broker', () => {
  const named = {
    'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
    'load.sar': sarCpu({ seconds: 80, from: '12:00:00' }).replace('(mq-1)', '(load-1)'),
    'sar.txt': sarCpu({ seconds: 80, from: '12:00:00' }),
  };
  const { document } = join(named, { timezone: 'UTC', generatorHost: 'load-1' });
  expect(document.environment.brokers.map(({ id }) => id)).toEqual(['mq-1']);
  expect(document.environment.generatorHost).toBe('load-1');
});

test('two jstat files of a host are rejected if they overlap, and both count if they are consecutive', () => {
  const jstat = readFileSync(pathOf(import.meta.dirname, '../../../../../fixtures/host-tools/jstat-17.txt'), 'utf8');
  const named = {
    'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
    'mq-1.broker.txt': jstat,
    // Identical bytes would count as a copy of the same file.
    'mq-1.proxy.txt': jstat.replace('   727  ', '   726  '),
  };
  const joined = (laterMs: number) =>
    join(named, { starts: perFile({ 'mq-1.broker.txt': noon, 'mq-1.proxy.txt': noon + laterMs }) });
  expect(() => joined(1000)).toThrow(/mq-1\.broker\.txt and mq-1\.proxy\.txt are both of a JVM of host mq-1/);
  expect(joined(20_000).jvms.get('mq-1')).toHaveLength(8);
});

test('two consecutive files of a host both count', () => {
  const named = {
    'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
    'sa20.txt': sarCpu({ seconds: 40, from: '12:00:00' }),
    'sa21.txt': sarCpu({ seconds: 40, from: '12:00:40', busy: 50 }),
    'sb.txt': sarCpu({ seconds: 20, from: '12:00:30', busy: 90 }),
  };
  const host = join(named, { timezone: 'UTC' }).hosts.get('mq-1');
  const busy = [...(host?.intervals ?? [])].flatMap(({ cpu }) => cpu?.busyCores ?? []);
  expect(new Set(rounded(busy))).toEqual(new Set([3, 8]));
  expect(host?.readBy?.cpu).toMatch(/\(sa20\.txt\), .*\(sa21\.txt\)$/);
});

test('a card without a known speed is named, so that its speed can be stated', () => {
  const { findings } = analyse({ ...staircase, 'sar.txt': sar }, { starts, timezone: 'UTC' });
  expect(findings.find(({ code }) => code === 'network-capacity-unknown')?.message).toContain('eth0');
});

test('recorded logs of three producers and a consumer agree on sent and sustained rates', () => {
  const fixture = (name: string) =>
    readFileSync(pathOf(import.meta.dirname, '../../../../../fixtures/load-tests', name), 'utf8');
  const began = { 2000: '20:55:18', 4000: '20:55:59', 8000: '20:56:36' };
  const names = Object.keys(began).map((rate) => `kafka-4.3-producer-${rate}.log`);
  const { steps, run } = analyse(
    Object.fromEntries([...names, 'kafka-4.3-consumer-detailed.csv'].map((name) => [name, fixture(name)])),
    {
      timezone: 'UTC',
      starts: perFile(
        Object.fromEntries(
          Object.values(began).map((time, index) => [names[index] ?? '', Date.parse(`2026-11-20T${time}Z`)]),
        ),
      ),
      rates: perFile(Object.fromEntries(Object.keys(began).map((rate, index) => [names[index] ?? '', Number(rate)]))),
    },
  );
  expect(run).toMatchObject({ messageBytes: 500, broker: 'kafka' });
  expect(steps.map(({ targetTps, verdict }) => [targetTps, verdict.kind])).toEqual([
    [2000, 'sustained'],
    // Other work on those two cores delayed one window, which leaves too few.
    [4000, 'invalid'],
    [8000, 'sustained'],
  ]);
});
