// Provides a simple cluster for day simulations.

import type { Machine, SimulatedCluster, Stream } from '../../analyzer/planning/simulation/simulated-cluster.ts';

export const machine = (host: string, over: Partial<Machine> = {}): Machine => ({
  host,
  networkBytesPerSecond: 1e12,
  diskBytes: 1e15,
  cacheBytes: 1e15,
  ...over,
});

export const constant = (rate: number, minutes = 60) => new Float64Array(minutes).fill(rate);

export const stream = (rates: Float64Array, over: Partial<Stream> = {}): Stream => ({
  name: 'orders',
  rates,
  groups: [{ name: 'billing' }],
  cost: {
    producer: { in: 1000, out: 100 },
    follower: { in: 10, out: 1000 },
    consumer: { in: 10, out: 1000 },
    diskBytes: 1000,
  },
  retentionSeconds: 86_400,
  averageTps: 1000,
  ...over,
});

/** A Kafka cluster with this number of brokers; each broker has all replicas if there are enough. */
export function simulated(
  over: Partial<SimulatedCluster> & { brokers?: number; copies?: number } = {},
): SimulatedCluster {
  const { brokers = 1, copies = 1, ...rest } = over;
  const hosts = Array.from({ length: brokers }, (_, index) => index);
  return {
    name: 'orders-1',
    broker: 'kafka',
    failover: 'spread',
    machines: hosts.map((index) => machine(`broker-${index}`)),
    sets: hosts.map((index) => ({
      name: `broker-${index}`,
      copies: Array.from({ length: copies }, (_, place) => (index + place) % brokers),
    })),
    streams: [stream(constant(1000))],
    leastCopies: 1,
    awaitsCopies: false,
    electionSeconds: 9,
    handoverSeconds: 0,
    holdSeconds: 120,
    isThrottled: false,
    safe: { perLeaderTps: 1e9, networkShare: 0.8, diskShare: 0.8 },
    ...rest,
  };
}
