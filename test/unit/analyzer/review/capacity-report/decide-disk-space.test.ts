import type { RecordedSettings } from '../../../../../core/documents/evidence/recorded-settings.ts';
import { describe, expect, test } from 'vitest';
import type { GoCase } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { actionText, reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../../core/documents/findings/findings.ts';
import { measured, proven, recordedRun, soonConfirmed } from '../../../../support/go-case.ts';
import { codesOf, decisionOf, reasonOf, stateOf } from '../../../../support/go-decisions.ts';

describe('disk space', () => {
  const mostTps = proven.analysis.retention?.tps ?? NaN;
  const conditionOf = (change: Partial<GoCase>) =>
    decisionOf(change).conditions.find(({ condition }) => condition === 'disk-space');

  test('has to be enough for the average load over the retention, whatever rate was sustained', () => {
    expect(mostTps).toBeGreaterThan(4000);
    expect(mostTps).toBeLessThan(6000);
    const fitting = { averageTps: 0.9 * mostTps };
    expect([codesOf(fitting), conditionOf(fitting)]).toMatchObject([['proven'], { state: 'holds', basis: 'measured' }]);
    const estimate = {
      ...(proven.analysis.retention as NonNullable<Analysis['retention']>),
      basis: 'message-size' as const,
    };
    const light = [{ ...proven, analysis: { ...proven.analysis, retention: estimate } }];
    expect(conditionOf({ measured: light })).toMatchObject({ state: 'holds', basis: 'estimated' });
    const full = { averageTps: 2 * mostTps };
    expect(decisionOf(full)).toMatchObject({ decision: 'no-go', reasons: [{ code: 'retention-below-average' }] });
    expect(reasonText(reasonOf(full, 'retention-below-average') as Reason, 'en')).toMatch(
      /^The disks can keep messages for 3 days only up to an average of \d[\d,]* msg\/s\. .*retention, is \d[\d,]* msg\/s\.$/,
    );
    const closed = { ...full, plan: { probabilityEnough: 0.95 } };
    expect(codesOf(closed)).toEqual(['plan-closes-gap']);
    expect(reasonText(reasonOf(closed, 'plan-closes-gap') as Reason, 'en')).toMatch(
      /^The current cluster carries the peak, 1,000 msg\/s, but another condition is not met/,
    );
  });

  test('is not limited by a redline test, whose retention is that of one broker', () => {
    const run = recordedRun();
    const redline = { broker: '1', clusterTps: 600, ledTps: { '1': 600 }, stepShare: 0.1, holdSeconds: 9, maxMoves: 9 };
    const { analysis, source } = measured({ ...run, document: { ...run.document, redline } }, soonConfirmed, 'redline');
    const retention = { ...(analysis.retention as NonNullable<Analysis['retention']>), tps: 1 };
    const ofBroker = { source, analysis: { ...analysis, retention } };
    expect([ofBroker.analysis.redline?.broker, stateOf({ measured: [proven, ofBroker] }, 'disk-space')]).toEqual([
      '1',
      'holds',
    ]);
    const { findings, retention: __, ...rest } = analysis;
    const unknown = findingOf('retention-unknown', { unknown: 'size', nodes: ['2'], retentionSeconds: 259_200 });
    const alone = { source, analysis: { ...rest, findings: [...findings, unknown] } };
    // Its disks, if known, would not count.
    expect(conditionOf({ measured: [alone] })).toMatchObject({ state: 'unknown', missing: [{ what: 'retention' }] });
    expect(actionText({ code: 'disk-space-unknown', missing: [{ what: 'retention' }] }, 'en')).toContain(
      'a redline does not count',
    );
  });

  test('is unknown where a topic keeps messages longer than the verdict assumes, or may do so', () => {
    const withSettings = (change: Partial<RecordedSettings>) => {
      const run = recordedRun();
      const { settings = expect.fail('settings') } = run.document;
      return measured({ ...run, document: { ...run.document, settings: { ...settings, ...change } } });
    };
    const audit = (seconds?: number) =>
      withSettings({ longestRetention: [{ topic: 'audit', hasSizeLimit: false, ...(seconds && { seconds }) }] });
    const missing = [{ what: 'longest-retention', in: 'analysis orders' }];
    for (const each of [audit(2_592_000), audit(), withSettings({ unreadTopics: 2 })]) {
      expect(conditionOf({ measured: [each] })).toMatchObject({ state: 'unknown', missing });
      expect(codesOf({ measured: [each] })).toEqual(['disk-space-unknown']);
    }
    expect(codesOf({ measured: [audit(259_200)] })).toEqual(['proven']);
    expect(codesOf({ measured: [audit(86_400)] })).toEqual(['proven']);
  });

  test('is a condition of GO, and no NO-GO, where a retention, a disk or an average is unknown', () => {
    const { retention: _, ...withoutRetention } = proven.analysis;
    const withoutDisk = (() => {
      const run = recordedRun();
      const hosts = [...run.hosts].map(([host, series]) => {
        if (host !== 'host-1' || series.inventory === undefined) return [host, series] as const;
        const { disks: __, ...inventory } = series.inventory;
        return [host, { ...series, inventory }] as const;
      });
      return measured({ ...run, hosts: new Map(hosts) });
    })();
    const open: readonly [Partial<GoCase>, missing: unknown, setting: string][] = [
      [{ measured: [{ ...proven, analysis: withoutRetention }] }, { what: 'retention' }, '`analyzer.retention`'],
      [{ measured: [withoutDisk] }, { what: 'disk-sizes', in: 'analysis orders' }, '`retention-unknown`'],
      [
        { measured: [{ ...withoutDisk, analysis: { ...withoutDisk.analysis, retention: undefined } }] },
        { what: 'disk-sizes', in: 'analysis orders' },
        '`retention-unknown`',
      ],
      [{ withoutAverage: ['pay'] }, { what: 'average-load', of: 'pay' }, '`averageTps`'],
    ];
    for (const [change, missing, setting] of open) {
      expect(decisionOf(change)).toMatchObject({
        decision: 'conditions',
        reasons: [{ code: 'disk-space-unknown', missing: [missing] }],
      });
      expect(conditionOf(change)).toEqual({ condition: 'disk-space', state: 'unknown', missing: [missing] });
      expect(actionText(reasonOf(change, 'disk-space-unknown') as Reason, 'en')).toContain(setting);
    }
    // Its other disks are too small, and another verdict has all of them.
    expect(conditionOf({ measured: [withoutDisk], averageTps: 2 * mostTps })?.state).toBe('fails');
    expect(conditionOf({ measured: [withoutDisk, proven] })?.state).toBe('holds');
    expect(conditionOf({ withoutAverage: ['pay'], averageTps: 2 * mostTps })?.state).toBe('fails');
  });

  test('is unknown if the load does not fit beside what the disks stored before, unless production shows whose it is', () => {
    const { tps = NaN } = proven.analysis.retention ?? {};
    const filled = (share: number) => {
      const run = recordedRun();
      // Smaller than the disk, as of two brokers that share one, or without processes to show that a broker is in a container.
      const stores = ['1', '2', '3'].map((broker) => ({ broker, usableBytes: 4e10, usedBytes: share * 4e10 }));
      return measured({ ...run, document: { ...run.document, stores } });
    };
    // 75% of the disk may be used: 30% leaves 45%, which is 0.6 of the average that an empty disk retains.
    const third = filled(0.3);
    expect(third.analysis.retention?.tps).toBe(tps);
    expect(third.analysis.retention?.free?.tps).toBeCloseTo(0.6 * tps, 6);
    expect(codesOf({ measured: [third], averageTps: 0.59 * tps })).toEqual(['proven']);
    const beyond = { measured: [third], averageTps: 0.61 * tps };
    const missing = [{ what: 'used-disk', of: 'broker 1', in: '30%' }];
    expect(decisionOf(beyond)).toMatchObject({
      decision: 'conditions',
      reasons: [{ code: 'disk-space-unknown', missing }],
    });
    const reason = reasonOf(beyond, 'disk-space-unknown') as Reason;
    expect(reasonText(reason, 'en')).toContain(
      'how much of the 30% that broker 1 used on its disk before the test will expire (the load does not fit in the rest)',
    );
    expect(reasonText(reason, 'zh')).toContain(
      '压测前 Broker 1 已用的 30% 磁盘空间中有多少会过期（剩余空间放不下该负载）',
    );
    expect(actionText(reason, 'en')).toContain('so that these messages count only once');
    const { retention: _, ...ofProduction } = proven.analysis;
    const production = {
      source: 'production orders',
      analysis: { ...ofProduction, run: { ...ofProduction.run, origin: 'production' as const } },
    };
    expect(stateOf({ ...beyond, measured: [third, production] }, 'disk-space')).toBe('holds');
    // Above the limit, whoever stored it.
    const full = { measured: [filled(0.82), production], averageTps: 0.01 * tps };
    expect(stateOf(full, 'disk-space')).toBe('unknown');
    expect(stateOf({ measured: [filled(0.82)], averageTps: 2 * tps }, 'disk-space')).toBe('fails');
  });

  test('is limited by the lowest average of all verdicts of the cluster', () => {
    const neighbors = [{ domain: 'pay', measured: [proven], messageBytes: 1000 }];
    expect(conditionOf({ neighbors, averageTps: 2 * mostTps })?.state).toBe('fails');
  });
});
