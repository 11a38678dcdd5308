import { cp, mkdtemp, readFile, rm, writeFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { analyzeBundle } from '../../../analyzer/verdict/analyze.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { examplePolicy } from '../../support/example-policy.ts';
import { renderText } from '../../../dashboards/reports/analysis/text.ts';
import { Analysis } from '../../../core/documents/analysis.ts';

const policy = examplePolicy();
const runs = fileURLToPath(new URL('../../fixtures/recorded-runs/', import.meta.url));
const kinds = [
  'backlog-and-drain',
  'closed-loop',
  'find-max',
  'find-safe',
  'resumed',
  'spike',
  'stopped',
  'worker-lost',
] as const;

const analysed = async (kind: (typeof kinds)[number], by = policy) =>
  Analysis.parse(await analyzeBundle(join(runs, kind), by));
const messageOf = ({ findings }: Analysis, code: string) => findings.find((each) => each.code === code)?.message;
const verdicts = ({ steps }: Analysis) => steps.map(({ verdict }) => verdict);

const whole = { value: 1, source: 'a test' };
/** The recorded search allowed a mean of 80% over whole trials; the busiest seconds of its soak used 99% of the link. */
const wholeLink: Policy = { ...policy, limits: { ...policy.limits, 'network-in': whole, 'network-out': whole } };
/** The soaks of the recorded searches last only seconds. */
const confirmationSeconds = { ...policy.confirmationSeconds, value: 12 };
const soonConfirmed: Policy = { ...wholeLink, confirmationSeconds };

test.each(kinds)('the report of a recorded run of kind %s has no missing values', async (kind) => {
  const analysis = await analysed(kind);
  expect(`${renderText(analysis, { colours: false })}${JSON.stringify(analysis)}`).not.toMatch(
    /NaN|undefined|Infinity/,
  );
  expect(analysis.steps.every(({ achievedTps }) => achievedTps > 0)).toBe(true);
});

describe('find-safe', () => {
  test('a soak for the confirmation time confirms its rate, up to the rate that ended the rise', async () => {
    const { safeMaxTps } = await analysed('find-safe', soonConfirmed);
    expect(safeMaxTps).toMatchObject({
      kind: 'confirmed',
      tps: 484,
      interval: { low: 484, high: 532.4 },
      limitedBy: { resource: 'network-in', node: '1' },
    });
  });

  test('a shorter soak is an at-least, and reports its duration', async () => {
    const analysis = await analysed('find-safe', wholeLink);
    expect(analysis.safeMaxTps).toEqual({ kind: 'at-least', tps: 484, reason: 'held-too-briefly' });
    expect(messageOf(analysis, 'held-too-briefly')).toContain('for 12 s');
  });

  test('the report of a rate that was sustained does not state that no rate is safe', async () => {
    const text = renderText(await analysed('find-safe', wholeLink), { colours: false });
    expect(text).toMatch(/Safe maximum +at least 484/);
    expect(text).not.toContain('no rate of this test is safe');
    expect(text).toContain('no resource was saturated');
  });

  test('a soak above the policy limit is not safe, whatever the workload file allowed', async () => {
    const analysis = await analysed('find-safe', { ...policy, confirmationSeconds });
    expect(analysis.safeMaxTps.kind).toBe('unknown');
    expect(analysis.held).toBeUndefined();
    expect(messageOf(analysis, 'soak-not-safe')).toContain('network-in of broker 1 was at 87% in the busiest seconds');
  });

  test('trials have their start times, and the certificate its lower bound', async () => {
    const { trials, certificate } = await analysed('find-safe');
    expect(trials).toHaveLength(7);
    expect(trials?.[0]).toMatchObject({ targetTps: 400, purpose: 'rise', startedSeconds: 2 });
    expect(certificate?.lowerBound?.tps).toBe(484);
  });
});

describe('find-max', () => {
  test('confirms the saturation rate with the resource that was saturated', async () => {
    expect((await analysed('find-max')).saturationTps).toMatchObject({
      kind: 'confirmed',
      tps: 500,
      interval: { low: 500, high: 600 },
      limitedBy: { resource: 'network-in', node: '1' },
    });
  });
});

describe('a load without a target rate', () => {
  test('a closed loop is reported by senders, rate and latency, without a maximum', async () => {
    const analysis = await analysed('closed-loop');
    expect(analysis.safeMaxTps.kind).toBe('unknown');
    expect(analysis.saturationTps.kind).toBe('unknown');
    expect(verdicts(analysis)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'not-judged', reason: 'closed-loop' })),
    );
    expect(analysis.steps.map(({ lanes }) => lanes)).toEqual([2, 8, 32]);
    expect(messageOf(analysis, 'closed-loop')).toContain('more senders achieve more');
    expect(messageOf(analysis, 'littles-law')).toContain('(senders: 2)');
  });

  test('paused consumers are not counted as lag of the cluster, and their drain rate is reported', async () => {
    const analysis = await analysed('backlog-and-drain');
    expect(verdicts(analysis)).toEqual(Array.from({ length: 2 }, () => ({ kind: 'not-judged', reason: 'backlog' })));
    expect(messageOf(analysis, 'consumer-lag-growing')).toBeUndefined();
    expect(messageOf(analysis, 'drained')).toBe(
      'After their pause consumers read 4,005 messages in 3.09 s: at least 1,297 msg/s, while 500 msg/s were produced.',
    );
  });
});

describe('a run that did not complete as planned', () => {
  test('a resumed run is reported as resumed', async () => {
    expect(messageOf(await analysed('resumed'), 'run-resumed')).toContain('(attempt 2) after 10 s');
  });

  test('a run stopped by the guard is reported with time and cause, and judged by the steps before', async () => {
    const analysis = await analysed('stopped');
    expect(messageOf(analysis, 'run-stopped')).toContain('is 1, above 0');
    expect(messageOf(analysis, 'guard-intervened')).toContain('after 2.63 s');
    expect(analysis.steps[0]?.achievedTps).toBeGreaterThan(490);
  });

  test('messages that were not sent after losing a worker show no limit of the cluster', async () => {
    const analysis = await analysed('worker-lost');
    expect(verdicts(analysis)).toEqual([{ kind: 'invalid', reason: 'worker-lost' }]);
    expect(analysis.saturationTps.kind).toBe('unknown');
    expect(messageOf(analysis, 'worker-lost')).toContain('the other workers took over its share');
    // 44,601 were reported as sent.
    expect(renderText(analysis, { colours: false })).toContain('46,280 received, 1,679 never reported as sent');
  });
});

describe('a modified bundle', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-recorded-'));
    await cp(join(runs, 'find-safe'), folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const changeLines = async (name: string, edit: (line: string) => string | undefined) => {
    const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n');
    const kept = lines.flatMap((line) => edit(line) ?? []);
    await writeFile(join(folder, name), kept.map((line) => `${line}\n`).join(''));
  };

  test('a search without result.json keeps its trials, and has no certificate', async () => {
    await rm(join(folder, 'result.json'));
    const analysis = await analyzeBundle(folder, soonConfirmed);
    expect(analysis).toMatchObject({ trials: { length: 7 } });
    expect(analysis.certificate).toBeUndefined();
    expect(analysis.safeMaxTps.kind).not.toBe('confirmed');
    expect(messageOf(analysis, 'search-open')).toContain('after 7 trials');
  });

  test('a result.json that is larger than any document is not read', async () => {
    await truncate(join(folder, 'result.json'), 2 ** 25);
    expect(messageOf(await analyzeBundle(folder, policy), 'result-unused')).toContain('it is larger than');
  });

  test('a certificate that does not match the trials in the journal is not used', async () => {
    await changeLines('journal.ndjson', (line) => line.replace('"purpose":"soak"', '"purpose":"rise"'));
    const analysis = await analyzeBundle(folder, soonConfirmed);
    expect(analysis.certificate).toBeUndefined();
    expect(messageOf(analysis, 'result-unused')).toContain('does not match the trials');
  });

  test('a delivery check that does not match the messages in the journal is not used', async () => {
    const text = await readFile(join(folder, 'result.json'), 'utf8');
    await writeFile(join(folder, 'result.json'), text.replaceAll('"acknowledged": 24720', '"acknowledged": 24719'));
    const analysis = await analyzeBundle(folder, policy);
    expect(analysis.ledger).toBeUndefined();
    expect(messageOf(analysis, 'result-unused')).toContain('24,719 acknowledged messages, journal.ndjson has 24,720');
    const chinese = analysis.findings.find(({ code }) => code === 'result-unused')?.messageZh;
    expect(chinese).toContain('24,719 条已确认的消息，而 journal.ndjson 中为 24,720 条');
  });

  test('a run with wrong bytes per message confirms nothing, and a byte account of other messages is not used', async () => {
    const result = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as object;
    const direction = {
      direction: 'network-in',
      observedBytesPerMessage: 700,
      leastBytesPerMessage: 552,
      mostBytesPerMessage: 560,
    };
    const withWire = (messages: number) => ({
      ...result,
      wire: { kind: 'differs', messages, toleranceRatio: 0.1, directions: [direction] },
    });
    await writeFile(join(folder, 'result.json'), JSON.stringify(withWire(24_720)));
    const refused = await analyzeBundle(folder, soonConfirmed);
    expect(refused.safeMaxTps.kind).toBe('unknown');
    expect(messageOf(refused, 'bytes-do-not-fit')).toContain('700 bytes in');
    await writeFile(join(folder, 'result.json'), JSON.stringify(withWire(24_719)));
    const kept = await analyzeBundle(folder, soonConfirmed);
    expect(kept.safeMaxTps.kind).not.toBe('unknown');
    expect(messageOf(kept, 'result-unused')).toContain('account of bytes does not match the messages');
  });

  test('excluded trials are reported with their reason', async () => {
    const excluded = { kind: 'excluded', reason: 'the generator sent late: p99 80 ms, above 20 ms' };
    await changeLines('journal.ndjson', (line) => {
      if (!line.includes('"kind":"trial"') || !line.includes('"targetTps":440')) return line;
      return JSON.stringify({ ...JSON.parse(line), outcome: excluded });
    });
    const analysis = await analyzeBundle(folder, policy);
    expect(messageOf(analysis, 'trials-excluded')).toContain('440 msg/s (rise): the generator sent late');
    expect(analysis.steps[1]?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
  });
});
