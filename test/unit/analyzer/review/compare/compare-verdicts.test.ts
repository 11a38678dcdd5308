import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { compareVerdicts, isWorseBy } from '../../../../../analyzer/review/compare/compare-verdicts.ts';
import { driftOf, fingerprintOf } from '../../../../../analyzer/evidence/fingerprint.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { completeWorkload, WorkloadFile } from '../../../../../loadgen/plan/workload.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const analysed = Analysis.parse(analyzeRun(plainRun(), examplePolicy()));

function answering(estimateTps: number, low: number, high?: number): Analysis {
  const interval = { low, ...(high !== undefined && { high }), confidence: 0.95 };
  const limitedBy = { resource: 'cpu' as const, node: '1' };
  return { ...analysed, safeMaxTps: { kind: 'predicted', tps: low, estimateTps, interval, limitedBy } };
}

describe('verdicts', () => {
  test('a verdict does not differ from itself', () => {
    const { finding, difference, drift } = compareVerdicts(analysed, analysed);
    expect(finding).toBe('no-difference-seen');
    expect(difference?.ratio).toBe(0);
    expect(drift).toEqual([]);
  });

  test('verdicts with overlapping intervals may differ or not', () => {
    // Two standard errors of 25: the difference of 90 is 2.5 times its standard error, though 1,050 > 1,041.
    expect(compareVerdicts(answering(1090, 1041, 1139), answering(1000, 950, 1050)).finding).toBe('worse');
    expect(compareVerdicts(answering(1040, 990, 1090), answering(1000, 950, 1050)).finding).toBe('no-difference-seen');
  });

  test('with both sides swapped, better becomes worse', () => {
    const [a, b] = [answering(1000, 950, 1050), answering(1300, 1200, 1400)];
    const there = compareVerdicts(a, b);
    const back = compareVerdicts(b, a);
    expect([there.finding, back.finding]).toEqual(['better', 'worse']);
    expect((1 + (there.difference?.low ?? 0)) * (1 + (back.difference?.high ?? 0))).toBeCloseTo(1, 1);
  });

  test('an open upper bound hides a difference only in its direction', () => {
    expect(compareVerdicts(answering(1000, 950, 1050), answering(1300, 1200)).finding).toBe('better');
    expect(compareVerdicts(answering(1000, 950), answering(1300, 1200, 1400)).finding).toBe('no-difference-seen');
  });

  test('an at-least above the upper bound of the other verdict is better, and two at-least are not comparable', () => {
    const atLeast: Analysis = { ...analysed, safeMaxTps: { kind: 'at-least', tps: 1200, reason: 'no-limit-reached' } };
    expect(compareVerdicts(answering(1000, 950, 1050), atLeast).finding).toBe('better');
    expect(compareVerdicts(answering(1300, 1100, 1500), atLeast).finding).toBe('not-comparable');
    expect(compareVerdicts(atLeast, atLeast).finding).toBe('not-comparable');
  });

  test('a rate at which throughput stopped growing is an upper bound in a comparison', () => {
    const stopped = (tps: number, ceiling: number): Analysis => ({
      ...analysed,
      safeMaxTps: {
        kind: 'at-least',
        tps,
        reason: 'limit-cause-unknown',
        ceiling: { tps: ceiling, suspects: [], decidedBy: 'host metrics of broker 1' },
      },
    });
    const before = answering(1000, 950, 1050);
    const worse = compareVerdicts(before, stopped(500, 600));
    expect([worse.finding, isWorseBy(worse, 0.05)]).toEqual(['worse', true]);
    expect(compareVerdicts(stopped(500, 600), before).finding).toBe('better');
    expect(compareVerdicts(before, stopped(500, 960)).finding).toBe('not-comparable');
    expect(compareVerdicts(stopped(700, 800), stopped(500, 600)).finding).toBe('worse');
  });

  test('a decrease within the allowed share is accepted', () => {
    const worse = compareVerdicts(answering(1000, 980, 1020), answering(900, 880, 920));
    expect([isWorseBy(worse, 0.05), isWorseBy(worse, 0.2)]).toEqual([true, false]);
  });
});

describe('settings', () => {
  test('an analysis contains the settings of its cluster, without unknown values', () => {
    expect(analysed.fingerprint).toMatchObject({ 'broker.software': 'kafka', 'client.messageBytes': '500' });
    expect(Object.keys(analysed.fingerprint ?? {})).not.toContain('client.acks');
  });

  test('settings of cluster hosts are compared, but not those of other hosts or the Plimsoll version', () => {
    const { document } = plainRun();
    const host = (kernel: string, name: string) => ({ host: name, kernel, cores: 4 });
    const of = (kernel: string, other: string) =>
      fingerprintOf({
        ...document,
        versions: { plimsoll: other, node: 'v24' },
        environment: { ...document.environment, hosts: [host(kernel, 'broker-1'), host(other, 'elsewhere')] },
      });
    expect(driftOf(of('5.10', '1'), of('5.10', '2'))).toEqual([]);
    expect(driftOf(of('5.10', '1'), of('6.1', '1'))).toEqual([
      { setting: 'hosts.broker-1.kernel', a: '5.10', b: '6.1' },
    ]);
  });

  test('disk sizes are compared only if both sides have them, and only for physical disks', () => {
    const { document } = plainRun();
    const of = (...disks: readonly (readonly [string, number])[]) =>
      fingerprintOf({
        ...document,
        environment: {
          ...document.environment,
          hosts: [{ host: 'broker-1', disks: disks.map(([device, sizeBytes]) => ({ device, sizeBytes })) }],
        },
      });
    const software = ['dm-0', 'md127', 'rbd0', 'nbd0', 'sr0', 'loop0', 'zram0'].map((device) => [device, 1e9] as const);
    expect(of(['nvme0n1', 2e12], ...software)).toEqual(of(['nvme0n1', 2e12]));
    expect(driftOf(of(), of(['nvme0n1', 2e12]))).toEqual([]);
    expect(driftOf(of(['nvme0n1', 2e12]), of(['nvme0n1', 4e12]))).toEqual([
      { setting: 'hosts.broker-1.nvme0n1.bytes', a: '2000000000000', b: '4000000000000' },
    ]);
  });

  test('send and processing options are compared if they differ from the default', () => {
    const sending = (words: object) => {
      const workload = completeWorkload(WorkloadFile.parse(words), { messageSize: '500B', rates: [100] });
      // As run.json contains it.
      const stored = JSON.parse(JSON.stringify(workload)) as Record<string, unknown>;
      const resume = { workload: stored, keepTopic: false, ownTopics: [], clusterDigest: '' };
      return fingerprintOf({ ...plainRun().document, resume });
    };
    const plain = fingerprintOf(plainRun().document);
    expect(sending({})).toEqual(plain);
    expect(sending({ compression: 'none', groups: [{ members: 3 }], keys: 'none' })).toEqual(plain);
    expect(driftOf(plain, sending({ compression: 'zstd', compressionRatio: 3, idempotent: true }))).toEqual([
      { setting: 'client.compression', b: 'zstd' },
      { setting: 'client.compressionRatio', b: '3' },
      { setting: 'client.idempotent', b: 'true' },
    ]);
    const keys = { kind: 'uniform', distinct: 9, size: 128 };
    expect(driftOf(plain, sending({ ordered: true, keys, delay: { after: '30s' } }))).toEqual([
      { setting: 'client.delay', b: '{"after":30}' },
      { setting: 'client.keys', b: '{"kind":"uniform","distinct":9,"size":128}' },
      { setting: 'client.ordered', b: 'true' },
    ]);
    expect(driftOf(plain, sending({ groups: [{ processing: '2ms' }, {}] }))).toEqual([
      { setting: 'client.groupProcessingSeconds', b: '0.002, 0' },
    ]);
    const bands = Array.from({ length: 500 }, (_, keys) => ({ keys, weight: 1 }));
    const captured = (some: typeof bands) => sending({ keys: { kind: 'bands', bands: some } })['client.keys'];
    expect(captured(bands)).toMatch(/^sha256:[0-9a-f]{12}$/);
    expect(captured(bands.slice(1))).not.toBe(captured(bands));
  });

  test('a setting known on one side only is a difference', () => {
    expect(driftOf({ 'client.acks': 'all' }, {})).toEqual([{ setting: 'client.acks', a: 'all' }]);
  });
});
