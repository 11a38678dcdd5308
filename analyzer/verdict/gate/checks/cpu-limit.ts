// Compares the cores of each broker's host with those that the broker's cgroup or CPU affinity allows.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { HostSeries } from '../../../evidence/load-test-run.ts';
import { highestSustained } from '../../limits/ceilings.ts';
import { wholeWithin } from '../../limits/resources/use.ts';
import { mean, quantile } from '../../../../core/statistics/statistics.ts';
import { bounded, warned, type Check, type GateContext, type Inconsistency } from '../check.ts';

export const cpuLimit: Check = (context) => {
  const { environment, settings } = context.run.document;
  return environment.brokers.flatMap(({ id, host }): Inconsistency[] => {
    const { cpuLimitCores = Infinity, allowedCpus = Infinity } = settings?.jvms[id] ?? {};
    const limitCores = Math.min(cpuLimitCores, allowedCpus);
    const series = host === undefined ? undefined : context.run.hosts.get(host);
    const hostCores = series && coresOf(series);
    if (hostCores === undefined || limitCores >= hostCores) return [];
    const isFar = series !== undefined && liesBeyond(series, limitCores, context);
    const facts = { node: id, limitCores, hostCores, ...(isFar && { isFar: true as const }) };
    const finding = findingOf('cpu-limit-below-cores', facts);
    return [isFar ? warned(finding) : bounded(finding)];
  });
};

function coresOf({ inventory, intervals }: HostSeries): number | undefined {
  const read = intervals.flatMap(({ cpu }) => cpu?.cores ?? []);
  return read.length > 0 ? quantile(read, 0.5) : inventory?.cores;
}

/**
 * Returns whether the policy is met with the limit as capacity, even if the broker uses all busy cores, for any
 * predictable rate.
 */
function liesBeyond({ intervals }: HostSeries, limitCores: number, { steps, policy }: GateContext): boolean {
  const highest = highestSustained(steps);
  if (highest === undefined) return false;
  const busy = wholeWithin(intervals, highest.step.window).flatMap(({ cpu }) => cpu?.busyCores ?? []);
  if (busy.length === 0) return false;
  const { network, cpu, disk } = policy.extrapolation;
  const furthest = Math.max(network.value, cpu.value, disk.value);
  return mean(busy) * furthest <= policy.limits.cpu.value * limitCores;
}
