// Computes the number of requests in flight by Little's law.

/** L = λ·W (Little 1961). @returns messages, or workers, under way */
export function requestsInFlight(ratePerSecond: number, seconds: number): number {
  return ratePerSecond * seconds;
}

/**
 * How far a closed loop is from Little's law: rate × latency over its workers, less one.
 *
 * @returns 0 where they agree; below it some workers were not waiting for a response, above it a figure counts more
 * than they did
 */
export function littleGap({ workers, rate, latencySeconds }: ClosedLoop): number {
  return requestsInFlight(rate, latencySeconds) / workers - 1;
}

export interface ClosedLoop {
  workers: number;
  /** Answers per second. */
  rate: number;
  /** Mean, from sent to answered. */
  latencySeconds: number;
}
