// Which clusters of known limits are judged? Drawn from a seed, so that a failure can be run again.

import { randomOf, type BrokerTruth, type Truth } from './synthetic-cluster.ts';

export const constantBatches = () => 50;

/** One broker behind a link, its cores far from full. */
export function linkBound(seed: number, change: Partial<Truth> = {}): Truth {
  const random = randomOf(seed * 7919);
  const between = (low: number, high: number) => low + (high - low) * random();
  const perMessage = between(300, 1500);
  const linkBitsPerSecond = 50e6;
  const groups = 1;
  const broker: BrokerTruth = {
    id: '1',
    share: 1,
    linkBitsPerSecond,
    idleBytes: between(2e3, 2e5),
    bytesIn: { perMessage: perMessage * between(0.9, 0.95), perRequest: 300 },
    bytesOut: { perMessage, perRequest: 150 },
    cores: 4,
    idleCores: 0.1,
    coreSecondsPerMessage: 1e-5,
    warmUp: { share: 0.5, seconds: 15 },
  };
  const full = (linkBitsPerSecond / 8 - broker.idleBytes) / (perMessage + 150 / constantBatches());
  return {
    seed,
    brokers: [broker],
    groups,
    steps: shares(full, [0.2, 0.3, 0.4, 0.5, 0.6], 20),
    warmUpSeconds: 5,
    messageBytes: 500,
    messagesPerRequest: constantBatches,
    noise: { second: between(0.005, 0.02), step: between(0.001, 0.004) },
    ...change,
  };
}

/** Three brokers that lead unequal shares: the fullest one stops the cluster. */
export function skewed(seed: number): Truth {
  const one = linkBound(seed);
  const [broker] = one.brokers as [BrokerTruth];
  const brokers = [0.28, 0.42, 0.3].map((share, index) => ({ ...broker, id: String(index + 1), share }));
  const full = (broker.linkBitsPerSecond / 8 - broker.idleBytes) / ((broker.bytesOut.perMessage + 3) * 0.42);
  return { ...one, brokers, steps: shares(full, [0.2, 0.3, 0.4, 0.5, 0.6], 20) };
}

/** A broker whose cores are full long before its link. */
export function cpuBound(seed: number): Truth {
  const one = linkBound(seed);
  const [broker] = one.brokers as [BrokerTruth];
  const { warmUp: _, ...warm } = broker;
  const slow = { ...warm, linkBitsPerSecond: 1e9, cores: 2, coreSecondsPerMessage: 2e-4 };
  return { ...one, brokers: [slow], steps: shares((2 - 0.1) / 2e-4, [0.3, 0.4, 0.5, 0.6, 0.7], 20) };
}

export function shares(full: number, of: readonly number[], durationSeconds: number): Truth['steps'] {
  return of.map((share) => ({ targetTps: 2 * Math.round((share * full) / 2), durationSeconds }));
}
