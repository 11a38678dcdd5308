// Measures the simulation of a day of 100 clusters, half Kafka and half RocketMQ, each with a broker lost at the peak.

import { disturbancesOf } from '../analyzer/planning/simulation/outage.ts';
import { usualDayOf } from '../analyzer/planning/simulation/load-curve.ts';
import { simulateDay } from '../analyzer/planning/simulation/simulate-day.ts';
import type { SimulatedCluster } from '../analyzer/planning/simulation/simulated-cluster.ts';
import { spentOn, type Spent } from './reference.ts';

const clusters = 100;
const brokers = 9;
const copies = 3;
const peak = 60_000;

export function simulatedDays(signal: AbortSignal): Spent {
  const made = Array.from({ length: clusters }, (_, index) => madeCluster(index));
  return spentOn(() => {
    for (const cluster of made) {
      signal.throwIfAborted();
      const at = { at: 20 * 3600, lasts: 1800, slowShare: 0 };
      const { course } = simulateDay(cluster, disturbancesOf('broker-lost', cluster, at));
      if (!((course.accepted[1200] ?? 0) > 0)) throw new Error(`${cluster.name} took nothing at its peak`);
    }
  });
}

/** Two domains of two groups each on nine brokers with 10 Gbit/s, three replicas. */
function madeCluster(index: number): SimulatedCluster {
  const isKafka = index % 2 === 0;
  const curve = usualDayOf(0.4 + (index % 10) / 50);
  return {
    name: `cluster-${index}`,
    broker: isKafka ? 'kafka' : 'rocketmq',
    failover: isKafka ? 'spread' : 'within',
    machines: Array.from({ length: brokers }, (_, host) => ({
      host: `host-${host}`,
      networkBytesPerSecond: 1.23e9,
      diskBytesPerSecond: 1e9,
      diskBytes: 8e12,
      cacheBytes: 2e10,
    })),
    sets: isKafka
      ? Array.from({ length: brokers }, (_, set) => ({
          name: `set-${set}`,
          copies: Array.from({ length: copies }, (_each, place) => (set + place) % brokers),
        }))
      : Array.from({ length: brokers / copies }, (_, set) => ({
          name: `group-${set}`,
          copies: Array.from({ length: copies }, (_each, place) => set * copies + place),
        })),
    streams: ['orders', 'waybills'].map((name) => ({
      name,
      rates: curve.map((share) => share * peak),
      groups: ['a', 'b'].map((group) => ({ name: group, mostPerSecond: 1.33 * peak })),
      cost: {
        producer: { in: 700, out: 100 },
        follower: { in: 20, out: 700 },
        consumer: { in: 20, out: 700 },
        diskBytes: 680,
      },
      retentionSeconds: 86_400,
      averageTps: 0.5 * peak,
    })),
    leastCopies: 2,
    awaitsCopies: isKafka,
    electionSeconds: isKafka ? 9 : 30,
    handoverSeconds: 0,
    holdSeconds: 120,
    isThrottled: true,
    safe: { perLeaderTps: 60_000, networkShare: 0.8, diskShare: 0.8 },
  };
}
