import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simulateDay } from '../../analyzer/planning/simulation/simulate-day.ts';
import type { Failover, SimulatedCluster } from '../../analyzer/planning/simulation/simulated-cluster.ts';
import { constant, machine, simulated, stream } from '../support/simulated.ts';

const minutes = 30;
const setups = fc.record({
  failover: fc.constantFrom<Failover>('spread', 'within', 'none'),
  sets: fc.integer({ min: 1, max: 3 }),
  copies: fc.integer({ min: 1, max: 3 }),
  network: fc.double({ min: 1e6, max: 1e8, noNaN: true }),
  disk: fc.option(fc.double({ min: 1e6, max: 1e8, noNaN: true }), { nil: undefined }),
  diskBytes: fc.double({ min: 1e8, max: 1e12, noNaN: true }),
  cache: fc.double({ min: 1e5, max: 1e9, noNaN: true }),
  streams: fc.array(
    fc.record({
      rates: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: minutes, maxLength: minutes }),
      groups: fc.array(fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }), { maxLength: 3 }),
      retention: fc.integer({ min: 120, max: 10_000 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});
const outages = fc.array(
  fc.record({
    machine: fc.integer({ min: 0, max: 2 }),
    from: fc.integer({ min: 0, max: 1500 }),
    lasts: fc.integer({ min: 1, max: 900 }),
    isOrderly: fc.boolean(),
  }),
  { maxLength: 3 },
);

function clusterOf(setup: typeof setups extends fc.Arbitrary<infer Setup> ? Setup : never): SimulatedCluster {
  const { failover, sets, copies, network, disk, diskBytes, cache } = setup;
  const isSpread = failover === 'spread';
  const machines = Array.from({ length: isSpread ? sets : sets * copies }, (_, index) =>
    machine(`host-${index}`, {
      networkBytesPerSecond: network,
      diskBytes,
      cacheBytes: cache,
      ...(disk !== undefined && { diskBytesPerSecond: disk }),
    }),
  );
  return simulated({
    failover,
    machines,
    sets: Array.from({ length: sets }, (_, set) => ({
      name: `set-${set}`,
      copies: isSpread
        ? Array.from({ length: Math.min(copies, sets) }, (_each, place) => (set + place) % sets)
        : Array.from({ length: copies }, (_each, place) => set * copies + place),
    })),
    streams: setup.streams.map(({ rates, groups, retention }, index) =>
      stream(Float64Array.from(rates), {
        name: `stream-${index}`,
        groups: groups.map((most, group) => ({
          name: `g${group}`,
          ...(most !== undefined && { mostPerSecond: most }),
        })),
        retentionSeconds: retention,
      }),
    ),
    ...(isSpread ? {} : { broker: 'rocketmq' as const, deletesBeyondShare: 0.85 }),
  });
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

test('accepted messages are consumed, lagging or lost, whatever fails', () => {
  fc.assert(
    fc.property(setups, outages, (setup, gone) => {
      const cluster = clusterOf(setup);
      const { state } = simulateDay(cluster, {
        outages: gone
          .filter((each) => each.machine < cluster.machines.length)
          .map(({ lasts, ...each }) => ({ ...each, until: each.from + lasts })),
        slow: [],
      });
      for (const { offered, accepted, held, failed, head } of state.streams) {
        const close = 1e-6 * Math.max(1, offered);
        expect(Math.abs(offered - accepted - sum(held) - failed)).toBeLessThan(close);
        expect(Math.abs(accepted - sum(head))).toBeLessThan(close);
      }
      for (const { stream: index, position, consumed, lost } of state.readers) {
        const { accepted = 0, head = new Float64Array() } = state.streams[index] ?? {};
        const lag = sum(head.map((end, set) => end - (position[set] ?? 0)));
        expect(Math.abs(accepted - consumed - lag - lost)).toBeLessThan(1e-6 * Math.max(1, accepted));
      }
    }),
    { numRuns: 40 },
  );
});

test('no machine uses more than its capacity', () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const { course } = simulateDay(clusterOf(setup), { outages: [], slow: [] });
      expect(Math.max(...course.networkOut)).toBeLessThan(1 + 1e-9);
      expect(Math.max(...course.disk)).toBeLessThan(1 + 1e-9);
    }),
    { numRuns: 40 },
  );
});

test('a paused group catches up in its lag divided by the difference of the rates', () => {
  const rates = fc.record({
    load: fc.integer({ min: 1, max: 90_000 }),
    faster: fc.double({ min: 1.2, max: 5, noNaN: true }),
    still: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(rates, ({ load, faster, still }) => {
      const groups = [{ name: 'billing', mostPerSecond: load * faster }];
      const needs = (load * still * 60) / (load * faster - load);
      const length = still + Math.ceil(needs / 60) + 2;
      const cluster = simulated({ streams: [stream(constant(load, length), { groups })] });
      const slow = [{ stream: 0, group: 0, from: 0, until: still * 60, mostPerSecond: 0 }];
      const { course } = simulateDay(cluster, { outages: [], slow });
      const last = course.lag.findLastIndex((lag) => lag > 0);
      // Lags are sampled at the ends of minutes.
      expect((last + 1) * 60).toBeLessThan(still * 60 + needs + 1e-3);
      expect((last + 2) * 60).toBeGreaterThanOrEqual(still * 60 + needs - 1e-3);
    }),
    { numRuns: 50 },
  );
});

test('simulating a minute at once equals simulating its single steps', () => {
  fc.assert(
    fc.property(setups, outages, (setup, gone) => {
      // Network interfaces sized for ten times the load, so that there are quiet minutes.
      const cluster = clusterOf({ ...setup, network: 10 * setup.network + 5e7, disk: undefined, diskBytes: 1e13 });
      const disturbances = {
        outages: gone
          .filter((each) => each.machine < cluster.machines.length)
          .map(({ lasts, ...each }) => ({ ...each, until: each.from + lasts })),
        slow: [],
      };
      const [whole, steps] = [simulateDay(cluster, disturbances), simulateDay(cluster, disturbances, 'step-by-step')];
      for (const series of ['accepted', 'networkIn', 'networkOut', 'load', 'lag', 'diskUsed', 'outside'] as const) {
        for (const [minute, value] of whole.course[series].entries()) {
          const other = steps.course[series][minute] ?? 0;
          expect(Math.abs(value - other)).toBeLessThan(1e-6 * Math.max(1, Math.abs(other)));
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('a faster card never accepts fewer messages or rejects more', () => {
  fc.assert(
    fc.property(setups, fc.double({ min: 1.1, max: 10, noNaN: true }), (setup, factor) => {
      // Disks that do not fill up, and that delay no reader.
      const roomy = { ...setup, disk: undefined, diskBytes: 1e15 };
      const days = [1, factor].map((times) =>
        simulateDay(clusterOf({ ...roomy, network: times * setup.network }), { outages: [], slow: [] }),
      );
      const [slow, fast] = days.map(({ state }) => sum(state.streams.map(({ accepted }) => accepted)));
      expect(fast).toBeGreaterThanOrEqual((slow ?? 0) * (1 - 1e-6));
      const [few, many] = days.map(({ state }) => sum(state.streams.map(({ failed }) => failed)));
      expect(many).toBeLessThanOrEqual((few ?? 0) * (1 + 1e-6) + 1e-3);
    }),
    { numRuns: 40 },
  );
});
