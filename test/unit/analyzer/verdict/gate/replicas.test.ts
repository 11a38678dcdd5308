import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { replicationLagCheck } from '../../../../../analyzer/verdict/gate/checks/replication-lag.ts';
import { measureStep } from '../../../../../analyzer/verdict/steps/measured-step.ts';
import type { BrokerInterval, LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const analysed = (run: LoadTestRun) => analyzeRun(run, policy);
const told = (run: LoadTestRun) => analysed(run).findings.map(({ code }) => code);

function toldBy(run: LoadTestRun, of: (tps: number) => Partial<BrokerInterval>): LoadTestRun {
  const intervals = run.produced.map(({ from, to, acknowledged }) => ({ from, to, ...of(acknowledged) }));
  return { ...run, brokers: new Map([['1', intervals]]) };
}

describe('replicas', () => {
  const behindFrom = (second: number) => ({
    ...plainRun(),
    underReplicated: Array.from({ length: 60 - second }, (_, n) => ({ elapsedSeconds: second + n, partitions: 3 })),
  });

  test('lagging followers reduce the verdict to the highest replicated step', () => {
    const { safeMaxTps, findings } = analysed(behindFrom(36));
    expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'figures-in-doubt' });
    expect(findings.find(({ code }) => code === 'copies-behind')?.message).toContain('From 4,000 msg/s on');
  });

  test('checks a step of 150,000 seconds', () => {
    const plain = plainRun({ rates: [1000], stepSeconds: 150_000 });
    const underReplicated = plain.produced.map(({ from }) => ({ elapsedSeconds: from, partitions: 3 }));
    const run = { ...plain, underReplicated };
    const steps = run.steps.map((recorded) => ({
      step: measureStep(run, recorded, 2),
      verdict: { kind: 'sustained' as const },
      laggingGroups: [],
      findings: [],
    }));
    const found = replicationLagCheck({ run, steps, uses: [], policy });
    expect(found.map(({ finding }) => finding?.code)).toEqual(['copies-behind']);
  });

  test('lagging followers are the stated reason for a run that reached no limit', () => {
    const light = plainRun({ bytesPerMessage: 50 });
    expect(analysed(light).safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
    const { safeMaxTps } = analysed({ ...light, underReplicated: behindFrom(36).underReplicated });
    expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'figures-in-doubt' });
  });

  test('followers that lag from the first step on leave the safe maximum unknown', () =>
    expect(analysed(behindFrom(0)).safeMaxTps.kind).toBe('unknown'));

  test('a follower that catches up early in the run does not weaken the verdict', () => {
    const laggingIn = (from: number, to: number) => ({
      ...plainRun(),
      underReplicated: Array.from({ length: 60 }, (_, n) => ({
        elapsedSeconds: n,
        partitions: n >= from && n < to ? 1 : 0,
      })),
    });
    const { safeMaxTps, findings } = analysed(laggingIn(0, 15));
    expect(safeMaxTps).toEqual(analysed(plainRun()).safeMaxTps);
    expect(findings.map(({ code }) => code)).toContain('copies-caught-up');
    expect(analysed(laggingIn(0, 60)).safeMaxTps.kind).toBe('unknown');
    const inThird = analysed(laggingIn(24, 36)).findings.find(({ code }) => code === 'copies-caught-up');
    expect(inThird?.message).toContain('3,000 msg/s');
  });

  test('brokers report lagging followers themselves, except those of brokers that are down on purpose', () => {
    const run = toldBy(plainRun(), (tps) => ({ underReplicatedPartitions: tps >= 4000 ? 1 : 0 }));
    expect(told(run)).toContain('copies-behind');
    const degraded = { lost: ['2'], waitedSeconds: 10, copies: 2 };
    expect(told({ ...run, document: { ...run.document, degraded } })).not.toContain('copies-behind');
  });

  test('growing replication lag in bytes counts as lagging followers', () => {
    const run = toldBy(plainRun(), () => ({}));
    const growing = plainRun().produced.map(({ from, to }) => ({
      from,
      to,
      replicationLagBytes: from < 48 ? 0 : from * 1e6,
    }));
    expect(told({ ...run, brokers: new Map([['1', growing]]) })).toContain('copies-behind');
  });

  describe('of one broker of ten', () => {
    const run = plainRun();
    const ids = Array.from({ length: 10 }, (_, n) => `${n + 1}`);
    const brokers = ids.map((id) => ({ id, address: `127.0.0.1:909${id}`, ...(id === '1' && { host: 'broker-1' }) }));
    const document = { ...run.document, environment: { ...run.document.environment, brokers } };
    /** From 4,000 msg/s on, its followers fall behind by a share of the bytes that are written to it, each second. */
    const missing = (share: number, written: number, of: Partial<BrokerInterval> = {}) => {
      const growing = run.produced.map(({ from, to }, second): BrokerInterval => {
        const lag = second < 36 ? 0 : (second - 36) * share * written;
        return { from, to, replicationLagBytes: lag, ...of };
      });
      const others = run.produced.map(({ from, to }): BrokerInterval => ({
        from,
        to,
        replicationLagBytes: 0,
        ...(of.leaders !== undefined && { leaders: 0 }),
      }));
      return told({
        ...run,
        document,
        brokers: new Map(ids.map((id) => [id, id === '1' ? growing : others])),
      });
    };
    // 4,000 msg/s of 500 bytes, evenly distributed over ten brokers.
    const tenth = 200_000;

    test('are behind if they miss 10% of the bytes of their leader, even if that is 1% of all bytes', () =>
      expect(missing(0.1, tenth)).toContain('copies-behind'));
    test('are not behind if they miss 1% of the bytes of their leader', () =>
      expect(missing(0.01, tenth)).not.toContain('copies-behind'));
    test('are compared with all bytes if the broker leads all partitions', () => {
      expect(missing(0.01, 10 * tenth, { leaders: 12 })).not.toContain('copies-behind');
      expect(missing(0.03, 10 * tenth, { leaders: 12 })).toContain('copies-behind');
    });
    test('are compared with the bytes that the broker counted, if it counted them', () => {
      expect(missing(0.015, 10 * tenth, { bytesInPerSecond: 10 * tenth })).not.toContain('copies-behind');
      expect(missing(0.03, 10 * tenth, { messagesInPerSecond: 4000 })).toContain('copies-behind');
    });
  });
});
