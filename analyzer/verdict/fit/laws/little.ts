// Computes the number of requests in flight by Little's law.

/** L = λ·W (Little 1961). @returns messages, or workers, under way */
export function requestsInFlight(ratePerSecond: number, seconds: number): number {
  return ratePerSecond * seconds;
}
