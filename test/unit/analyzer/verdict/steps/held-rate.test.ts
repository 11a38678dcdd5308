import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { joinFiles } from '../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { blocksOf } from '../../../../../analyzer/production/blocks.ts';
import { heldInProduction, naturalPeak } from '../../../../../analyzer/production/natural-peak.ts';
import type { ResourceUse } from '../../../../../analyzer/verdict/limits/resource-use.ts';
import { measured, recordedRun, soonConfirmed, threeBrokers } from '../../../../support/go-case.ts';
import { drawProduction } from '../../../../truth/production/production-world.ts';
import { nothingStated } from '../../../../support/load-test-files.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

describe('a load test', () => {
  test('reports the highest rate sustained for the confirmation time within the policy, and its end', () => {
    // 600 bytes a message over 6.25 MB/s: 80% is reached at 8,317 msg/s.
    const { held } = analyzeRun(plainRun({ rates: [2000, 4000, 9000] }), soonConfirmed);
    expect(held).toMatchObject({ tps: 4000, seconds: 12, confirmationSeconds: 12, unmonitored: [] });
    expect(held?.endedAt).toBe('2026-01-01T00:00:24.000Z');
  });

  test('dates a rate that was sustained after a resume by the time of that attempt', () => {
    const run = plainRun({ rates: [2000, 4000, 9000] });
    const resumedAt = (startedAt: string) => {
      const resumed = [{ kind: 'resumed' as const, elapsedSeconds: 11, attempt: 2, startedAt }];
      const { held, run: of } = analyzeRun({ ...run, events: { ...run.events, resumed } }, soonConfirmed);
      return { heldUntil: held?.endedAt, judgedUntil: of.judgedUntil };
    };
    expect(resumedAt('2026-01-05T10:00:00.000Z')).toEqual({
      heldUntil: '2026-01-05T10:00:24.000Z',
      judgedUntil: '2026-01-05T10:00:36.000Z',
    });
  });

  test('has no sustained rate if every step is shorter than the confirmation time', () => {
    const policy = { ...soonConfirmed, confirmationSeconds: { value: 13, source: 'a test' } };
    expect(analyzeRun(plainRun(), policy).held).toBeUndefined();
  });

  test('lists the hosts that had no metrics', () => {
    const run = recordedRun();
    const hosts = new Map([...run.hosts].filter(([host]) => host !== 'host-2'));
    expect(measured({ ...run, hosts }).analysis.held?.unmonitored).toContain('host of broker 2');
  });

  test('lists the replicas if nothing shows whether followers or slaves kept up', () => {
    const run = recordedRun();
    expect(measured(run).analysis.held?.unmonitored).toEqual([]);
    expect(measured({ ...run, underReplicated: [] }).analysis.held?.unmonitored).toEqual(['in-sync replicas']);
    const { replicationFactor: _, ...single } = run.document.workload;
    const alone = { ...run, underReplicated: [], document: { ...run.document, workload: single } };
    expect(measured(alone).analysis.held?.unmonitored).toEqual([]);
    // A slave that answers is no evidence that it copies.
    const rows = [{ leader: 'a:0', replicas: ['a:0', 'a:1'], partitions: 12 }];
    const group = { ...threeBrokers, broker: 'rocketmq' as const, rows, cards: { 'a:0': 6.25e6, 'a:1': 6.25e6 } };
    const ofGroup = recordedRun(group);
    expect(measured(ofGroup).analysis.held?.unmonitored).toEqual([]);
    const { brokers: _figures, ...withoutLag } = ofGroup;
    expect(measured(withoutLag).analysis.held?.unmonitored).toEqual(['in-sync replicas']);
    // A master without slaves has no copies, even if another tool names it by its port.
    const exported = '10.0.0.1:5557';
    const rowsOfOne = [{ leader: exported, replicas: [exported], partitions: 12 }];
    const { brokers: _none, ...ofMaster } = recordedRun({ ...group, rows: rowsOfOne, cards: { [exported]: 6.25e6 } });
    expect(measured(ofMaster).analysis.held?.unmonitored).toEqual([]);
  });

  test('lists the hosts of the brokers if no file has host metrics', () => {
    const text = `time,rate\n${Array.from({ length: 80 }, (_, index) => `${10 * index},5000\n`).join('')}`;
    const files = [{ name: 't.csv', bytes: Buffer.from(text) }];
    const run = joinFiles(files, { ...nothingStated, columns: { time: 'time', rate: 'rate' } });
    expect(analyzeRun(run, soonConfirmed).held?.unmonitored).toEqual(['hosts of the brokers']);
  });

  test('a group that kept up has its read rate as lower bound, with its share of the messages', () => {
    expect(measured(recordedRun()).analysis.consumerGroups).toEqual([
      {
        kind: 'at-least',
        group: 'billing',
        tps: expect.closeTo(1400, 0),
        interval: { low: expect.closeTo(1400, 0), confidence: 1 },
        episodes: 0,
        share: expect.closeTo(1, 3),
        seconds: 12,
      },
    ]);
  });
});

describe('production', () => {
  const block = (from: number, tps: number) => ({ window: { from, to: from + 900 }, tps });
  const use = (shares: readonly (number | undefined)[]): ResourceUse =>
    ({
      resource: 'cpu',
      node: '1',
      kind: 'cpu',
      capacity: { value: 1, unit: 'cores', source: 'a test' },
      policyLimit: 0.7,
      uses: shares.map((share) => (share === undefined ? undefined : { mean: share, p99: share })),
    }) as unknown as ResourceUse;
  const all = [0, 1, 2, 3];

  test('has the lowest rate of the blocks that fill the confirmation time as sustained rate', () => {
    const blocks = [block(0, 100), block(900, 300), block(1800, 250), block(2700, 120)];
    const uses = [use([0.1, 0.3, 0.3, 0.1])];
    expect(heldInProduction({ blocks, places: all, uses }, 600)).toEqual({ tps: 300, from: 900, seconds: 900 });
    expect(heldInProduction({ blocks, places: all, uses }, 1800)).toEqual({ tps: 250, from: 900, seconds: 1800 });
  });

  test('a natural peak lasts only as long as its blocks are consecutive', () => {
    const { telemetry } = drawProduction(36, 'none');
    const [first] = telemetry.traffic;
    if (first === undefined) return expect.fail('no traffic');
    const even = telemetry.traffic.map((each) => ({ ...each, messagesPerSecond: 1000 }));
    const peakOf = (traffic: typeof even) => {
      const blocks = blocksOf({ ...telemetry, traffic });
      return naturalPeak({ blocks, places: [...blocks.keys()], uses: [] });
    };
    const whole = peakOf(even)?.seconds ?? 0;
    const hours = (from: number, to: number) => even.filter((each) => each.from >= from * 3600 && each.to <= to * 3600);
    expect(whole).toBeGreaterThan(6 * 3600);
    expect(peakOf([...hours(0, 2), ...hours(5, 6)])).toEqual({ tps: 1000, from: 0, seconds: 2 * 3600 });
  });

  test('a sustained rate ends at a block above its limit, a block without metrics or a gap in time', () => {
    const blocks = [block(0, 100), block(900, 300), block(1800, 250), block(9000, 240)];
    const held = (places: number[], shares: (number | undefined)[], leastSeconds: number) =>
      heldInProduction({ blocks, places, uses: [use(shares)] }, leastSeconds);
    expect(held(all, [0.1, 0.9, 0.3, 0.1], 600)?.tps).toBe(250);
    expect(held(all, [0.1, undefined, 0.3, 0.1], 600)?.tps).toBe(250);
    expect(held([2, 3], [0.1, 0.3, 0.3, 0.1], 1800)).toBeUndefined();
  });
});
