// Computes waiting in M/M/c queues with Erlang's C formula.

import jstat from 'jstat';

const { jStat } = jstat;

/**
 * Erlang's C formula: the share of arrivals that find all servers busy.
 *
 * Computed from Erlang's B, whose recursion B(k) = a·B(k − 1) / (k + a·B(k − 1)) keeps its precision for any number of servers, and
 * C = B / (1 − ρ·(1 − B)) with ρ = a / c (Cooper, Introduction to Queueing Theory, 2nd ed., 3.3 and 3.4).
 *
 * @param load in servers: arrivals per second × seconds of service each
 * @returns 1 if the load is at least the number of servers
 */
export function waitingProbability(servers: number, load: number): number {
  if (load >= servers) return 1;
  let blocking = 1;
  for (let k = 1; k <= servers; k += 1) blocking = (load * blocking) / (k + load * blocking);
  return blocking / (1 - (load / servers) * (1 - blocking));
}

/** @returns the utilisation at which `probability` of the arrivals wait, which rises with the number of servers. To 12 digits. */
export function utilisationAtWait(servers: number, probability: number): number {
  let [below, above] = [0, 1];
  for (let round = 0; round < 60 && above - below > 1e-13; round += 1) {
    const middle = (below + above) / 2;
    if (waitingProbability(servers, middle * servers) <= probability) below = middle;
    else above = middle;
  }
  return below;
}

/** Approximates the same at a probability of about 0.3 in closed form: 1 − 0.712 / c^0.448 (Netflix, service-capacity-modeling). */
export function roughUtilisationAtWait(servers: number): number {
  return 1 - 0.712 / servers ** 0.448;
}

/** @returns mean seconds in an M/M/c queue, waiting and service; infinite if the servers are saturated */
export function responseSeconds({ servers, arrivalsPerSecond, serviceSeconds }: Station): number {
  const load = arrivalsPerSecond * serviceSeconds;
  if (load >= servers) return Number.POSITIVE_INFINITY;
  return serviceSeconds + (waitingProbability(servers, load) * serviceSeconds) / (servers - load);
}

export interface Station {
  servers: number;
  arrivalsPerSecond: number;
  serviceSeconds: number;
}

/**
 * Square-root staffing: c = a + Q·√a servers for a load of a (Halfin and Whitt 1981), with the Q at which the chance to wait,
 * 1 / (1 + Q·Φ(Q) / φ(Q)), equals `probability`.
 *
 * @returns servers, not rounded
 */
export function squareRootStaffing(load: number, probability: number): number {
  return load + qualityOfService(probability) * Math.sqrt(load);
}

/** @returns the Q of square-root staffing, for the chance to wait */
export function qualityOfService(probability: number): number {
  let [below, above] = [0, 40];
  for (let round = 0; round < 80; round += 1) {
    const middle = (below + above) / 2;
    if (halfinWhitt(middle) >= probability) below = middle;
    else above = middle;
  }
  return below;
}

function halfinWhitt(q: number): number {
  const density = Math.exp((-q * q) / 2) / Math.sqrt(2 * Math.PI);
  return density === 0 ? 0 : 1 / (1 + (q * normalShareBelow(q)) / density);
}

function normalShareBelow(z: number): number {
  return jStat.normal.cdf(z, 0, 1);
}
