// Derives the idle time of a Kafka broker's request handlers from its JMX values, and reports it to the read governor.

import type { Clock } from '../../../core/clock.ts';
import type { ReadGovernor } from '../../read-governor.ts';
import type { BrokerInternals } from '../details.ts';

const idleMetric = 'kafka_broker_request_handler_idle_seconds_total';
const startMetric = 'kafka_broker_jvm_start_time_seconds';

/** Limit of a pool's idle seconds divided by elapsed seconds, which exceeds 1 only by the jitter of two readings. */
export const mostIdleRatio = 1.05;

/** Up to Kafka 4.1, the two pools of a node that is broker and controller count in one meter (KAFKA-19606). */
const countsTwoPools = (idleSeconds: number, upSeconds: number) =>
  idleSeconds > mostIdleRatio * upSeconds && idleSeconds <= 2 * mostIdleRatio * upSeconds;

interface Observed {
  idleSeconds: number;
  at: number;
  /** Idle seconds of pool `broker`, if `idleSeconds` is the sum of two pools. */
  brokerIdleSeconds?: number;
}

export type InternalsWatch = ReturnType<typeof watchInternals>;

/** Computes the idle share: growth of the idle-time counter between two readings, divided by the time between them. */
export function watchInternals(clock: Clock, governor: Pick<ReadGovernor, 'observe'>) {
  const last = new Map<string, Observed>();
  return {
    /**
     * @param internals values that were just read
     * @returns the values; a sum of two pools is replaced by the idle time of pool `broker` since the first reading
     */
    observe(internals: BrokerInternals): BrokerInternals {
      const { broker, values } = internals;
      const at = clock.monotonic();
      const pools = values.filter(({ metric }) => metric === idleMetric);
      const pool = pools.find(({ labels }) => labels[0] === 'broker') ?? pools[0];
      if (pool === undefined) return internals;
      // A counter that fell means that the broker restarted.
      const earlier = last.get(broker);
      const before = earlier !== undefined && pool.value >= earlier.idleSeconds ? earlier : undefined;
      const startedAt = values.find(({ metric }) => metric === startMetric)?.value;
      const isSum =
        pool.labels[0] === 'all' &&
        startedAt !== undefined &&
        countsTwoPools(pool.value, clock.now().getTime() / 1000 - startedAt);
      const elapsed = before === undefined ? 0 : at - before.at;
      // The controller pool is nearly always idle. A decrease by jitter would look like a restart.
      const grown = before === undefined ? 0 : Math.max(0, pool.value - before.idleSeconds - (isSum ? elapsed : 0));
      if (elapsed > 0) governor.observe(broker, { handlerIdleRatio: grown / elapsed });
      const brokerIdleSeconds = (before?.brokerIdleSeconds ?? 0) + grown;
      last.set(broker, { idleSeconds: pool.value, at, ...(isSum && { brokerIdleSeconds }) });
      if (!isSum) return internals;
      const own = { ...pool, labels: ['broker'], value: brokerIdleSeconds };
      return { ...internals, values: values.map((value) => (value === pool ? own : value)) };
    },
  };
}
