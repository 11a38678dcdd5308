// Reports signs of trouble in a Kafka broker's JMX values to the read governor.

import type { Clock } from '../../../core/clock.ts';
import type { ReadGovernor } from '../../read-governor.ts';
import type { BrokerInternals } from '../details.ts';

const idleMetric = 'kafka_broker_request_handler_idle_seconds_total';

export interface InternalsWatch {
  /** @param internals as just read */
  observe(internals: BrokerInternals): void;
}

/** The idle share is what the counter of idle time grew between two readings, over the time between them. */
export function watchInternals(clock: Clock, governor: Pick<ReadGovernor, 'observe'>): InternalsWatch {
  const last = new Map<string, { idleSeconds: number; at: number }>();
  return {
    observe({ broker, values }) {
      const at = clock.monotonic();
      const pools = values.filter(({ metric }) => metric === idleMetric);
      // `all` adds up two pools where a node is broker and controller as well.
      const pool = pools.find(({ labels }) => labels[0] === 'broker') ?? pools[0];
      if (pool === undefined) return;
      const before = last.get(broker);
      last.set(broker, { idleSeconds: pool.value, at });
      // A counter that fell means that the broker restarted.
      if (before === undefined || at <= before.at || pool.value < before.idleSeconds) return;
      governor.observe(broker, { handlerIdleRatio: (pool.value - before.idleSeconds) / (at - before.at) });
    },
  };
}
