import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { Analysis } from '../../../../core/documents/analysis.ts';
import { plainRun, withIntervals } from '../../../support/load-test-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const codes = (run: LoadTestRun) => analyse(run).findings.map(({ code }) => code);

describe('the verdict', () => {
  test('a link tested to less than half of its capacity has a predicted safe maximum and an at-least saturation rate', () => {
    const { saturationTps, safeMaxTps } = analyse(plainRun());
    // The link saturates at (6.25e6 − 1e4) / 600 = 10,400 msg/s, and its policy limit is 80%.
    expect(saturationTps).toMatchObject({ kind: 'at-least', tps: 5000, reason: 'no-limit-reached' });
    if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
    expect(safeMaxTps.limitedBy).toEqual({ resource: 'network-in', node: '1' });
    expect(safeMaxTps.estimateTps).toBeCloseTo((0.8 * 6.25e6 - 1e4) / 600, 0);
  });

  test('the interval of a predicted saturation rate is wider beyond 1.5 times the highest tested rate', () => {
    const near = analyse(plainRun({ rates: [2000, 3000, 4000, 5000, 6000] })).saturationTps;
    if (near.kind !== 'predicted') throw new Error(near.kind);
    expect(near.estimateTps).toBeCloseTo(10_400, 0);
    expect(near.extrapolationFactor).toBeCloseTo(10_400 / 6000, 3);
    // Beyond one and a half times the tested rate the interval widens, even without noise.
    expect(near.interval.low).toBeGreaterThan(8500);
    expect(near.interval.low).toBeLessThan(9800);
    const nearer = analyse(plainRun({ rates: [3000, 4000, 5000, 6000, 7000] })).saturationTps;
    // The variation between tests at the limit remains: 1.96 standard deviations of 3%.
    expect('interval' in nearer && nearer.interval.low).toBeCloseTo(10_400 / Math.exp(1.96 * 0.03), 0);
  });

  test('a link of unknown speed sets no limit', () => {
    const run = plainRun();
    const series = run.hosts.get('broker-1');
    if (series === undefined) throw new Error('no broker-1');
    const hosts = new Map([
      ['broker-1', { ...series, inventory: { host: 'broker-1', cores: 4, networkDevices: [{ device: 'eth0' }] } }],
    ]);
    const analysis = analyse({ ...run, hosts });
    expect(analysis.resources.flatMap(({ resource, capacity }) => (capacity ? [resource] : []))).toEqual(['cpu']);
    expect(analysis.findings.map(({ code }) => code)).toContain('network-capacity-unknown');
  });

  test('iowait adds a finding and changes no figure', () => {
    const run = plainRun();
    const waiting = withIntervals(run, (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, iowaitCores: 3 } }),
    }));
    expect(analyse(waiting).safeMaxTps).toEqual(analyse(run).safeMaxTps);
    expect(analyse(waiting).resources).toEqual(analyse(run).resources);
    expect(codes(waiting)).toContain('iowait');
  });

  test('a saturated core is reported, whatever the mean CPU use', () => {
    const hot = withIntervals(plainRun(), (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, hottestCore: 0.97 } }),
    }));
    expect(codes(hot)).toContain('hottest-core');
  });

  test('a load generator on the same host as a broker is reported', () => {
    const run = plainRun();
    const document = { ...run.document, environment: { ...run.document.environment, generatorHost: 'broker-1' } };
    expect(codes({ ...run, document })).toContain('shared-host');
  });

  test('a CPU kept busy by other processes is not the limit if the load generator shares it', () => {
    const busy = withIntervals(plainRun(), (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.9 } }),
    }));
    const document = { ...busy.document, environment: { ...busy.document.environment, generatorHost: 'broker-1' } };
    expect(analyse(busy).safeMaxTps.kind).toBe('unknown');
    expect(analyse({ ...busy, document }).safeMaxTps).toMatchObject({
      kind: 'predicted',
      limitedBy: { resource: 'network-in' },
    });
  });

  test('a rate is not proven by steps in which other processes used more of the shared CPU than the policy allows', () => {
    const analysed = (ownCores: number, rates: number[], missed: number[] = []) => {
      const carried = (rate: number) => (missed.includes(rate) ? 0.9 : 1);
      const shape = { rates, stepSeconds: 600, linkBytesPerSecond: 1e9, carried };
      const run = withIntervals(plainRun(shape), (interval) => ({
        ...interval,
        ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.9988 } }),
      }));
      const document = { ...run.document, environment: { ...run.document.environment, generatorHost: 'broker-1' } };
      const produced = run.produced.map((line) => ({ ...line, cpuSeconds: ownCores }));
      return analyse({ ...run, document, produced });
    };
    for (const { safeMaxTps, held, findings } of [
      analysed(0.2, [600]),
      analysed(0.2, [300, 450, 600], [300, 450]),
      analysed(0.2, [600, 900, 1200], [900, 1200]),
      analysed(0.2, [600, 1200, 1800], [1200, 1800]),
    ]) {
      expect(safeMaxTps.kind).toBe('unknown');
      expect(held).toBeUndefined();
      expect(findings.find(({ code }) => code === 'past-limit-from-the-start')?.message).toMatch(
        /At 600 msg\/s, .* cpu of broker 1 was at 99.97% .* run it on another host/,
      );
    }
    // The generator itself used more than half of the cores, and the rest is within the policy.
    expect(analysed(2.5, [600])).toMatchObject({
      safeMaxTps: { kind: 'at-least', tps: 600, reason: 'no-limit-reached' },
      held: { tps: 600 },
    });
  });

  test('a maximum is not predicted past a resource that is busy without following the load', () => {
    // Shares of the CPU in steps of rising rates.
    const analysed = (shares: number[], ofOthers = (_second: number) => 0) => {
      const run = withIntervals(plainRun(), (interval) => {
        const busyCores = 4 * ((shares[Math.floor(interval.from / 12)] ?? 0) + ofOthers(interval.from));
        return {
          ...interval,
          ...(interval.cpu && { cpu: { ...interval.cpu, busyCores, hottestCore: busyCores / 4 } }),
        };
      });
      const { safeMaxTps, saturationTps, findings } = analyse(run);
      return { safeMaxTps, saturationTps, found: findings.map(({ code }) => code) };
    };
    const idle = analysed([0.1, 0.07, 0.11, 0.08, 0.1]);
    expect(idle.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
    expect(idle.found).not.toContain('use-unexplained');
    const busy = analysed([0.62, 0.5, 0.66, 0.55, 0.65]);
    expect(busy.safeMaxTps).toEqual({ kind: 'at-least', tps: 5000, reason: 'no-limit-reached' });
    expect(busy.saturationTps.kind).toBe('at-least');
    expect(busy.found).toContain('use-unexplained');
    // A JVM that compiles is busy in the first step only.
    const compiling = analysed([0.85, 0.2, 0.21, 0.19, 0.22]);
    expect(compiling.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
    expect(compiling.found).not.toContain('use-unexplained');
    // Other work that ends during the run hides more than half of the growth: the CPU reaches 70% at 6,800 msg/s.
    const growing = [0.12, 0.22, 0.32, 0.42, 0.52];
    const hidden = analysed(growing, (second) => 0.3 * (1 - second / 60));
    expect(hidden.safeMaxTps).toEqual({ kind: 'at-least', tps: 5000, reason: 'no-limit-reached' });
    expect(hidden.found).toContain('use-unexplained');
    // Each change of rate costs CPU time for some seconds.
    const settling = (second: number) => 0.1 * Math.exp(-(second % 12) / 3);
    for (const other of [analysed(growing), analysed(growing, settling), analysed(growing, (at) => 0.1 * (at / 60))])
      expect(other.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'cpu' } });
  });

  test('nor past a send queue whose wait does not follow the load', () => {
    const analysed = (waits: number[], pause = 0) => {
      const run = plainRun();
      const intervals = run.produced.map(({ from, to }) => {
        return { from, to, sendQueueWaitSeconds: (waits[Math.floor(from / 12)] ?? 0) + (from % 12 === 6 ? pause : 0) };
      });
      const document = { ...run.document, broker: 'rocketmq' as const };
      return analyse({ ...run, document, brokers: new Map([['1', intervals]]) }).safeMaxTps.kind;
    };
    expect(analysed([0.08, 0.05, 0.09, 0.06, 0.08])).toBe('at-least');
    expect(analysed([0.03, 0.001, 0.002, 0.001, 0.002])).toBe('predicted');
    // Other work ends after the second step, before the wait begins to grow.
    expect(analysed([0.02, 0.03, 0.021, 0.024, 0.031])).toBe('at-least');
    expect(analysed([0.008, 0.02, 0.012, 0.03, 0.019])).toBe('at-least');
    // The queue is full at 7,000 msg/s.
    expect(analysed([0.004, 0.006, 0.009, 0.014, 0.024])).toBe('at-least');
    // It is nearly empty, and its longest waits are pauses of the broker.
    const nearlyEmpty = [0.001, 0.001, 0.001, 0.002, 0.003];
    expect(analysed(nearlyEmpty)).toBe('predicted');
    expect(analysed(nearlyEmpty, 0.01)).toBe('predicted');
  });

  test('hosts with the same CPU counters count as one host, whatever their names', () => {
    const run = withIntervals(plainRun(), (interval) => interval, 'generator');
    const origin = { idleSeconds: 4000, allSeconds: 10_000 };
    const hosts = new Map([...run.hosts].map(([name, series]) => [name, { ...series, cpuOrigin: origin }]));
    expect(codes({ ...run, hosts })).toContain('shared-host');
    expect(codes(run)).not.toContain('shared-host');
  });

  test('a CPU limit warns that the generator may share the CPU if the generator host is unknown', () => {
    const run = plainRun({ linkBytesPerSecond: 125e6, coreSecondsPerMessage: 3.2e-4 });
    const { generatorHost: _, ...environment } = run.document.environment;
    const unknown = { ...run, document: { ...run.document, environment } };
    expect(analyse(unknown).safeMaxTps).toMatchObject({ limitedBy: { resource: 'cpu' } });
    expect(codes(unknown)).toContain('generator-host-unknown');
    expect(codes(run)).not.toContain('generator-host-unknown');
    const { generatorHost: __, ...ofLink } = plainRun().document.environment;
    expect(codes({ ...plainRun(), document: { ...plainRun().document, environment: ofLink } })).not.toContain(
      'generator-host-unknown',
    );
  });

  test('a run without any started step has an unknown safe maximum and reports what is missing', () => {
    const run = plainRun();
    const analysis = analyse({ ...run, steps: [], produced: [], status: 'interrupted' });
    expect(analysis.safeMaxTps).toMatchObject({
      kind: 'unknown',
      missing: [{ what: 'a step that was begun', node: 'cluster' }],
    });
  });

  test('an aborted run that reached no limit reports at-least with the reason aborted', () => {
    const run = plainRun({ rates: [100, 200, 300] });
    expect(analyse({ ...run, status: 'aborted' }).saturationTps).toMatchObject({ kind: 'at-least', reason: 'aborted' });
  });

  test('a rate at which the guard stopped the run for a client SLO or a rule is not safe, nor is any higher rate', () => {
    const run = plainRun({ stepSeconds: 60, linkBytesPerSecond: 5e6 });
    const kind = 'guard' as const;
    const ends = 'run' as const;
    const stoppedBy = (input: string, elapsedSeconds = 300) => {
      const guard = [{ kind, elapsedSeconds, input, reason: `${input} exceeded`, value: 2, limit: 1, ends }];
      const cut = { to: elapsedSeconds, cutOff: true };
      const steps = run.steps.map((step) => (step.targetTps === 5000 ? { ...step, ...cut } : step));
      return analyse({ ...run, steps, status: 'stopped', events: { ...run.events, guard } });
    };
    expect(stoppedBy('p99').steps[4]?.verdict).toEqual({ kind: 'invalid', reason: 'guard-stopped' });
    expect(stoppedBy('p99').safeMaxTps).toEqual({ kind: 'at-least', tps: 4000, reason: 'aborted' });
    expect(stoppedBy('max(rocketmq_broker_page_cache_lock_seconds)').safeMaxTps).toEqual(stoppedBy('p99').safeMaxTps);
    // The guard judges the last second of a step in the second one of the next.
    const late = stoppedBy('p99', 241.1);
    expect(late.steps[3]?.verdict).toEqual({ kind: 'invalid', reason: 'guard-stopped' });
    expect(late.safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'aborted' });
    // The first second of the next step, reported by a timer that was early.
    expect(stoppedBy('p99', 241.999).safeMaxTps).toEqual({ kind: 'at-least', tps: 4000, reason: 'aborted' });
    const disk = 'free share of the disk of broker 1 (/data)';
    for (const input of ['stop file', 'window', 'maxTps', 'maxNicShare of mq-1', disk]) {
      expect(stoppedBy(input).safeMaxTps.kind).toBe('predicted');
    }
  });

  test('a limit found in a step that the guard cut short remains the limit', () => {
    const run = plainRun({ rates: [2000, 4000, 6000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
    const last = run.steps.at(-1);
    const steps = run.steps.map((step) => (step === last ? { ...step, cutOff: true } : step));
    const stop = {
      kind: 'guard' as const,
      elapsedSeconds: last?.to ?? 0,
      input: 'p99',
      reason: 'p99 exceeded',
      value: 2,
    };
    const guard = [{ ...stop, limit: 1, ends: 'run' as const }];
    const stopped = analyse({ ...run, steps, status: 'stopped', events: { ...run.events, guard } });
    expect(stopped.safeMaxTps.kind).toBe('predicted');
    expect(stopped.safeMaxTps).toEqual(analyse(run).safeMaxTps);
  });

  test('a link that was full when the guard stopped the load is the limit, although the target was achieved', () => {
    // 600 bytes a message: the link is 96% full at 5,000 messages a second, and 80% at 4,163.
    const full = { stepSeconds: 60, linkBytesPerSecond: 3.135e6 };
    const stopped = (run: LoadTestRun) => {
      const stop = { kind: 'guard', elapsedSeconds: 290, input: 'p99', reason: 'p99 exceeded', value: 2 } as const;
      const cut = run.steps.map((step) => ({ ...step, ...(step.to >= 290 && { to: 290, cutOff: true }) }));
      const events = { ...run.events, guard: [{ ...stop, limit: 1, ends: 'run' as const }] };
      return analyse({ ...run, steps: cut, status: 'stopped', events });
    };
    const { steps, safeMaxTps, saturationTps } = stopped(plainRun(full));
    expect(steps[4]?.verdict).toEqual({ kind: 'saturated', bottleneck: { resource: 'network-in', node: '1' } });
    expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
    expect(safeMaxTps.kind === 'predicted' && safeMaxTps.estimateTps).toBeCloseTo(4163, 0);
    // It may carry more.
    expect(saturationTps).toMatchObject({ kind: 'confirmed', estimateTps: 5000 });
    expect(saturationTps.kind === 'confirmed' && saturationTps.interval).not.toHaveProperty('high');
    // It carries no more if its backlog grew, although the step nearly achieved its target.
    const missed = analyse(plainRun({ ...full, carried: (rate) => (rate === 5000 ? 0.9905 : 1) })).saturationTps;
    expect(missed.kind === 'confirmed' && missed.interval).toHaveProperty('high');
    // A busy load generator that achieved the rate is not the limit.
    const run = plainRun({ stepSeconds: 60 });
    const busy = run.produced.map((line) => ({ ...line, ...(line.from >= 240 && { eventLoopUtilisation: 0.95 }) }));
    const ofGenerator = stopped({ ...run, produced: busy });
    expect(ofGenerator.steps[4]?.verdict).toEqual({ kind: 'invalid', reason: 'guard-stopped' });
    expect(ofGenerator.safeMaxTps).toEqual({ kind: 'at-least', tps: 4000, reason: 'aborted' });
    expect(ofGenerator.findings.map(({ code }) => code)).not.toContain('generator-limited');
  });

  test('a run saturated from its first step has a saturation rate and no safe maximum', () => {
    const run = plainRun({ rates: [12_000, 14_000], carried: (rate) => 10_400 / rate });
    const analysis = analyse(run);
    expect(analysis.saturationTps).toMatchObject({ kind: 'confirmed' });
    expect(analysis.safeMaxTps.kind).toBe('unknown');
  });

  test('the mean throughput of the consumer groups is the limit if they consumed less than was produced', () => {
    const run = plainRun({ rates: [2000, 4000, 6000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
    const consumed = run.produced.flatMap(({ from, to, acknowledged }) =>
      ['orders', 'billing'].map((group, index) => {
        const messages = acknowledged > 9000 ? ([9000, 7000][index] ?? 0) : acknowledged;
        return { from, to, worker: group, group, messages, eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
      }),
    );
    expect(analyse({ ...run, consumed }).saturationTps).toMatchObject({ kind: 'confirmed', estimateTps: 8000 });
  });

  test('throughput of a lagging group that fetches in bursts is measured between its first and last burst', () => {
    const driven = { rates: [2000, 4000, 6000, 8000, 12_000], stepSeconds: 12 };
    const run = plainRun({ ...driven, carried: (rate) => Math.min(1, 10_400 / rate) });
    const arrivals = new Set([2, 6, 10].map((second) => 4 * driven.stepSeconds + second));
    const consumed = run.produced.map(({ from, to, acknowledged, intended }) => {
      const messages = intended < 12_000 ? acknowledged : arrivals.has(from) ? 4 * 8000 : 0;
      return { from, to, worker: 'orders', group: 'orders', messages, eventLoopUtilisation: 0.1, cpuSeconds: 0.1 };
    });
    expect(analyse({ ...run, consumed }).saturationTps).toMatchObject({ kind: 'confirmed', estimateTps: 8000 });
  });

  test('with too few steps for a fit, the safe maximum lies between the last step within the policy and saturation', () => {
    const run = plainRun({ rates: [4000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
    const { safeMaxTps, saturationTps } = analyse(run);
    expect(saturationTps).toMatchObject({ kind: 'confirmed', estimateTps: 10_400 });
    expect(safeMaxTps).toMatchObject({
      kind: 'predicted',
      interval: { high: 10_400 },
      limitedBy: { resource: 'network-in', node: '1' },
    });
    const atLimit = (0.8 * 6.25e6 - 1e4) / 600;
    expect('estimateTps' in safeMaxTps && safeMaxTps.estimateTps).toBeCloseTo(atLimit, 0);
    expect('tps' in safeMaxTps && safeMaxTps.tps).toBeCloseTo(atLimit, 0);
  });

  test('a broker has no safe rate if that rate lies too far beyond the tested steps', () => {
    const [near] = analyse(plainRun()).perBroker;
    expect(near).toMatchObject({ broker: '1', limitedBy: { resource: 'network-in' } });
    expect(near?.safeTps).toBeGreaterThan(5000);
    expect(analyse(plainRun({ rates: [100, 200, 300] })).perBroker).toEqual([{ broker: '1', host: 'broker-1' }]);
  });

  test('a fit through low steps may extrapolate up to the rate at which the cluster saturated', () => {
    const run = plainRun({ rates: [1000, 2000, 3000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
    const { safeMaxTps } = analyse(run);
    expect(safeMaxTps.kind).toBe('predicted');
    expect('estimateTps' in safeMaxTps && safeMaxTps.estimateTps).toBeCloseTo((0.8 * 6.25e6 - 1e4) / 600, 0);
  });

  test('a step with hardly any host readings of a broker is not counted as within its limits', () => {
    const run = plainRun({ rates: [100, 200, 300] });
    const [series] = run.hosts.values();
    if (series === undefined) throw new Error('no broker-1');
    const read = { ...series, intervals: series.intervals.filter(({ from }) => from < 29) };
    expect(analyse(run).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 300 });
    expect(analyse({ ...run, hosts: new Map([['broker-1', read]]) }).safeMaxTps).toMatchObject({
      kind: 'at-least',
      tps: 200,
    });
  });

  test('a step limited by the generator does not end the run if a later step achieved a higher rate', () => {
    const run = plainRun({ rates: [100, 200, 300], carried: (rate) => (rate === 200 ? 0.9 : 1) });
    const produced = run.produced.map((line) => (line.intended === 200 ? { ...line, cpuSeconds: 0.97 } : line));
    expect(analyse({ ...run, produced }).saturationTps).toMatchObject({
      kind: 'at-least',
      tps: 300,
      reason: 'no-limit-reached',
    });
  });

  test('a missed rate below a higher sustained rate is not the limit', () => {
    const run = plainRun({ carried: (rate) => (rate === 3000 ? 0.9 : 1) });
    expect(codes(run)).toContain('not-monotonic');
    expect(analyse(run).safeMaxTps.kind).toBe('predicted');
  });

  test('the reserve finding lists every reserve once, with its source', () => {
    const ledger = analyse(plainRun()).findings.find(({ code }) => code === 'margin-ledger');
    expect(ledger?.evidence.map(({ name }) => name)).toEqual(['policy network-in', 'low end over estimate']);
    expect(ledger?.evidence[0]?.source).toMatch(/Cruise Control/);
  });
});
