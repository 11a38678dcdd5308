import { describe, expect, test } from 'vitest';
import { analyzeRun, gatherEvidence } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { AnalyzerConfig, resolvePolicy } from '../../../../../../core/policy/policy-config.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { analyse, join, perFile } from '../../../../../support/joined-in-memory.ts';
import { producerPerfLog, rocketmqConsumerLog, rocketmqProducerLog } from '../../../../../support/load-test-files.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const policy = examplePolicy();

describe('missing rows', () => {
  const columns = { time: 'time', rate: 'rate' };
  const rows = (from: number, count: number, rate: number, apart = 1) =>
    Array.from({ length: count }, (_, index) => `${1_700_000_000 + from + index * apart},${rate}\n`).join('');
  const csv = (...parts: string[]) => `time,rate\n${parts.join('')}`;

  test('do not count as time at the rate of the next row', () => {
    const run = join({ 't.csv': csv(rows(0, 60, 1000), rows(700, 8, 5000)) }, { columns });
    expect(run.steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [1000, 59],
      [5000, 8],
    ]);
    expect(analyzeRun(run, policy).held).toBeUndefined();
  });

  test('split a step in two, unless a single row is missing', () => {
    const lengths = (second: number) =>
      join({ 't.csv': csv(rows(0, 40, 1000, 10), rows(second, 40, 1000, 10)) }, { columns }).steps.map(
        ({ from, to }) => to - from,
      );
    expect(lengths(410)).toEqual([800]);
    expect(lengths(1200)).toEqual([390, 400]);
  });

  test('split a step with a known target rate', () => {
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

  test('are not assumed if rows are further apart from then on', () => {
    const run = join({ 't.csv': csv(rows(0, 60, 1000), rows(69, 40, 3000, 10)) }, { columns });
    expect(run.steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [1000, 59],
      [3000, 400],
    ]);
    expect(run.document.sources?.[0]?.flags).not.toContain('truncated');
    expect(analyzeRun(run, policy).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000 });
  });

  test.each([0, 4])(
    'of one of two producers, started %i s apart, do not split a step if a single row is missing',
    (later) => {
      const [a, b] = [csv(rows(0, 20, 1000, 10)), csv(rows(later, 10, 1000, 10), rows(later + 110, 9, 1000, 10))];
      const run = join({ 'a.csv': a, 'b.csv': b }, { columns });
      expect(run.steps.map(({ targetTps, from, to }) => [targetTps, from, to])).toEqual([[2000, 10, 200]]);
      expect(analyzeRun(run, policy).steps[0]).toMatchObject({ achievedTps: 2000, verdict: { kind: 'sustained' } });
    },
  );

  test('of several producers do not end the load', () => {
    const text = csv(rows(0, 40, 1000, 10), rows(1200, 40, 1000, 10));
    const { steps, status } = join({ 'a.csv': text, 'b.csv': `${text}\n` }, { columns });
    expect(status).toBe('completed');
    expect(steps.map(({ targetTps, from, to }) => [targetTps, to - from])).toEqual([
      [2000, 390],
      [2000, 400],
    ]);
  });
});

describe('missing lines in a log of a producer or consumer', () => {
  /** @param missing numbers of the removed lines of figures, from 1 */
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
  /** The log of a consumer that was restarted and appends to the same file. */
  const restarted = (missing: readonly number[], heading: (start: number) => string = () => '') => {
    const logs = [1000, 2000].map((rate, index) => {
      const start = noon + index * 500_000;
      return {
        producer: rocketmqProducerLog({ rate, windows: 40, spread: 0 }, start),
        consumer: heading(index) + rocketmqConsumerLog({ rate, windows: 40 }, start),
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
  const stepsOf = (missing: readonly number[], heading?: (start: number) => string) =>
    restarted(missing, heading).steps.map(({ verdict }) => verdict);
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
  ])('do not hide growing lag: %j', (missing) => {
    expect(verdictOf({ taken: 970, ...missing }).verdicts).toEqual(lagging);
  });

  test.each([
    { consumed: [20] },
    { consumed: [10, 11, 12, 13, 14, 15] },
    { consumed: [15, 16, 17, 18, 19, 20] },
    { produced: [20] },
    { lateSeconds: 4, consumed: [20] },
    // The consumer log begins later than the producer log.
    { consumed: [1, 2, 3, 4, 5, 6, 7, 8] },
  ])('are not taken for lag: %j', (missing) => {
    expect(verdictOf({ taken: 1000, ...missing })).toEqual(sustained);
  });

  test('at the start leave growing lag visible with enough samples, and unknown with fewer', () => {
    const ofFive = (lateSeconds: number) => verdictOf({ taken: 970, windows: 6, lateSeconds }).verdicts;
    expect(ofFive(4)).toEqual(lagging);
    // The step begins at 10 s, with the second line of its producers.
    expect(ofFive(14)).toEqual(lagging);
    expect(ofFive(16)).toEqual([unknown]);
  });

  test('at the end count as a consumer that stopped', () => {
    expect(verdictOf({ taken: 1000, consumed: sequence(21, 40) }).verdicts).toEqual(lagging);
  });

  test('around the start of a step do not count as a stopped consumer', () => {
    expect(stepsOf(sequence(36, 46))).toEqual([{ kind: 'sustained' }, { kind: 'sustained' }]);
  });

  test.each([
    { release: '4.9', heading: () => 'group: benchmark_consumer, suffix: false' },
    { release: '4.9 with -p true', heading: (start: number) => `group: benchmark_consumer_${7 + start}, suffix: true` },
    { release: '4.7', heading: (start: number) => `group: benchmark_consumer_${40 - start}, prefix: true` },
  ])('between two starts of a consumer of $release do not count as a stopped consumer', ({ heading }) => {
    const printed = (start: number) =>
      `topic: BenchmarkTest, threadCount 20, ${heading(start)}, filterType: null, expression: null, msgTraceEnable: false, aclEnable: false\n`;
    expect(stepsOf([], printed)).toEqual([{ kind: 'sustained' }, { kind: 'sustained' }]);
  });

  test.each([
    { from: 4, to: 40, verdicts: [unknown, { kind: 'sustained' }] },
    { from: 8, to: 40, verdicts: [unknown, { kind: 'sustained' }] },
    { from: 12, to: 70, verdicts: [unknown, unknown] },
  ])('in much of a step leave its lag unknown: rows $from to $to', ({ from, to, verdicts }) => {
    expect(stepsOf(sequence(from, to))).toEqual(verdicts);
  });

  test('in much of a step leave its lag unknown, but a violated latency SLO of its producers counts', () => {
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

  test('in much of every step leave the safe maximum unknown and name the missing figures', () => {
    expect(restarted(sequence(12, 70)).safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: expect.arrayContaining([{ what: 'figures of each consumer group', node: 'cluster' }]),
    });
  });
});
