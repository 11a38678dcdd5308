// Computes throughput from concurrency by the Universal Scalability Law, and its inverse.

/**
 * Throughput of N workers, with Amdahl's law (κ = 0) and linear growth (σ = κ = 0) as special cases:
 *
 *   X(N) = λ·N / (1 + σ·(N − 1) + κ·N·(N − 1))          (Gunther, Guerrilla Capacity Planning, 2007, eq. 4.31)
 *
 * and by Little's law the mean latency R(N) = N / X(N).
 */
export interface ScalingLaw {
  /** Throughput of one worker, per second. */
  lambda: number;
  /** Contention: share of the work that only one worker can do at a time. */
  sigma: number;
  /** Crosstalk: cost of coordination per pair of workers, which makes throughput fall. */
  kappa: number;
}

export function throughputAt(law: ScalingLaw, concurrency: number): number {
  return (law.lambda * concurrency) / costOf(law, concurrency);
}

/** @returns seconds, since throughput is per second */
export function latencyAt(law: ScalingLaw, concurrency: number): number {
  return costOf(law, concurrency) / law.lambda;
}

function costOf({ sigma, kappa }: ScalingLaw, n: number): number {
  return 1 + sigma * (n - 1) + kappa * n * (n - 1);
}

/**
 * Solves dX/dN = 0: N = √((1 − σ) / κ), at least one worker.
 *
 * @returns undefined if throughput never falls
 */
export function peakOf(law: ScalingLaw): { concurrency: number; throughput: number } | undefined {
  if (!(law.kappa > 0)) return undefined;
  const concurrency = Math.max(1, Math.sqrt(Math.max(0, 1 - law.sigma) / law.kappa));
  return { concurrency, throughput: throughputAt(law, concurrency) };
}

/**
 * The least concurrency with a throughput X: the smaller root of
 *
 *   κ·X·N² + (X·(σ − κ) − λ)·N + X·(1 − σ) = 0
 *
 * If κ is omitted, as in some libraries, the result is far too low, because crosstalk also slows workers below the
 * peak.
 *
 * @returns undefined if the law never reaches it
 */
export function concurrencyAtThroughput({ lambda, sigma, kappa }: ScalingLaw, throughput: number): number | undefined {
  return leastPositiveRoot(kappa * throughput, throughput * (sigma - kappa) - lambda, throughput * (1 - sigma));
}

/**
 * The concurrency at which the mean latency is R seconds: κ·N² + (σ − κ)·N + 1 − σ − λ·R = 0, which rises from N = 1.
 *
 * @returns undefined if the latency of one worker is already higher, or if latency does not grow
 */
export function concurrencyAtLatency(law: ScalingLaw, seconds: number): number | undefined {
  const { lambda, sigma, kappa } = law;
  const rest = 1 - sigma - lambda * seconds;
  const root =
    kappa > 0
      ? // This form avoids the difference of nearly equal numbers, because κ may be a millionth of σ.
        greaterRoot(kappa, sigma - kappa, rest)
      : sigma > 0
        ? -rest / sigma
        : undefined;
  // The law is invalid below one worker; the tolerance is for rounding.
  return root !== undefined && root >= 1 - 1e-9 ? root : undefined;
}

function greaterRoot(a: number, b: number, c: number): number | undefined {
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0) return undefined;
  const root = Math.sqrt(discriminant);
  return b > 0 ? (-2 * c) / (b + root) : (root - b) / (2 * a);
}

function leastPositiveRoot(a: number, b: number, c: number): number | undefined {
  if (a === 0) {
    const root = b < 0 ? -c / b : undefined;
    return root !== undefined && root >= 0 ? root : undefined;
  }
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0 || b >= 0) return undefined;
  const root = (2 * c) / (Math.sqrt(discriminant) - b);
  return root >= 0 ? root : undefined;
}
