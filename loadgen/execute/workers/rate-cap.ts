// Caps how fast a worker sends: after a stall of the brokers, its backlog may not exceed what the owner of the cluster allows.

import type { RunClock } from '../run-clock.ts';

interface RateCap {
  /** @returns how many messages may be sent now, a whole number */
  room(): number;
  take(messages: number): void;
  /** @returns when there is room for what is sent at once, in seconds of the run */
  roomAt(): number;
}

/** Lateness of timers is caught up with at this rate, which the guard tolerates (1.1, loadgen/guard/watched-seconds.ts). */
const catchUpFactor = 1.05;
/** Timers are late by less than this: so much of a second may be sent at once beside a linger window. */
const burstSeconds = 0.02;
const leastWindowSeconds = 0.001;
const roundingMessages = 1e-6;

/** @param perSecond messages that this worker may send, which grows when it takes over a share */
export function createRateCap(
  perSecond: () => number,
  lingerSeconds: number,
  clock: Pick<RunClock, 'elapsed'>,
): RateCap {
  let at = clock.elapsed();
  let left = Infinity;

  function refill(): void {
    const now = clock.elapsed();
    const most = Math.max(1, perSecond() * (lingerSeconds + burstSeconds));
    left = Math.min(most, left + (now - at) * perSecond() * catchUpFactor);
    at = now;
  }

  return {
    room() {
      refill();
      return Math.floor(left + roundingMessages);
    },
    take: (messages) => void (left -= messages),
    roomAt() {
      refill();
      const window = Math.max(1, perSecond() * Math.max(lingerSeconds, leastWindowSeconds));
      return at + Math.max(0, window - left) / (perSecond() * catchUpFactor);
    },
  };
}
