import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { Analysis } from '../../../../core/documents/analysis.ts';
import { measureStep } from '../../../../analyzer/verdict/steps/measured-step.ts';
import { plainRun, withIntervals } from '../../../support/load-test-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const codes = (run: LoadTestRun) => analyse(run).findings.map(({ code }) => code);

describe('steps', () => {
  test('a step whose target rate was achieved is sustained', () => {
    expect(analyse(plainRun()).steps.every(({ verdict }) => verdict.kind === 'sustained')).toBe(true);
  });

  test('a step of exactly the confirmation time is held, whatever its start', () => {
    const run = plainRun({ rates: [1000, 2000, 3000] });
    const from = 24.002;
    const steps = run.steps.map((step, index) => (index === 2 ? { ...step, from, to: from + 12 } : step));
    expect(from + 12 - from).toBeLessThan(12);
    const soon = { ...policy, confirmationSeconds: { ...policy.confirmationSeconds, value: 12 } };
    expect(analyzeRun({ ...run, steps }, soon).held).toMatchObject({ tps: 3000, seconds: 12 });
  });

  test('a step of a few seconds is invalid because it is too short', () => {
    expect(analyse(plainRun({ stepSeconds: 6 })).steps[0]?.verdict).toEqual({ kind: 'invalid', reason: 'too-short' });
  });

  test('measures throttled responses and the consumer group of a step of 150,000 seconds', () => {
    const run = plainRun({ rates: [1000], stepSeconds: 150_000 });
    const produced = run.produced.map((line) => {
      const seconds = line.to === 150_000 ? 0.2 : 0;
      return { ...line, throttled: { answers: Math.ceil(seconds), seconds, longestSeconds: seconds } };
    });
    const consumed = run.produced.map(({ from, to, acknowledged: messages }) => {
      return { from, to, worker: 'consumer-0', group: 'billing', messages, eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
    });
    const [recorded] = run.steps;
    if (recorded === undefined) throw new Error('no step');
    expect(measureStep({ ...run, produced, consumed }, recorded, 2)).toMatchObject({
      tps: 1000,
      throttled: { produce: { answers: 1, seconds: 0.2, longestSeconds: 0.2 } },
      groups: [{ group: 'billing', tps: 1000 }],
    });
  });

  test('a run with only short steps has no safe maximum and reports that a longer step is missing', () => {
    expect(analyse(plainRun({ stepSeconds: 6 })).safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: [{ what: 'a step of 8 s or more', node: 'cluster' }],
    });
  });

  test('a step that missed its rate while the link was saturated is limited by that link', () => {
    const run = plainRun({ rates: [2000, 4000, 6000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
    expect(analyse(run).steps[4]?.verdict).toEqual({
      kind: 'saturated',
      bottleneck: { resource: 'network-in', node: '1' },
    });
  });

  test('a link at 90% of its speed does not explain a missed rate, one at 94% does', () => {
    // Something else limits the rate for a tenth of each second, such as collections of a heap that is too small.
    const at = (share: number) =>
      analyse(plainRun({ rates: [4000, 6000, 8000, 12_000], carried: (rate) => Math.min(1, (share * 10_400) / rate) }));
    expect(at(0.9).steps[3]?.verdict).toEqual({ kind: 'saturated' });
    expect(at(0.94).steps[3]?.verdict).toMatchObject({ bottleneck: { resource: 'network-in' } });
  });

  test('responses that arrive after the step do not make it miss its rate, unless they belong to an earlier second', () => {
    const lateIn = (second: number) =>
      plainRun({ rates: [2000, 4000, 6000], stepSeconds: 8 }).produced.map((line) =>
        line.intended === 4000 && line.from === second ? { ...line, acknowledged: 3600 } : line,
      );
    const run = plainRun({ rates: [2000, 4000, 6000], stepSeconds: 8 });
    expect(analyse({ ...run, produced: lateIn(15) }).steps[1]?.verdict).toEqual({ kind: 'sustained' });
    expect(analyse({ ...run, produced: lateIn(12) }).steps[1]?.verdict).toEqual({ kind: 'saturated' });
  });

  test('a step that missed its rate with no saturated resource has a limit of unknown cause', () => {
    const run = plainRun({ carried: (rate) => (rate === 5000 ? 0.9 : 1) });
    expect(analyse(run).steps[4]?.verdict).toEqual({ kind: 'saturated' });
    expect(codes(run).filter((code) => code.startsWith('limit-'))).toEqual(['limit-cause-unknown']);
  });

  test('a CPU that was just as busy at a fifth of the rate does not explain a missed rate', () => {
    const cores = { coreSecondsPerMessage: 0, cores: 4 };
    const busyAt = (from: number) =>
      withIntervals(plainRun({ ...cores, carried: (rate) => (rate === 5000 ? 0.9 : 1) }), (interval) => ({
        ...interval,
        ...(interval.cpu && interval.from >= from && { cpu: { ...interval.cpu, busyCores: 3.9 } }),
      }));
    expect(analyse(busyAt(48)).steps[4]?.verdict).toEqual({
      kind: 'saturated',
      bottleneck: { resource: 'cpu', node: '1' },
    });
    expect(analyse(busyAt(0)).steps[4]?.verdict).toEqual({ kind: 'saturated' });
  });

  test('a missed rate is attributed to the CPU that brokers and load generator share if that CPU was saturated', () => {
    const busy = withIntervals(plainRun({ carried: (rate) => (rate === 5000 ? 0.9 : 1) }), (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.9 } }),
    }));
    const missed = (run: LoadTestRun) =>
      analyse(run).findings.find(({ code }) => code === 'limit-cause-unknown')?.message ?? '';
    const document = { ...busy.document, environment: { ...busy.document.environment, generatorHost: 'broker-1' } };
    expect(missed({ ...busy, document })).toContain('and the CPU that brokers and load generator share was full.');
    expect(missed(busy)).toContain('and no monitored limit explains it.');
  });

  test('failed sends make a step invalid if no resource was saturated', () => {
    const run = plainRun();
    const produced = run.produced.map((line) =>
      line.intended === 5000 ? { ...line, acknowledged: 4950, failed: 50 } : line,
    );
    expect(analyse({ ...run, produced }).steps[4]).toMatchObject({
      verdict: { kind: 'invalid', reason: 'errors' },
      failedSends: 500,
    });
  });

  test('a missed rate with failed sends has an unknown cause, and no higher rate is safe', () => {
    const carried = (rate: number) => (rate === 5000 ? 0.9 : 1);
    const run = plainRun({ stepSeconds: 60, linkBytesPerSecond: 5e6, carried });
    // The generator drops messages that it could not send for 10 s, and counts them as failed.
    const produced = run.produced.map((line) => ({ ...line, failed: line.intended - line.acknowledged }));
    const { steps, safeMaxTps, findings } = analyse({ ...run, produced });
    expect(steps[4]?.verdict).toEqual({ kind: 'saturated' });
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown', ceiling: { tps: 4500 } });
    expect('tps' in safeMaxTps && safeMaxTps.tps).toBeLessThanOrEqual(4500);
    expect(findings.find(({ code }) => code === 'limit-cause-unknown')?.message).toContain('sends failed');
  });

  test('a group that lags by 1.5% of the rate keeps up in a short step, within what long polls move, but not for ten minutes', () => {
    const verdictOf = (stepSeconds: number) => {
      const run = plainRun({ rates: [3000, 4000, 5000], stepSeconds });
      const consumed = run.produced.map(({ from, to, acknowledged }) => ({
        from,
        to,
        worker: 'consumer-0',
        group: 'billing',
        messages: 0.985 * acknowledged,
        eventLoopUtilisation: 0.1,
        cpuSeconds: 0.1,
      }));
      return analyse({ ...run, consumed }).steps.map(({ verdict }) => verdict)[0];
    };
    expect(verdictOf(12)).toEqual({ kind: 'sustained' });
    expect(verdictOf(600)).toEqual({ kind: 'saturated', bottleneck: { slo: 'consumer-lag', group: 'billing' } });
  });

  test('a missed rate with falling throughput within the step has an unknown cause', () => {
    const run = plainRun({ stepSeconds: 60 });
    const produced = run.produced.map((line) => {
      const acknowledged = 4900 - 20 * (line.from - 240);
      return line.intended === 5000 ? { ...line, sent: acknowledged, acknowledged } : line;
    });
    expect(analyse({ ...run, produced }).steps[4]?.verdict).toEqual({ kind: 'saturated' });
  });

  test('a step without any acknowledged message has a limit of unknown cause', () => {
    const run = plainRun({ stepSeconds: 9, carried: (rate) => (rate === 5000 ? 0 : 1) });
    expect(analyse(run).steps[4]?.verdict).toEqual({ kind: 'saturated' });
    expect(analyse(run).safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown' });
  });

  test.each([
    ['a busy event loop', { eventLoopUtilisation: 0.95 }],
    ['a busy thread', { cpuSeconds: 0.97 }],
  ])('a rate missed because of %s is limited by the load generator', (_, busy) => {
    const run = plainRun({ carried: (rate) => (rate === 5000 ? 0.9 : 1) });
    const produced = run.produced.map((line) => (line.intended === 5000 ? { ...line, ...busy } : line));
    const analysis = analyse({ ...run, produced });
    expect(analysis.steps[4]?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
  });

  test.each(['generator', 'sender-1'])(
    'a rate missed while host %s had no idle core is limited by the load generator',
    (host) => {
      const run = plainRun({ carried: (rate) => (rate === 5000 ? 0.9 : 1) });
      const environment = { ...run.document.environment, workerHosts: ['sender-1', 'sender-2'] };
      const idle = withIntervals(
        withIntervals(run, (interval) => interval, 'generator'),
        (each) => each,
        'sender-2',
      );
      const busy = withIntervals(
        idle,
        (interval) => ({ ...interval, ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.8 } }) }),
        host,
      );
      const { steps, findings, resources } = analyse({ ...busy, document: { ...run.document, environment } });
      expect(steps[4]?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
      expect(findings.find(({ code }) => code === 'generator-limited')?.message).toContain('its own cpu');
      const rows = resources.map(({ resource, node }) => `${resource} of ${node}`);
      expect(new Set(rows).size).toBe(rows.length);
    },
  );

  test('late sends are limited by the load generator unless its senders waited for the broker', () => {
    const late = { p50: 0.4, p99: 0.8, p999: 0.9, max: 1 };
    const run = plainRun({ carried: (rate) => (rate === 5000 ? 0.9 : 1) });
    const steps = run.steps.map((step) => (step.targetTps === 5000 ? { ...step, sendDelaySeconds: late } : step));
    const produced = run.produced.map((line) => ({ ...line, blockedSeconds: 0.8 }));
    expect(analyse({ ...run, steps }).steps[4]?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
    expect(analyse({ ...run, steps, produced }).steps[4]?.verdict).toEqual({ kind: 'saturated' });
  });

  test('a step is not sustained if a consumer group falls behind, even if every send was acknowledged', () => {
    const run = plainRun();
    const consumed = run.produced.map(({ from, to, acknowledged }) => {
      const messages = acknowledged === 5000 ? 4000 : acknowledged;
      return { from, to, worker: 'consumer-0', group: 'billing', messages, eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
    });
    const analysis = analyse({ ...run, consumed });
    expect(analysis.steps.map(({ verdict }) => verdict.kind)).toEqual([
      'sustained',
      'sustained',
      'sustained',
      'sustained',
      'saturated',
    ]);
    expect(analysis.saturationTps).toMatchObject({ limitedBy: { slo: 'consumer-lag', group: 'billing' } });
    expect(analysis.findings.find(({ code }) => code === 'consumer-lag-growing')?.message).toMatch(
      /billing.*5,000.*4,000/,
    );
  });

  test('the slower of two consumer groups sets the saturation rate', () => {
    const run = plainRun();
    const consumed = run.produced.flatMap(({ from, to, acknowledged }) =>
      ['audit', 'billing'].map((group) => {
        const messages = group === 'billing' ? Math.min(acknowledged, 4200) : acknowledged;
        return { from, to, worker: group, group, messages, eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
      }),
    );
    const { saturationTps, safeMaxTps } = analyse({ ...run, consumed });
    expect(saturationTps).toMatchObject({
      kind: 'confirmed',
      estimateTps: 4200,
      limitedBy: { slo: 'consumer-lag', group: 'billing' },
    });
    expect('tps' in safeMaxTps && safeMaxTps.tps).toBeLessThanOrEqual(4200);
  });
});

describe('a consumer group that receives messages in bursts', () => {
  /** Like a Kafka fetch quota: nothing for three seconds, then 6,016 messages. */
  const inLumps = (every: number, lump: number) => {
    const run = plainRun({ rates: [1000, 2600], stepSeconds: 9 });
    const consumed = run.produced.map(({ from, to, acknowledged }) => {
      const messages = acknowledged === 1000 ? 1000 : from % every === 0 ? lump : 0;
      return { from, to, worker: 'consumer-0', group: 'billing', messages, eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
    });
    return analyse({ ...run, consumed });
  };

  test('falls behind if a burst has fewer messages than were produced since the last burst', () => {
    const { steps, findings } = inLumps(4, 6016);
    expect(steps[1]?.verdict).toMatchObject({ kind: 'saturated', bottleneck: { slo: 'consumer-lag' } });
    expect(findings.map(({ code }) => code)).not.toContain('groups-behind');
  });

  test('keeps up if a burst has as many messages as were produced since the last burst', () => {
    expect(inLumps(3, 7800).steps[1]?.verdict).toEqual({ kind: 'sustained' });
  });
});
