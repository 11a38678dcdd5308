// Assesses CPU: busy cores (all but idle and iowait) against all cores; iowait and load average are symptoms.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { nodeText, percentText } from '../../../../core/text/quantity-text.ts';
import type { ObservedStep, ResourceModel } from './model.ts';
import { useOf } from './use.ts';

/** Share of the cores in iowait or steal from which a finding is made. */
const noteworthyShare = 0.05;

export const cpu = {
  resource: 'cpu',
  requires: 'times of every core by mode',
  kind: 'cpu',

  assess(steps, { node, host }, { hottestCore }) {
    const cores = host.inventory?.cores ?? host.intervals.find((interval) => interval.cpu)?.cpu?.cores;
    const uses = steps.map((step) => useOf(step, (interval) => interval.cpu?.busyCores));
    if (cores === undefined || uses.every((use) => use === undefined)) {
      return {
        kind: 'unknown',
        finding: {
          severity: 'warning',
          code: 'cpu-unknown',
          message: `The CPU of ${nodeText(node)} is not judged: ${host.host} gave no times of its cores. It may bind before what is named.`,
          evidence: [],
        },
      };
    }
    const findings: Finding[] = [];
    const source = `${host.readBy?.cpu ?? '/proc/stat'} of ${host.host}`;
    const worst = (value: Parameters<typeof useOf>[1], pick: 'mean' | 'p99') =>
      Math.max(...steps.map((step) => useOf(step, value)?.[pick] ?? 0));
    const hottest = worst((interval) => interval.cpu?.hottestCore, 'mean');
    if (hottest > hottestCore.value) {
      findings.push({
        severity: 'warning',
        code: 'hottest-core',
        message: `One core of ${nodeText(node)} was ${percentText(hottest)} busy in the mean of a step, of ${cores} cores: one thread or interrupt queue may be the limit before the cores together are.`,
        evidence: [
          {
            name: 'hottest core',
            value: hottest,
            unit: 'ratio',
            source: `${source}, mean of the highest step`,
          },
          { name: 'limit', value: hottestCore.value, unit: 'ratio', source: hottestCore.source },
        ],
      });
    }
    findings.push(...iowaitFinding(steps, node, cores, source));
    const steal = worst((interval) => interval.cpu?.stealCores, 'mean') / cores;
    if (steal > noteworthyShare) {
      findings.push({
        severity: 'warning',
        code: 'steal',
        message: `The hypervisor took up to ${percentText(steal)} of the time of ${host.host}; it counts as busy, and another hour may give another limit.`,
        evidence: [{ name: 'steal', value: steal, unit: 'ratio', source }],
      });
    }
    return {
      kind: 'measured',
      capacity: {
        value: cores,
        unit: 'cores',
        source: `cores of ${host.host}${host.inventory?.cpuModel ? `, ${host.inventory.cpuModel}` : ''}`,
      },
      uses,
      findings,
    };
  },
} satisfies ResourceModel;

/** Evidence only beside what a disk did at the same time: the same share of iowait is nothing on one machine and a full disk on another. */
function iowaitFinding(steps: readonly ObservedStep[], node: string, cores: number, source: string): Finding[] {
  const waits = steps.map((step) => ({
    share: (useOf(step, (interval) => interval.cpu?.iowaitCores)?.mean ?? 0) / cores,
    busy: useOf(step, ({ disks }) => most(disks?.map(({ busy }) => busy)))?.mean,
    wait: useOf(step, ({ disks }) => most(disks?.flatMap(({ awaitSeconds }) => awaitSeconds ?? [])))?.mean,
  }));
  const worst = waits.toSorted((a, b) => b.share - a.share)[0];
  if (worst === undefined || worst.share <= noteworthyShare) return [];
  const { share, busy, wait } = worst;
  const beside =
    busy === undefined
      ? 'No disk metrics are available, so the disk is unknown'
      : `Its busiest disk worked ${percentText(busy)} of that time`;
  return [
    {
      severity: 'info',
      code: 'iowait',
      message: `${nodeText(node)} spent up to ${percentText(share)} of its time idle while a disk worked. That is a symptom: it is no utilisation of CPU or disk, and no limit is made of it. ${beside}.`,
      evidence: [
        { name: 'iowait', value: share, unit: 'ratio', source },
        ...(busy === undefined ? [] : [{ name: 'disk busy', value: busy, unit: 'ratio', source: 'the same step' }]),
        ...(wait === undefined ? [] : [{ name: 'disk await', value: wait, unit: 's', source: 'the same step' }]),
      ],
    },
  ];
}

function most(values: readonly number[] | undefined): number | undefined {
  return values === undefined || values.length === 0 ? undefined : Math.max(...values);
}
