// Estimates the clock offset of another machine from round trips; the fastest has the least error.

export interface ClockSample {
  /** How far the other clock was ahead, in seconds, if the answer was half of the way under way. */
  offset: number;
  /** Half of the way: the other moment can lie anywhere between question and answer. */
  error: number;
}

/** @param times in nanoseconds: of the question and its answer here, and of the answer there @param base taken off the offset, so that a number holds the rest */
export function sampleOf(times: { sent: bigint; answered: bigint; there: bigint }, base: bigint): ClockSample {
  const { sent, answered, there } = times;
  return {
    offset: (2 * Number(there - sent - base) - Number(answered - sent)) / 2e9,
    error: Number(answered - sent) / 2e9,
  };
}

/** @returns the one with the least error; undefined of none */
export const bestSample = (samples: readonly ClockSample[]): ClockSample | undefined =>
  samples.reduce<ClockSample | undefined>(
    (best, sample) => (best === undefined || sample.error < best.error ? sample : best),
    undefined,
  );

/**
 * The last estimate stays while it can be true: the middle of a round trip wanders with the network, clocks hardly do.
 *
 * @returns the new offset, and its maximum error
 */
export function nextEstimate(estimate: ClockSample, seen: ClockSample): ClockSample {
  const distance = Math.abs(seen.offset - estimate.offset);
  if (distance > seen.error) return seen;
  return { offset: estimate.offset, error: distance + seen.error };
}
