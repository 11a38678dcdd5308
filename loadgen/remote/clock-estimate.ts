// Estimates the clock offset of another machine from round trips; the fastest one has the smallest error.

export interface ClockSample {
  /** How far the other clock was ahead, in seconds, assuming that both directions took equally long. */
  offset: number;
  /** Half of the round trip: the other reading may have been taken at any time between request and response. */
  error: number;
}

/**
 * @param times in nanoseconds: request and response here, and response time there
 * @param base subtracted from the offset, so that the rest fits a number
 */
export function sampleOf(times: { sent: bigint; answered: bigint; there: bigint }, base: bigint): ClockSample {
  const { sent, answered, there } = times;
  return {
    offset: (2 * Number(there - sent - base) - Number(answered - sent)) / 2e9,
    error: Number(answered - sent) / 2e9,
  };
}

/** @returns the sample with the smallest error; undefined if there is none */
export const bestSample = (samples: readonly ClockSample[]): ClockSample | undefined =>
  samples.reduce<ClockSample | undefined>(
    (best, sample) => (best === undefined || sample.error < best.error ? sample : best),
    undefined,
  );

/**
 * Keeps the last estimate while it is consistent: the middle of a round trip varies with the network, clocks hardly
 * vary.
 *
 * @returns the new offset, and its maximum error
 */
export function nextEstimate(estimate: ClockSample, seen: ClockSample): ClockSample {
  const distance = Math.abs(seen.offset - estimate.offset);
  if (distance > seen.error) return seen;
  return { offset: estimate.offset, error: distance + seen.error };
}
