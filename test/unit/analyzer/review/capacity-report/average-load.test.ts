// Checks the average load that disks have to store, as the condition of a report shows it.

import { describe, expect, test } from 'vitest';
import { averageOver } from '../../../../../analyzer/planning/sizing/stored-bytes.ts';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import type { ReportInputs } from '../../../../../analyzer/review/capacity-report/report-inputs.ts';
import { inputs, plans } from '../../../../support/capacity-report-inputs.ts';
import { proven } from '../../../../support/go-case.ts';
import { goInputs } from '../../../../support/go-inputs.ts';
import { about } from '../../../../support/sized.ts';

describe('the average load of a cluster', () => {
  const points = (busyTps: number) =>
    Array.from({ length: 240 }, (_, hour) => {
      const value = hour >= 100 && hour < 172 ? busyTps : 100;
      const time = new Date(Date.parse('2026-01-02T00:00:00.000Z') + 3_600_000 * hour).toISOString();
      return { time, value, low: value, high: value };
    });
  const { retention, ...rest } = proven.analysis;
  const analysis = { ...rest, ...(retention && { retention: { ...retention, tps: retention.tps / 10 } }) };
  const conditionOf = (busy: Readonly<Record<string, number>>, change: Partial<ReportInputs> = {}) => {
    const domains = Object.keys(busy).map((domain) => [domain, { tps: 400, analysis }] as const);
    const { forecasts, ...rest } = goInputs(Object.fromEntries(domains));
    const span = { from: '2026-01-02T00:00:00.000Z', to: '2026-01-12T00:00:00.000Z', timezone: 'UTC' };
    const made = makeReport({
      ...rest,
      ...change,
      forecasts: forecasts.map((each) => ({
        ...each,
        forecast: { ...each.forecast, span: { ...span, stepMs: 3_600_000 }, points: points(busy[each.domain] ?? 0) },
      })),
    });
    const verdict = made.verdicts.find(({ domain }) => domain === 'orders');
    return verdict?.conditions.find(({ condition }) => condition === 'disk-space');
  };
  const near = (tps: number) => expect.closeTo(tps, 6) as number;
  const [source] = makeReport(inputs).sources;
  const [cluster] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (source === undefined || cluster === undefined || own === undefined) throw new Error('no cluster');
  const planWith = (domain: Partial<typeof own>, peakTps = cluster.promise.peakTps) => {
    const planned = { ...cluster, promise: { ...cluster.promise, peakTps }, domains: [{ ...own, ...domain }] };
    return { plan: { plans: { ...plans, clusters: [planned], refused: [] }, source } };
  };

  test('is that of its domains in the plan, or that of the busiest days in the forecasts', () => {
    // Three days at about 485 msg/s fit.
    expect(conditionOf({ orders: 300 })).toMatchObject({ state: 'holds', neededTps: 300 });
    expect(conditionOf({ orders: 900 })).toMatchObject({ state: 'fails', neededTps: 900 });
    expect(conditionOf({ orders: 300, pay: 300 })).toMatchObject({ state: 'fails', neededTps: 600 });
    // The peak is 400.
    const lowerPeak = planWith({ averageTps: 100 }, about(200));
    expect(conditionOf({ orders: 900 }, lowerPeak)).toMatchObject({ state: 'fails', neededTps: 900 });
    const planned = planWith({ averageTps: 100 });
    expect(conditionOf({ orders: 900 }, planned)).toMatchObject({ state: 'holds', neededTps: 100 });
  });

  test('is at most the currently expected peak, even if a plan for one or two clusters has a higher peak', () => {
    const planned = planWith({});
    expect(conditionOf({ orders: 300 }, planned)).toMatchObject({ state: 'holds', neededTps: 400 });
    const { plans: document, source } = planned.plan;
    const clusters = document.clusters.flatMap((each) => [each, { ...each, name: 'orders-2' }]);
    const plan = { plans: { ...document, clusters }, source };
    expect(conditionOf({ orders: 300 }, { plan })).toMatchObject({ state: 'holds', neededTps: 400 });
  });

  test('needs more disk if the plan has a longer retention than the verdict', () => {
    for (const promotion of [
      { multiplier: 6, days: 3 },
      { multiplier: 16, days: 1 },
    ]) {
      const averageTps = averageOver(518_400, { peakTps: 4000, usualTps: 100, promotion });
      expect(averageTps).toBeLessThan(400);
      const sixDays = planWith({ averageTps, retentionSeconds: 518_400 });
      expect(conditionOf({ orders: 300 }, sixDays)).toMatchObject({ state: 'fails', neededTps: near(2 * averageTps) });
    }
    // 72 of the busiest 144 hours have 300 msg/s; the plan is for a lower peak.
    const outgrown = planWith({ averageTps: 100, retentionSeconds: 518_400 }, about(200));
    expect(conditionOf({ orders: 300 }, outgrown)).toMatchObject({ state: 'holds', neededTps: near(2 * 200) });
    const oneDay = planWith({ averageTps: 300, retentionSeconds: 86_400 });
    expect(conditionOf({ orders: 300 }, oneDay)).toMatchObject({ state: 'holds', neededTps: 300 });
  });

  test('scales smaller messages by their size and by what brokers store with each message', () => {
    const messageBytes = { orders: 1000, logs: 100 };
    // Tested with 1,000 bytes, of which Kafka stores 1,012.
    const neededTps = near(300 + (900 * 112) / 1012);
    expect(conditionOf({ orders: 300, logs: 900 }, { messageBytes })).toMatchObject({ state: 'holds', neededTps });
    expect(conditionOf({ orders: 300, logs: 900 })).toMatchObject({ state: 'fails', neededTps: 1200 });
    const sized = (change: Partial<typeof own>) => ({
      messageBytes: { orders: 100 },
      ...planWith({ averageTps: 300, ...change }),
    });
    const shown = (bytes: number) => ({ neededTps: near((300 * bytes) / 1012) });
    expect(conditionOf({ orders: 300 }, sized({}))).toMatchObject(shown(112));
    expect(conditionOf({ orders: 300 }, sized({ keyBytes: 200 }))).toMatchObject(shown(312));
    expect(conditionOf({ orders: 300 }, sized({ isDelayed: true }))).toMatchObject(shown(224));
  });

  test('is that of the promotion and the retention before it, not that of another promotion in the forecast', () => {
    // The busy hours are from January 6, 04:00 to January 9, 04:00.
    const on = (from: string, to = from) => ({ promotion: { name: 'Sale', from, to } });
    const before = conditionOf({ orders: 900 }, on('2026-01-02', '2026-01-03'));
    expect(before).toMatchObject({ state: 'holds', neededTps: 100 });
    const after = conditionOf({ orders: 900 }, on('2026-01-10'));
    expect(after).toMatchObject({ state: 'fails', neededTps: near((52 * 900 + 20 * 100) / 72) });
    // The peak of January 10 is 400.
    const planned = conditionOf({ orders: 900 }, { ...on('2026-01-10'), ...planWith({ averageTps: 600 }) });
    expect(planned).toMatchObject({ state: 'fails', neededTps: 600 });
  });
});
