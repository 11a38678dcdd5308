import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SafeMaxTps } from '../../core/documents/analysis.ts';
import { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { worstFirst } from '../../service/status/live-statuses.ts';
import { safeRateOf } from '../../service/status/safe-rate.ts';
import { clusterStatusOf, type StatusInputs } from '../../service/status/cluster-status-of.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const tps = fc.double({ min: 0, max: 1e7, noNaN: true });
const limitedBy = { resource: 'cpu', node: '1' } as const;

const safeMax = fc.oneof(
  fc.tuple(tps, fc.constantFrom('confirmed' as const, 'predicted' as const)).map(([low, kind]): SafeMaxTps => ({
    kind,
    tps: low,
    estimateTps: low * 1.1,
    interval: { low, confidence: 0.95 },
    limitedBy,
  })),
  fc.tuple(tps, tps).map(([reading, low]): SafeMaxTps => ({
    kind: 'observed',
    tps: reading,
    basis: [{ reading: 'r', capacity: 'c', policyLimit: 0.8, tps: { low, high: low * 2 } }],
    limitedBy,
  })),
  tps.map((low): SafeMaxTps => ({ kind: 'at-least', tps: low, reason: 'no-limit-reached' })),
  tps.map((low): SafeMaxTps => ({
    kind: 'at-least',
    tps: low,
    reason: 'limit-cause-unknown',
    ceiling: { tps: low * 1.1, suspects: [], decidedBy: 'host metrics' },
  })),
  fc.constant<SafeMaxTps>({ kind: 'unknown', missing: [] }),
);
const agoMs = fc.integer({ min: 0, max: 60 * 86_400_000 });
const inputs: fc.Arbitrary<StatusInputs> = fc
  .record({
    cluster: fc.string({ minLength: 1, maxLength: 20 }),
    verdicts: fc.array(fc.record({ safeMaxTps: safeMax, agoMs }), { maxLength: 4 }),
    loss: fc.constantFrom('none', 'degraded', 'down'),
    traffic: fc.option(fc.record({ produceTps: tps, agoMs: fc.integer({ min: 0, max: 600_000 }) }), { nil: undefined }),
    graded: fc.nat({ max: 50 }),
  })
  .map(({ cluster, verdicts, loss, traffic, graded }) => ({
    about: { cluster, broker: 'rocketmq', domains: [] },
    known: {
      verdicts: verdicts.map((each, index) => ({
        entry: index + 1,
        kind: 'verdict',
        measuredAtMs: nowMs - each.agoMs,
        safeMaxTps: each.safeMaxTps,
      })),
      trust: { graded, held: Math.floor(graded / 2) },
    },
    live: {
      settings: {},
      isDown: loss === 'down',
      missing: loss === 'none' ? [] : [{ part: 'broker' as const, id: '2' }],
      ...(traffic && {
        traffic: { produceTps: traffic.produceTps, at: new Date(nowMs - traffic.agoMs), source: 'exporter' },
      }),
    },
    thresholds: { near: 0.8, verdictLasts: 30 * 86_400, readingLasts: 300 },
    now: new Date(nowMs),
  }));

test('headroom is at most 1, and exists only when rate and maximum are known', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const status = ClusterStatus.parse(clusterStatusOf(given));
      const { headroom, now, safeMaxTps } = status;
      if (headroom !== undefined) expect(headroom).toBeLessThanOrEqual(1);
      const isKnown = now !== undefined && safeMaxTps !== undefined && safeRateOf(safeMaxTps) !== undefined;
      expect(headroom !== undefined).toBe(isKnown);
    }),
  );
});

test('unknown fields are absent, and a cluster without headroom is never ok', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const status = clusterStatusOf(given);
      if (given.live.traffic === undefined) expect(status).not.toHaveProperty('now');
      if (given.known.verdicts.length === 0) expect(status).not.toHaveProperty('safeMaxTps');
      if (status.headroom === undefined) expect(['down', 'degraded', 'stale', 'unknown']).toContain(status.state);
    }),
  );
});

test('more load never improves the state of a cluster', () => {
  const order = ['down', 'degraded', 'over', 'near', 'stale', 'ok'];
  fc.assert(
    fc.property(inputs, fc.double({ min: 1, max: 100, noNaN: true }), (given, factor) => {
      const { traffic } = given.live;
      fc.pre(traffic !== undefined);
      const loaded = { ...traffic, produceTps: traffic.produceTps * factor };
      const [before, after] = [given, { ...given, live: { ...given.live, traffic: loaded } }].map(clusterStatusOf);
      if (before?.headroom === undefined || after?.headroom === undefined) return;
      expect(after.headroom).toBeLessThanOrEqual(before.headroom);
      expect(order.indexOf(after.state)).toBeLessThanOrEqual(order.indexOf(before.state));
    }),
  );
});

test('a fleet is sorted by down, degraded, then headroom, with clusters without headroom last', () => {
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 12 }), (fleet) => {
      const ordered = worstFirst(fleet.map(clusterStatusOf));
      const losses = ordered.map(({ state }) => ['down', 'degraded'].indexOf(state)).map((at) => (at < 0 ? 2 : at));
      expect(losses).toEqual(losses.toSorted((a, b) => a - b));
      const whole = ordered.filter(({ state }) => state !== 'down' && state !== 'degraded');
      const headrooms = whole.map(({ headroom }) => headroom);
      const known = headrooms.filter((headroom) => headroom !== undefined);
      expect(known).toEqual(known.toSorted((a, b) => a - b));
      expect(headrooms.slice(known.length).every((headroom) => headroom === undefined)).toBe(true);
      expect(ordered).toHaveLength(fleet.length);
    }),
  );
});
