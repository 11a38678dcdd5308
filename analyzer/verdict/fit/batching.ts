// Predicts the number of requests for messages at an untested rate.

/** Requests per second as a function of messages per second: linear between the steps, and a straight line beyond the last. */
export interface Batching {
  /** Rates of the steps, ascending, and the requests at each rate; both start at 0. */
  rates: Float64Array;
  requests: Float64Array;
  /** Further requests per further message beyond the last rate. */
  perMessageBeyond: number;
}

/**
 * Caps messages per request at the largest observed value. Conservative: if batches grew further, a message would
 * cost less than predicted.
 */
export function batchingOf(points: readonly { x: number; requests: number }[]): Batching {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const largest = Math.max(...sorted.map(({ x, requests }) => (requests > 0 ? x / requests : 0)));
  return {
    rates: Float64Array.from([0, ...sorted.map(({ x }) => x)]),
    requests: Float64Array.from([0, ...sorted.map(({ requests }) => requests)]),
    perMessageBeyond: 1 / largest,
  };
}

export function requestsAt({ rates, requests, perMessageBeyond }: Batching, x: number): number {
  const last = rates.length - 1;
  if (x >= (rates[last] as number))
    return (requests[last] as number) + (x - (rates[last] as number)) * perMessageBeyond;
  let above = 1;
  while ((rates[above] as number) < x) above += 1;
  const [left, right] = [rates[above - 1] as number, rates[above] as number];
  const [low, high] = [requests[above - 1] as number, requests[above] as number];
  return right > left ? low + ((high - low) * (x - left)) / (right - left) : high;
}
