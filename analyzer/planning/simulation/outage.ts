// Converts scenarios to outages of machines and slow groups over time.

import type { ScenarioName } from '../../../core/documents/simulation.ts';
import { AppError } from '../../../core/errors.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

interface Outage {
  machine: number;
  from: number;
  until: number;
  /** Clean stop: leaders move to other brokers first. */
  isOrderly: boolean;
}

interface Slowness {
  stream: number;
  group: number;
  from: number;
  until: number;
  /** Messages per second that it consumes during that time. */
  mostPerSecond: number;
}

export interface Disturbances {
  outages: readonly Outage[];
  slow: readonly Slowness[];
}

export interface ScenarioTimes {
  /** Seconds after midnight. */
  at: number;
  /** Duration of an outage or of a slow group; in a rolling restart: of each broker. */
  lasts: number;
  /** Share of the current load that a slow group consumes. */
  slowShare: number;
}

/** Pause between two restarts, so that the first broker has caught up. */
const betweenRestarts = 300;

/** Duration of a rolling restart of this many machines. */
export const restartSeconds = (machines: number, lasts: number): number => machines * (lasts + betweenRestarts);

/** @throws AppError usage for a zone that does not exist */
export function disturbancesOf(name: ScenarioName, cluster: SimulatedCluster, times: ScenarioTimes): Disturbances {
  const { at, lasts } = times;
  const until = at + lasts;
  const away = (machines: readonly number[]): Disturbances => ({
    outages: machines.map((machine) => ({ machine, from: at, until, isOrderly: false })),
    slow: [],
  });
  switch (name) {
    case 'calm':
      return away([]);
    case 'broker-lost':
      return away(firstToLose(cluster));
    case 'zone-lost':
      return away(inZoneOf(cluster, cluster.sets[0]?.copies[0] ?? 0));
    case 'rolling-restart':
      return { outages: restarts(cluster, at, lasts), slow: [] };
    case 'slow-group':
      return { outages: [], slow: slowFirst(cluster, times) };
  }
}

/** As many as the plan survives: leaders of different sets, then those that follow in their order. */
function firstToLose({ sets, lostBrokers = 1 }: SimulatedCluster): number[] {
  const ranks = Array.from({ length: Math.max(...sets.map(({ copies }) => copies.length)) }, (_, rank) => rank);
  const inOrder = ranks.flatMap((rank) => sets.flatMap(({ copies }) => copies[rank] ?? []));
  return [...new Set(inOrder)].slice(0, lostBrokers);
}

function inZoneOf({ name, machines }: SimulatedCluster, machine: number): number[] {
  const zone = machines[machine]?.zone;
  if (zone === undefined) {
    throw new AppError('usage', `cluster ${name} is in one zone, and its loss is the loss of the cluster`, {
      hint: 'omit --scenario zone-lost, or plan with zones',
    });
  }
  return machines.flatMap((each, index) => (each.zone === zone ? [index] : []));
}

function restarts({ machines }: SimulatedCluster, at: number, lasts: number): Outage[] {
  return machines.map((_, machine) => {
    const from = at + restartSeconds(machine, lasts);
    return { machine, from, until: from + lasts, isOrderly: true };
  });
}

/** The first group of the busiest stream. */
function slowFirst({ streams }: SimulatedCluster, { at, lasts, slowShare }: ScenarioTimes): Slowness[] {
  const minute = Math.floor(at / 60);
  const busiest = streams
    .map(({ rates, groups }, stream) => ({ stream, rate: groups.length === 0 ? -1 : (rates[minute] ?? 0) }))
    .toSorted((a, b) => b.rate - a.rate)[0];
  if (busiest === undefined || busiest.rate < 0) return [];
  const { stream, rate } = busiest;
  return [{ stream, group: 0, from: at, until: at + lasts, mostPerSecond: slowShare * rate }];
}
