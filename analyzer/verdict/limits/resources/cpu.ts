// Assesses CPU: busy cores (all but idle and iowait) against all cores; iowait and load average are symptoms.

import { defined } from '../../../../core/defined.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import type { ObservedStep, ResourceModel } from './model.ts';
import { meanUseOf, useOf } from './use.ts';

/** Least share of the cores in iowait or steal for a finding. */
const noteworthyShare = 0.05;

export const cpu = {
  resource: 'cpu',
  requires: 'times of every core by mode',
  kind: 'cpu',

  assess(steps, { node, host }, { hottestCore }) {
    const cores = host.inventory?.cores ?? host.intervals.find((interval) => interval.cpu)?.cpu?.cores;
    const uses = steps.map((step) => useOf(step, (interval) => interval.cpu?.busyCores));
    if (cores === undefined || uses.every((use) => use === undefined)) {
      return { kind: 'unknown', finding: findingOf('cpu-unknown', { basis: 'host', node, host: host.host }) };
    }
    const findings: Finding[] = [];
    const source = `${host.readBy?.cpu ?? '/proc/stat'} of ${host.host}`;
    const worst = (value: Parameters<typeof useOf>[1]) => Math.max(...steps.map((step) => meanUseOf(step, value) ?? 0));
    const hottest = worst((interval) => interval.cpu?.hottestCore);
    if (hottest > hottestCore.value) {
      findings.push(findingOf('hottest-core', { node, cores, share: hottest, limit: hottestCore, source }));
    }
    findings.push(...iowaitFinding(steps, node, cores, source));
    const steal = worst((interval) => interval.cpu?.stealCores) / cores;
    if (steal > noteworthyShare) findings.push(findingOf('steal', { host: host.host, share: steal, source }));
    const model = host.inventory?.cpuModel ? `, ${host.inventory.cpuModel}` : '';
    return {
      kind: 'measured',
      capacity: { value: cores, unit: 'cores', source: `cores of ${host.host}${model}` },
      uses,
      hottestCore: steps.map(oneHottest),
      findings,
    };
  },
} satisfies ResourceModel;

/** Share of the samples. Threads that move between cores make another core the hottest in each, so their mean is too high. */
const sameCore = 0.8;

function oneHottest(step: ObservedStep): number | undefined {
  const indices = step.intervals.flatMap(({ cpu }) => cpu?.hottestIndex ?? []);
  const most = Math.max(
    0,
    ...Map.groupBy(indices, (index) => index)
      .values()
      .map(({ length }) => length),
  );
  return most > 0 && most >= sameCore * step.intervals.length
    ? meanUseOf(step, ({ cpu }) => cpu?.hottestCore)
    : undefined;
}

/** iowait is evidence only with disk metrics of the same time: one share of iowait can mean an idle disk or a full one. */
function iowaitFinding(steps: readonly ObservedStep[], node: string, cores: number, source: string): Finding[] {
  const waits = steps.map((step) => ({
    share: (meanUseOf(step, (interval) => interval.cpu?.iowaitCores) ?? 0) / cores,
    diskBusy: meanUseOf(step, ({ disks = [] }) => largest(disks.map(({ busy }) => busy))),
    diskAwaitSeconds: meanUseOf(step, ({ disks = [] }) =>
      largest(disks.flatMap(({ awaitSeconds }) => awaitSeconds ?? [])),
    ),
  }));
  const worst = waits.toSorted((a, b) => b.share - a.share)[0];
  if (worst === undefined || worst.share <= noteworthyShare) return [];
  return [findingOf('iowait', { node, source, ...defined(worst) })];
}
