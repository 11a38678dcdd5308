// Caps how fast a worker sends: after a stall of the brokers, its backlog may not exceed what the owner of the cluster allows.

import type { RunClock } from '../run-clock.ts';

/**
 * What is late may go at this rate, beside a burst after a short pause: in one second less than the guard tolerates (1.1,
 * loadgen/guard/watched-seconds.ts).
 */
const catchUpFactor = 1.05;
const burstSeconds = 0.045;
const leastWindowSeconds = 0.001;
const roundingMessages = 1e-6;

/**
 * @param perSecond messages that this worker may send, which grows when it takes over a share
 * @param isLate whether it has to catch up; if not, a whole linger window may go at once
 */
export function createRateCap(
  { perSecond, isLate, lingerSeconds }: { perSecond: () => number; isLate: () => boolean; lingerSeconds: number },
  clock: Pick<RunClock, 'elapsed'>,
) {
  let at = clock.elapsed();
  let left = Infinity;
  const most = () => Math.max(1, perSecond() * (isLate() ? burstSeconds : Math.max(lingerSeconds, burstSeconds)));

  function refill(): void {
    const now = clock.elapsed();
    left = Math.min(most(), left + (now - at) * perSecond() * catchUpFactor);
    at = now;
  }

  return {
    /** @returns how many messages may be sent now, a whole number */
    room(): number {
      refill();
      return Math.floor(left + roundingMessages);
    },
    take: (messages: number): void => void (left -= messages),
    /** @returns when there is room for what is sent at once, in seconds of the run */
    roomAt(): number {
      refill();
      const window = Math.max(1, perSecond() * Math.max(lingerSeconds, leastWindowSeconds));
      return at + Math.max(0, Math.min(window, most()) - left) / (perSecond() * catchUpFactor);
    },
  };
}
