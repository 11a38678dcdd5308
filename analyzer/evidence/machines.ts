// Groups hosts of a run that are the same machine: namespaces and containers have different names but share cores.

import type { HostSeries } from './load-test-run.ts';

/** Largest time between two readings of one kernel. */
const readingsApartSeconds = 2;

/** @returns whether both read the counters of one kernel: the same name, or the same total and idle time since boot */
export function isSameMachine(a: HostSeries, b: HostSeries): boolean {
  if (a.host === b.host) return true;
  const cores = coresOf(a);
  if (!a.cpuOrigin || !b.cpuOrigin || cores === undefined || cores !== coresOf(b)) return false;
  const apart = cores * readingsApartSeconds;
  return (
    Math.abs(a.cpuOrigin.allSeconds - b.cpuOrigin.allSeconds) < apart &&
    Math.abs(a.cpuOrigin.idleSeconds - b.cpuOrigin.idleSeconds) < apart
  );
}

function coresOf(series: HostSeries): number | undefined {
  return series.intervals.find(({ cpu }) => cpu)?.cpu?.cores;
}
