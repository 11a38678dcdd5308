// Simulates a cluster of known capacity second by second.

import { gaussianOf, randomOf } from './world/random.ts';

export interface RateTruth {
  seed: number;
  /** Messages per second it carries for ever. */
  capacity: number;
  /** From sent to acknowledged while no queue stands, in seconds. */
  latencySeconds: number;
  /** Relative; one draw per trial, however long it is. */
  noise: number;
  /** Probability that a trial is spoilt by a stall which has nothing to do with the rate. */
  spurious: number;
  /** Messages it takes beyond its capacity before it slows down (page cache, credits of a cloud disk), in seconds of capacity. */
  burstSeconds: number;
  /** Share of the capacity that is lost while a queue stands. */
  collapse: number;
}

export interface ClusterSecond {
  acknowledged: number;
  /** Sent and not acknowledged, in flight and queued, at the end of the second. */
  backlog: number;
  /** Of a message sent at the end of the second. */
  latencySeconds: number;
}

/** A stall lasts this share of a trial: 5 % of the messages are late, whatever percentile is looked at. */
const stallShare = 0.05;

/**
 *              rate                     capacity · (1 + noise)
 *     sent ───────────▶ [ burst ][ queue ] ───────────────────▶ acknowledged, latency later
 *
 * The burst is filled first and empties only while nothing is sent: until then the cluster looks faster than it is.
 */
export function createRateCluster(truth: RateTruth) {
  const random = randomOf(truth.seed);
  const gaussian = gaussianOf(random);
  let queue = 0;
  let burst = 0;
  let factor = 1;
  let stall = { from: Infinity, to: Infinity };
  let second = 0;

  return {
    /** Noise and stalls are drawn per trial; what stands in queues stays. */
    beginTrial(durationSeconds: number): void {
      factor = 1 + truth.noise * gaussian();
      const isSpoilt = random() < truth.spurious;
      const from = Math.floor(random() * durationSeconds * (1 - stallShare));
      stall = isSpoilt ? { from, to: from + stallShare * durationSeconds } : { from: Infinity, to: Infinity };
      second = 0;
    },
    /** Nobody sends until queues are empty and what was lent is paid back. */
    drain(): void {
      queue = 0;
      burst = 0;
    },
    advance(rate: number): ClusterSecond {
      const stalled = Math.max(0, Math.min(stall.to, second + 1) - Math.max(stall.from, second));
      second += 1;
      const lost = queue > 0 ? truth.collapse : 0;
      const serves = truth.capacity * factor * (1 - lost) * (1 - stalled);
      const wanted = queue + rate;
      const lent = stalled > 0 ? 0 : Math.min(Math.max(0, wanted - serves), room());
      const acknowledged = Math.min(wanted, serves + lent);
      burst += lent;
      queue = wanted - acknowledged;
      const latencySeconds = truth.latencySeconds + queue / truth.capacity;
      return { acknowledged, backlog: queue + acknowledged * truth.latencySeconds, latencySeconds };
    },
  };

  function room(): number {
    return truth.burstSeconds * truth.capacity - burst;
  }
}

export type RateCluster = ReturnType<typeof createRateCluster>;

/** What a population of clusters has in common. */
export interface RatePopulation {
  spurious: number;
  noise: number;
  mostBurstSeconds: number;
}

/** @returns a cluster of 1,000 to 600,000 msg/s that is as good as any other of the population, and a first rate for it */
export function drawRateCluster(seed: number, { spurious, noise, mostBurstSeconds }: RatePopulation) {
  const random = randomOf(seed * 7919 + 17);
  const between = (low: number, high: number) => low * (high / low) ** random();
  const capacity = between(1000, 600_000);
  const truth: RateTruth = {
    seed,
    capacity,
    latencySeconds: between(0.002, 0.02),
    noise,
    spurious,
    burstSeconds: mostBurstSeconds * random(),
    collapse: random() < 0.5 ? 0 : 0.3 * random(),
  };
  // Half of a prediction that is wrong by a factor of two at most, either way.
  return { truth, start: capacity * between(0.25, 1) };
}
