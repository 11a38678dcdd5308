// Computes closed queueing networks with exact mean value analysis, and their bounds.

export interface ClosedNetwork {
  /** Service demand in seconds per visit, for each single-server station. */
  demands: readonly number[];
  /** Think time in seconds between two visits, without queueing. */
  thinkSeconds: number;
}

export interface NetworkState {
  /** Visits per second. */
  throughput: number;
  /** Mean seconds in the stations, including queueing. */
  responseSeconds: number;
  /** Mean number at each station. */
  queues: readonly number[];
}

/**
 * Exact mean value analysis, worker by worker:
 *
 *   R_k(n) = D_k·(1 + Q_k(n − 1))    X(n) = n / (Z + Σ R_k(n))    Q_k(n) = X(n)·R_k(n)
 *
 * (Reiser and Lavenberg 1980; Lazowska, Zahorjan, Graham and Sevcik, Quantitative System Performance, 1984, algorithm 6.2).
 *
 * @param workers whole number, 0 or more
 */
export function meanValueAnalysis({ demands, thinkSeconds }: ClosedNetwork, workers: number): NetworkState {
  let state: NetworkState = { throughput: 0, responseSeconds: sum(demands), queues: demands.map(() => 0) };
  for (let n = 1; n <= workers; n += 1) {
    const { queues } = state;
    const residence = demands.map((demand, k) => demand * (1 + (queues[k] as number)));
    const responseSeconds = sum(residence);
    const throughput = n / (thinkSeconds + responseSeconds);
    state = { throughput, responseSeconds, queues: residence.map((seconds) => throughput * seconds) };
  }
  return state;
}

/** @returns the upper bound of throughput of a closed network: min(N / (ΣD + Z), 1 / D_max) (the same, 5.2) */
export function throughputBound({ demands, thinkSeconds }: ClosedNetwork, workers: number): number {
  return Math.min(workers / (sum(demands) + thinkSeconds), 1 / Math.max(...demands));
}

/** @returns the lower bound of the response time: max(ΣD, N·D_max − Z) (the same, 5.2) */
export function responseBound({ demands, thinkSeconds }: ClosedNetwork, workers: number): number {
  return Math.max(sum(demands), workers * Math.max(...demands) - thinkSeconds);
}

/** @returns the number of workers above which queueing is certain: N* = (ΣD + Z) / D_max */
export function saturationPoint({ demands, thinkSeconds }: ClosedNetwork): number {
  return (sum(demands) + thinkSeconds) / Math.max(...demands);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
