// Caps the send rate of a worker: catching up after a broker stall must not exceed the rate the cluster owner allows.

import type { RunClock } from '../run-clock.ts';

/**
 * Rate factor for late messages, with a burst after a short pause: together less in one second than the guard tolerates
 * (1.1, loadgen/guard/watched-seconds.ts).
 */
const catchUpFactor = 1.05;
const burstSeconds = 0.045;
const leastWindowSeconds = 0.001;
const roundingMessages = 1e-6;

/**
 * @param perSecond messages per second that this worker may send; grows when it takes over a share
 * @param isLate whether it must catch up; if not, a whole linger window may be sent at once
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
    /** @returns how many messages may be sent now, an integer */
    room(): number {
      refill();
      return Math.floor(left + roundingMessages);
    },
    take: (messages: number): void => void (left -= messages),
    /** @returns when there is room for one linger window, in seconds of the run */
    roomAt(): number {
      refill();
      const window = Math.max(1, perSecond() * Math.max(lingerSeconds, leastWindowSeconds));
      return at + Math.max(0, Math.min(window, most()) - left) / (perSecond() * catchUpFactor);
    },
  };
}
