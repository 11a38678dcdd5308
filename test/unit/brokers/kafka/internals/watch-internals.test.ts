import { expect, test } from 'vitest';
import { watchInternals } from '../../../../../brokers/kafka/internals/watch-internals.ts';
import type { BrokerInternals } from '../../../../../brokers/kafka/details.ts';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { seconds } from '../../../../../core/units.ts';

const idle = (broker: number, all: number): BrokerInternals => ({
  broker: '1',
  agent: 'jolokia',
  values: [
    { metric: 'kafka_broker_request_handler_idle_seconds_total', labels: ['all'], value: all },
    { metric: 'kafka_broker_request_handler_idle_seconds_total', labels: ['broker'], value: broker },
  ],
  dropped: 0,
});

/** @param readings seconds of the clock and idle seconds of the broker's pool */
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

test('handlers that are busy put off optional reads, by what the counter of idle time grew', () => {
  expect(leaveAfter([0, 500], [15, 503])).toEqual({
    kind: 'no',
    reason: 'skipped to protect broker 1: its request handlers are idle 20% of the time',
  });
  expect(leaveAfter([0, 500], [15, 512]).kind).toBe('yes');
});

test('one reading says nothing yet, nor does a counter that began again', () => {
  expect(leaveAfter([0, 0]).kind).toBe('yes');
  expect(leaveAfter([0, 500], [15, 1]).kind).toBe('yes');
});
