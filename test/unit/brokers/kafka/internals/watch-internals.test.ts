import { expect, test } from 'vitest';
import { watchInternals } from '../../../../../brokers/kafka/internals/watch-internals.ts';
import type { BrokerInternals } from '../../../../../brokers/kafka/details.ts';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';

const idle = (broker: number, all: number): BrokerInternals => ({
  broker: '1',
  agent: 'jolokia',
  values: [
    { metric: 'kafka_broker_request_handler_idle_seconds_total', labels: ['all'], value: all },
    { metric: 'kafka_broker_request_handler_idle_seconds_total', labels: ['broker'], value: broker },
  ],
  dropped: 0,
});

/** @param readings seconds of the clock and idle seconds of the broker's handler pool */
function leaveAfter(...readings: readonly (readonly [at: number, idleSeconds: number])[]) {
  const time = { now: 0 };
  const clock = { ...systemClock, monotonic: () => seconds(time.now) };
  const governor = createReadGovernor({ clock });
  const signs = watchInternals(clock, governor);
  for (const [at, idleSeconds] of readings) {
    time.now = at;
    signs.observe(idle(idleSeconds, 1000 + 2 * at));
  }
  return governor.mayRead('log-dirs', '1');
}

test('busy request handlers defer optional reads, as measured by the growth of the idle counter', () => {
  expect(leaveAfter([0, 500], [15, 503])).toEqual({
    kind: 'no',
    reason: 'skipped to protect broker 1: its request handlers are idle 20% of the time',
  });
  expect(leaveAfter([0, 500], [15, 512]).kind).toBe('yes');
});

type Readings = readonly (readonly [at: number, brokerIdleSeconds: number])[];

/** A Kafka 3.9 node in both roles: one meter, an idle controller. @returns pools and their idle seconds */
const combinedNode = (...readings: Readings) => oneMeter(readings);

/** @param starts start times by the broker's clock, which may be wrong at first */
function oneMeter(readings: Readings, starts: readonly number[] = []) {
  const time = { now: 0 };
  const startedAt = 1_000_000;
  const clock = {
    ...systemClock,
    monotonic: () => seconds(time.now),
    now: () => new Date((startedAt + 1000 + time.now) * 1000),
  };
  const governor = createReadGovernor({ clock });
  const signs = watchInternals(clock, governor);
  const shown = readings.map(([at, brokerIdleSeconds], index) => {
    time.now = at;
    const { values } = signs.observe({
      broker: '1',
      agent: 'jmx-exporter',
      values: [
        {
          metric: 'kafka_broker_request_handler_idle_seconds_total',
          labels: ['all'],
          value: 1000 + at + brokerIdleSeconds,
        },
        { metric: 'kafka_broker_jvm_start_time_seconds', labels: [], value: starts[index] ?? startedAt },
      ],
      dropped: 0,
    });
    return values.flatMap(({ labels, value }) => (labels.length === 0 ? [] : [[labels[0], value]]));
  });
  return { shown, kind: governor.mayRead('log-dirs', '1').kind };
}

test("a combined broker and controller node shows the broker's idle time and defers reads while busy", () => {
  expect(combinedNode([0, 900], [15, 912], [30, 914])).toEqual({
    shown: [[['broker', 0]], [['broker', 12]], [['broker', 14]]],
    kind: 'no',
  });
  expect(combinedNode([0, 900], [15, 912]).kind).toBe('yes');
});

test('the idle time of a saturated node never falls, despite jitter between readings', () => {
  const { shown } = combinedNode([0, 900], [15, 899.9], [30, 900], [45, 899.8]);
  const values = shown.flatMap((pools) => pools.map(([, value]) => Number(value)));
  expect(values).toEqual(values.toSorted((one, other) => one - other));
  expect(values.at(-1)).toBeLessThan(0.2);
});

test('a meter with one pool is exported unchanged', () => {
  expect(combinedNode([0, -100], [15, -90]).shown).toEqual([[['all', 900]], [['all', 925]]]);
});

test('a broker whose clock is corrected is not permanently treated as a node with two pools', () => {
  // Idle 90% of the time; the start time first seems 500 s late, then 8 h in the future.
  const readings = [
    [0, -100],
    [15, -101.5],
    [30, -103],
  ] as const;
  const { shown } = oneMeter(readings, [1_000_500, 1_028_800]);
  expect(shown.slice(1)).toEqual([[['all', 913.5]], [['all', 927]]]);
});

test('one reading or a counter that started again defers nothing', () => {
  expect(leaveAfter([0, 0]).kind).toBe('yes');
  expect(leaveAfter([0, 500], [15, 1]).kind).toBe('yes');
});
