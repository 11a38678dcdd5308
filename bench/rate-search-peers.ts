// Implements the search algorithms of other tools, from their descriptions, on simulated clusters.

import { messagesPerSecond } from '../core/units.ts';
import { seconds } from '../core/clock.ts';
import { drive } from '../test/support/searched-cluster.ts';
import type { RateCluster } from '../test/truth/rate-cluster.ts';

interface PeerResult {
  /** Result that the tool would report, in messages per second. */
  found: number;
  drivenSeconds: number;
  overloadedSeconds: number;
}

export type PeerSearch = (cluster: RateCluster, capacity: number, latencySeconds: number) => PeerResult;

const trialSeconds = 60;

/**
 * OpenMessaging Benchmark with `producerRate: 0` (RateController of openmessaging/benchmark 8559989, pull requests 329
 * and 336): every three seconds the rate is multiplied by 1 + f unless more than 1,000 messages are outstanding. f
 * doubles up to 1 while the rate rises, and is halved down to 0.01 when the rate falls to the achieved rate.
 *
 * The controller never ends. Its result is the mean rate of the test, here over five minutes after a warm-up of one
 * minute.
 */
export const ombController: PeerSearch = (cluster, capacity, latencySeconds) => {
  const period = 3;
  const [warmUp, tested] = [60, 300];
  const limit = 1000;
  let rate = 10_000;
  let ramp = 1;
  let overloadedSeconds = 0;
  let acknowledged = 0;
  for (let at = 0; at < warmUp + tested; at += period) {
    if (at % 15 === 0) cluster.beginTrial(15);
    let published = 0;
    let received = 0;
    for (let second = 0; second < period; second++) {
      const carried = cluster.advance(rate).acknowledged;
      published += carried;
      received = carried * latencySeconds;
      if (rate > capacity) overloadedSeconds += 1;
    }
    if (at >= warmUp) acknowledged += published;
    const expected = rate * period;
    const behind = received > limit ? received : expected - published;
    if (behind > limit) {
      ramp = Math.max(0.01, ramp / 2);
      rate = Math.max(1, Math.min(published, expected - behind) / period);
    } else {
      ramp = Math.min(1, ramp * 2);
      rate *= 1 + ramp;
    }
  }
  return { found: acknowledged / tested, drivenSeconds: warmUp + tested, overloadedSeconds };
};

/** RFC 2544, section 26.1: binary search with trials of 60 s, each of which is final; here to a width of 5%. */
export const binarySearch: PeerSearch = (cluster, capacity) => {
  const driven = sum();
  let [low, high] = [capacity / 50, capacity * 8];
  while (high / low > 1.05) {
    const middle = Math.sqrt(low * high);
    if (driven.passes(cluster, middle, capacity)) low = middle;
    else high = middle;
  }
  return driven.result(low);
};

/**
 * rpc-perf and SystemsLab: rate increases by a fixed amount, one retry, ends after the first that fails; here 5% of the
 * true maximum.
 */
export const linearSweep: PeerSearch = (cluster, capacity) => {
  const driven = sum();
  let found = 0;
  for (let rate = capacity * 0.05; ; rate += capacity * 0.05) {
    if (!driven.passes(cluster, rate, capacity) && !driven.passes(cluster, rate, capacity)) return driven.result(found);
    found = rate;
  }
};

function sum() {
  let drivenSeconds = 0;
  let overloadedSeconds = 0;
  return {
    passes(cluster: RateCluster, rate: number, capacity: number): boolean {
      const trial = { rate: messagesPerSecond(rate), duration: seconds(trialSeconds), purpose: 'bisect' as const };
      drivenSeconds += trialSeconds;
      if (rate > capacity) overloadedSeconds += trialSeconds;
      return drive(cluster, trial).outcome.kind === 'passed';
    },
    result: (found: number): PeerResult => ({ found, drivenSeconds, overloadedSeconds }),
  };
}
