import { readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyzeRun, gatherEvidence } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { joinFiles, type JoinOptions } from '../../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { AnalyzerConfig, resolvePolicy } from '../../../../../../core/policy/policy-config.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import {
  nothingStated,
  ombResult,
  producerPerfLog,
  rocketmqConsumerLog,
  rocketmqProducerLog,
  sarCpu,
  sarNetwork,
} from '../../../../../support/load-test-files.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const policy = examplePolicy();
const files = (named: Record<string, string>) =>
  Object.entries(named).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
const join = (named: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  joinFiles(files(named), { ...nothingStated, ...options });
const analyse = (named: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  analyzeRun(joinFiles(files(named), { ...nothingStated, ...options }), policy);
const links = (bitsPerSecond: number) => ({ hosts: { ...nothingStated.hosts, links: [{ bitsPerSecond }] } });
const rounded = (values: readonly (number | undefined)[]) => values.map((value) => value && Math.round(value));
const perFile = (values: Record<string, number>) => ({ byFile: new Map(Object.entries(values)) });

/** Five logs of 40 s, ten seconds apart, and what a card of the broker carried meanwhile. */
const rates = [2000, 4000, 6000, 8000, 10_000];
const staircase = Object.fromEntries(rates.map((rate) => [`p-${rate}.log`, producerPerfLog({ rate })]));
const starts = perFile(Object.fromEntries(rates.map((rate, index) => [`p-${rate}.log`, noon + index * 50_000])));
const beside = rates.flatMap((rate) => [
  ...Array.from({ length: 40 }, () => rate),
  ...Array.from({ length: 10 }, () => 0),
]);
const sar = sarNetwork({ rates: beside, from: '12:00:00', bytesIn: 1100, bytesOut: 300 });

test('logs of a staircase and the sar of a broker name the link that binds, and at which rate', () => {
  const { safeMaxTps, steps, run } = analyse(
    { ...staircase, 'sar.txt': sar },
    { starts, timezone: 'UTC', ...links(1.2e8) },
  );
  expect(steps.map(({ verdict }) => verdict.kind)).toEqual(rates.map(() => 'sustained'));
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual(rates);
  if (!('limitedBy' in safeMaxTps)) throw new Error(safeMaxTps.kind);
  expect(safeMaxTps.limitedBy).toEqual({ resource: 'network-in', node: 'mq-1' });
  // 80% of 15 MB/s, over 1,100 B and a tenth of a frame's 24 B a message; the p99 of a spread of 1% lies above the mean.
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

test('the order of files and the zone of their times change nothing', () => {
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

test('logs without times are placed one after the other, as they were named, and it is said', () => {
  const { steps, document } = join({ 'a.log': staircase['p-2000.log'] ?? '', 'b.log': staircase['p-4000.log'] ?? '' });
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual([2000, 4000]);
  expect(steps[1]?.from).toBeGreaterThan(steps[0]?.to ?? 0);
  expect(document.startedAt).toBeUndefined();
  expect(document.sources?.every(({ flags }) => flags.includes('no-time-stamps'))).toBe(true);
});

test('the first window of a test without warm-up is left out of its step', () => {
  const [step] = join({ 'a.log': staircase['p-2000.log'] ?? '' }).steps;
  expect(step?.from).toBeCloseTo(5, 1);
  expect(step?.to).toBeCloseTo(40, 1);
});

test('producers that ran together are one step of their sum', () => {
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

test('a series of several rates is cut where its level changes', () => {
  const values = [1000, 2000, 4000].flatMap((rate) =>
    Array.from({ length: 8 }, (_, index) => rate * (1 + 0.004 * Math.sin(index))),
  );
  const { steps } = join({ 't.csv': table(values) }, { columns: { time: 'time', rate: 'rate' } });
  expect(rounded(steps.map(({ targetTps }) => targetTps))).toEqual([1000, 2000, 4000]);
  expect(rounded(steps.map(({ from, to }) => to - from))).toEqual([70, 80, 80]);
});

test('where what was asked for is reported, steps change with it, reached or not', () => {
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

describe('rows that are missing', () => {
  const columns = { time: 'time', rate: 'rate' };
  const rows = (from: number, count: number, rate: number, apart = 1) =>
    Array.from({ length: count }, (_, index) => `${1_700_000_000 + from + index * apart},${rate}\n`).join('');
  const csv = (...parts: string[]) => `time,rate\n${parts.join('')}`;

  test('are no time at the rate of the row after them', () => {
    const run = join({ 't.csv': csv(rows(0, 60, 1000), rows(700, 8, 5000)) }, { columns });
    expect(run.steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [1000, 59],
      [5000, 8],
    ]);
    expect(analyzeRun(run, policy).held).toBeUndefined();
  });

  test('part a step in two, unless it is a single one', () => {
    const lengths = (second: number) =>
      join({ 't.csv': csv(rows(0, 40, 1000, 10), rows(second, 40, 1000, 10)) }, { columns }).steps.map(
        ({ from, to }) => to - from,
      );
    expect(lengths(410)).toEqual([800]);
    expect(lengths(1200)).toEqual([390, 400]);
  });

  test('part a step whose target rate is known', () => {
    const offered = (text: string) => text.replaceAll(/,(\d+)\n/g, ',$1,$1\n');
    const { steps } = join(
      { 't.csv': `time,rate,asked\n${offered(rows(0, 40, 1000, 10) + rows(1200, 40, 1000, 10))}` },
      { columns: { ...columns, offered: 'asked' } },
    );
    expect(steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [1000, 390],
      [1000, 400],
    ]);
  });

  test('are none where rows are further apart from then on', () => {
    const run = join({ 't.csv': csv(rows(0, 60, 1000), rows(69, 40, 3000, 10)) }, { columns });
    expect(run.steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [1000, 59],
      [3000, 400],
    ]);
    expect(run.document.sources?.[0]?.flags).not.toContain('truncated');
    expect(analyzeRun(run, policy).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000 });
  });

  test.each([0, 4])('of one of two producers that began %i s apart part no step if they are a single one', (later) => {
    const [a, b] = [csv(rows(0, 20, 1000, 10)), csv(rows(later, 10, 1000, 10), rows(later + 110, 9, 1000, 10))];
    const run = join({ 'a.csv': a, 'b.csv': b }, { columns });
    expect(run.steps.map(({ targetTps, from, to }) => [targetTps, from, to])).toEqual([[2000, 10, 200]]);
    expect(analyzeRun(run, policy).steps[0]).toMatchObject({ achievedTps: 2000, verdict: { kind: 'sustained' } });
  });

  test('of several producers are no end of the load', () => {
    const text = csv(rows(0, 40, 1000, 10), rows(1200, 40, 1000, 10));
    const { steps, status } = join({ 'a.csv': text, 'b.csv': `${text}\n` }, { columns });
    expect(status).toBe('completed');
    expect(steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [2000, 390],
      [2000, 400],
    ]);
  });
});

describe('lines that are missing in a log of producers or consumers', () => {
  /** @param missing lines of figures, from 1 */
  const without = (log: string, missing: readonly number[]) => {
    let place = 0;
    const isKept = (line: string) => !line.startsWith('Current Time') || !missing.includes((place += 1));
    return log.split('\n').filter(isKept).join('\n');
  };
  const sequence = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  interface Logs {
    taken: number;
    produced?: number[];
    consumed?: number[];
    lateSeconds?: number;
    windows?: number;
  }
  const verdictOf = ({ taken, produced = [], consumed = [], lateSeconds = 0, windows = 40 }: Logs) => {
    const producer = rocketmqProducerLog({ rate: 1000, windows, spread: 0 }, noon);
    const consumer = rocketmqConsumerLog({ rate: taken, windows }, noon + lateSeconds * 1000);
    const { steps, safeMaxTps, consumerGroups } = analyse(
      { 'p.log': without(producer, produced), 'c.log': without(consumer, consumed) },
      { rates: perFile({ 'p.log': 1000 }) },
    );
    return { verdicts: steps.map(({ verdict }) => verdict), safeMaxTps: safeMaxTps.kind, consumerGroups };
  };
  /** A consumer that was started again writes on in the same log. */
  const restarted = (missing: readonly number[]) => {
    const logs = [1000, 2000].map((rate, index) => {
      const start = noon + index * 500_000;
      return {
        producer: rocketmqProducerLog({ rate, windows: 40, spread: 0 }, start),
        consumer: rocketmqConsumerLog({ rate, windows: 40 }, start),
      };
    });
    return analyse(
      {
        'p1.log': logs[0]?.producer ?? '',
        'p2.log': logs[1]?.producer ?? '',
        'c.log': without(logs.map(({ consumer }) => consumer).join(''), missing),
      },
      { rates: perFile({ 'p1.log': 1000, 'p2.log': 2000 }) },
    );
  };
  const stepsOf = (missing: readonly number[]) => restarted(missing).steps.map(({ verdict }) => verdict);
  const sustained = {
    verdicts: [{ kind: 'sustained' }],
    safeMaxTps: 'at-least',
    consumerGroups: [expect.objectContaining({ kind: 'at-least', group: 'c.log', tps: 1000, share: 1 })],
  };
  const lagging = [{ kind: 'saturated', bottleneck: { slo: 'consumer-lag', group: 'c.log' } }];
  const unknown = { kind: 'not-judged', reason: 'lag-unknown' };

  test.each([
    { produced: [20] },
    { consumed: [20] },
    { produced: [20], consumed: [12, 13, 14] },
    { lateSeconds: 4, produced: [20] },
  ])('hide no lag that grows: %j', (missing) => {
    expect(verdictOf({ taken: 970, ...missing }).verdicts).toEqual(lagging);
  });

  test.each([
    { consumed: [20] },
    { consumed: [10, 11, 12, 13, 14, 15] },
    { consumed: [15, 16, 17, 18, 19, 20] },
    { produced: [20] },
    { lateSeconds: 4, consumed: [20] },
    // Its log begins later than that of the producer.
    { consumed: [1, 2, 3, 4, 5, 6, 7, 8] },
  ])('are no lag: %j', (missing) => {
    expect(verdictOf({ taken: 1000, ...missing })).toEqual(sustained);
  });

  test('at its start hide no lag that grows in the fewest samples that show it, and leave it unknown in fewer', () => {
    const ofFive = (lateSeconds: number) => verdictOf({ taken: 970, windows: 6, lateSeconds }).verdicts;
    expect(ofFive(4)).toEqual(lagging);
    // The step begins with the second line of its producers, at 10 s.
    expect(ofFive(14)).toEqual(lagging);
    expect(ofFive(16)).toEqual([unknown]);
  });

  test('at the end are of a consumer that stopped', () => {
    expect(verdictOf({ taken: 1000, consumed: sequence(21, 40) }).verdicts).toEqual(lagging);
  });

  test('over the start of a step are no consumer that stopped', () => {
    expect(stepsOf(sequence(36, 46))).toEqual([{ kind: 'sustained' }, { kind: 'sustained' }]);
  });

  test.each([
    { from: 4, to: 40, verdicts: [unknown, { kind: 'sustained' }] },
    { from: 8, to: 40, verdicts: [unknown, { kind: 'sustained' }] },
    { from: 12, to: 70, verdicts: [unknown, unknown] },
  ])('for much of a step leave its lag unknown: $from to $to', ({ from, to, verdicts }) => {
    expect(stepsOf(sequence(from, to))).toEqual(verdicts);
  });

  test('for much of a step leave its lag unknown, and an SLO that its producers saw violated is', () => {
    const rows = sequence(1, 40)
      .filter((row) => row < 10 || row > 20)
      .map(
        (row) =>
          `${new Date(noon + 5000 * row).toISOString().slice(0, -1).replace('T', ' ')}, 0, ${(5000 * 1024 * row) / 2 ** 20}, 1.0, ${5000 * row}, 1000.0, 0, 5000, 1.0, 1000.0\n`,
      );
    const heading =
      'time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n';
    const run = join(
      // The p99 of the total is 4 ms.
      { 'p.log': producerPerfLog({ rate: 1000, windows: 40 }), 'c.csv': `${heading}${rows.join('')}` },
      { starts: perFile({ 'p.log': noon }), rates: perFile({ 'p.log': 1000 }), timezone: 'UTC' },
    );
    const withSlo = (publishLatencyP99: string) => {
      const ofSlo = resolvePolicy(AnalyzerConfig.parse({ slo: { publishLatencyP99 } }));
      const { steps, findings } = analyzeRun(run, ofSlo);
      expect(steps.map(({ verdict }) => verdict)).toEqual([unknown]);
      expect(findings.map(({ code }) => code)).not.toContain('slo-kept');
      return gatherEvidence(run, ofSlo).slos;
    };
    expect(withSlo('2ms')).toMatchObject([{ isKept: [false], crossing: { high: expect.closeTo(1000, 0) } }]);
    expect(withSlo('5ms')).toEqual([expect.objectContaining({ isKept: [undefined] })]);
  });

  test('for much of every step leave the maximum unknown, and name what is missing', () => {
    expect(restarted(sequence(12, 70)).safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: expect.arrayContaining([{ what: 'figures of each consumer group', node: 'cluster' }]),
    });
  });
});

test('a pause of the OpenMessaging log parts the step, and its time is at no rate', () => {
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

test('sends that failed are not sustained', () => {
  const failure = 'org.apache.kafka.common.errors.NotEnoughReplicasException: Messages are rejected.\n';
  const log = producerPerfLog({ rate: 2000 }).replaceAll(/(?=^\d+ records sent)/gm, failure.repeat(100));
  const { steps, run } = analyse({ 'p.log': log });
  expect(steps.map(({ verdict }) => verdict)).toEqual([{ kind: 'invalid', reason: 'errors' }]);
  expect(run.sources?.[0]?.flags).toContain('failed-sends');
  expect(analyse({ 'p.log': producerPerfLog({ rate: 2000 }) }).steps[0]?.verdict.kind).toBe('sustained');
});

test('the same growth of lag in each group gets the same verdict for one subscription and for three', () => {
  const verdictOf = (subscriptions: number) => {
    const samples = Array.from({ length: 12 }, () => 1000);
    const result = ombResult({
      publishRate: samples,
      consumeRate: samples.map((rate) => subscriptions * (rate - 15)),
      backlog: samples.map((_, index) => subscriptions * 150 * (index + 1)),
      subscriptionsPerTopic: subscriptions,
    });
    const { steps, safeMaxTps } = analyse({ 'r.json': result });
    return { verdicts: steps.map(({ verdict }) => verdict), safeMaxTps };
  };
  expect(verdictOf(1).verdicts).toEqual([{ kind: 'sustained' }]);
  expect(verdictOf(3)).toEqual(verdictOf(1));
});

test('a rate that is stated goes before what figures suggest', () => {
  const { steps } = analyse({ 'p.log': staircase['p-2000.log'] ?? '' }, { rates: perFile({ 'p.log': 3000 }) });
  expect(steps[0]).toMatchObject({ targetTps: 3000, verdict: { kind: 'saturated' } });
});

test('a clock that was behind is put right by what is stated', () => {
  const named = {
    'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
    'c.log': rocketmqConsumerLog({ rate: 9000 }, noon - 8 * 3600_000),
  };
  const { consumed, durationSeconds } = join(named, { clockOffsets: perFile({ 'c.log': 8 * 3600 }) });
  expect(durationSeconds).toBe(80);
  expect(consumed.map(({ from }) => from)).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
});

test('local times of one unnamed zone agree with each other, and make no date', () => {
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

test('the machine the load came from is no broker', () => {
  const named = {
    'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
    'load.sar': sarCpu({ seconds: 80, from: '12:00:00' }).replace('(mq-1)', '(load-1)'),
    'sar.txt': sarCpu({ seconds: 80, from: '12:00:00' }),
  };
  const { document } = join(named, { timezone: 'UTC', generatorHost: 'load-1' });
  expect(document.environment.brokers.map(({ id }) => id)).toEqual(['mq-1']);
  expect(document.environment.generatorHost).toBe('load-1');
});

test('a card without a stated speed is named, so that it can be stated', () => {
  const { findings } = analyse({ ...staircase, 'sar.txt': sar }, { starts, timezone: 'UTC' });
  expect(findings.find(({ code }) => code === 'network-capacity-unknown')?.message).toContain('eth0');
});

test('real logs of three producers and the consumer beside them agree on what was sent and held', () => {
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
    // Other work on those two cores held one window back, which leaves too few.
    [4000, 'invalid'],
    [8000, 'sustained'],
  ]);
});
