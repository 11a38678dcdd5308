// Simulates a cluster of known capacity second by second.

import { gaussianOf, randomOf } from './world/random.ts';

export interface RateTruth {
  seed: number;
  /** Sustainable messages per second. */
  capacity: number;
  /** Latency in seconds without queueing. */
  latencySeconds: number;
  /** Relative noise; one draw per trial of any length. */
  noise: number;
  /** Probability that a trial is disturbed by a stall that is unrelated to the rate. */
  spurious: number;
  /** Messages accepted beyond the capacity before it slows down (page cache, credits of a cloud disk), in seconds of capacity. */
  burstSeconds: number;
  /** Ratio of the capacity that is lost while messages queue. */
  collapse: number;
}

export interface ClusterSecond {
  acknowledged: number;
  /** Sent and not acknowledged, in flight and queued, at the end of the second. */
  backlog: number;
  /** Latency of a message sent at the end of the second. */
  latencySeconds: number;
}

/** A stall lasts this share of a trial: 5 % of the messages are late, which affects any percentile. */
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
    /** Draws noise and stalls per trial; queues keep their content. */
    beginTrial(durationSeconds: number): void {
      factor = 1 + truth.noise * gaussian();
      const isSpoilt = random() < truth.spurious;
      const from = Math.floor(random() * durationSeconds * (1 - stallShare));
      stall = isSpoilt ? { from, to: from + stallShare * durationSeconds } : { from: Infinity, to: Infinity };
      second = 0;
    },
    /** Pauses sending until queues are empty and the burst budget is refilled. */
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

/** Common properties of a population of clusters. */
export interface RatePopulation {
  spurious: number;
  noise: number;
  mostBurstSeconds: number;
}

/** @returns a random cluster of the population with 1,000 to 600,000 msg/s, and an initial rate for it */
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
  // Half of a prediction with an error of at most a factor of two.
  return { truth, start: capacity * between(0.25, 1) };
}
