// Computes the average rate that the disks of all brokers can store for the retention time; short bursts may exceed it.

import type { Analysis, Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { MeasuredStep } from '../../steps/measured-step.ts';
import type { Surroundings } from '../resource-use.ts';
import { leastShareOfBusiest } from './data-disks.ts';
import type { NodeSeries, ObservedStep } from './model.ts';
import { useOf, wholeWithin } from './use.ts';
import { tellsOfDisk } from './write-back.ts';

interface Keeping {
  /** Retention time of messages: log.retention, or RocketMQ's fileReservedTime. */
  retentionSeconds: number;
  /** Allowed used share of the disk. */
  share: number;
}

/** @returns no retention if none is configured, or no disk with a known size was written to; a finding if it omits brokers */
export function retentionOf(
  steps: readonly MeasuredStep[],
  { brokers }: Surroundings,
  { retentionSeconds, limits }: Policy,
): { retention: Analysis['retention']; findings: Finding[] } {
  if (retentionSeconds === undefined) return { retention: undefined, findings: [] };
  const seconds = retentionSeconds.value;
  const keeping = { retentionSeconds: seconds, share: limits['disk-space'].value };
  const ceilings = brokers.flatMap((series) => {
    const observed = steps.map((step) => ({ step, intervals: wholeWithin(series.host.intervals, step.window) }));
    return retentionCeilings(observed, series, keeping);
  });
  const [first] = ceilings.toSorted((a, b) => a.tps - b.tps);
  const nodes = brokers
    .filter(
      ({ host: { inventory } }) => first === undefined || !inventory?.disks?.some(({ sizeBytes = 0 }) => sizeBytes > 0),
    )
    // Other sources and files do not contain disk sizes.
    .filter(
      ({ host: { inventory, readBy } }) => first !== undefined || (inventory !== undefined && readBy === undefined),
    )
    .map(({ node }) => node);
  return {
    retention: first && { tps: first.tps, retentionSeconds: seconds, limitedBy: first.limitedBy },
    findings: nodes.length === 0 ? [] : [findingOf('retention-unknown', { nodes, retentionSeconds: seconds })],
  };
}

/** days = D·θ / (bytes per day), solved for the rate: X = D·θ / (bytes per message · retention). @returns messages per second */
export function retentionTps(
  { diskBytes, bytesPerMessage }: { diskBytes: number; bytesPerMessage: number },
  keeping: Keeping,
) {
  return (diskBytes * keeping.share) / (bytesPerMessage * keeping.retentionSeconds);
}

/**
 * Uses only steps that show the disk, since before that the page cache delays writes.
 *
 * @returns each disk of the node with a known size that is no member of another and stores messages; the tightest
 * first. `tps`: messages per second of the cluster, on average over the retention. `bytesPerMessage`: written to the
 * disk per message of the cluster
 */
export function retentionCeilings(steps: readonly ObservedStep[], series: NodeSeries, keeping: Keeping) {
  const telling = steps.filter((step) => step.step.tps > 0 && tellsOfDisk(step, series));
  const stores = (series.host.inventory?.disks ?? []).filter(({ isMember }) => isMember !== true);
  const ceilings = stores.flatMap(({ device, sizeBytes }) => {
    const costs = telling.flatMap((step) => {
      const use = useOf(step, ({ disks }) => disks?.find((each) => each.device === device)?.writtenBytesPerSecond);
      return use && use.mean > 0 ? [{ written: use.mean, tps: step.step.tps }] : [];
    });
    if (sizeBytes === undefined || sizeBytes === 0 || costs.length === 0) return [];
    const sum = (pick: (cost: (typeof costs)[number]) => number) =>
      costs.reduce((total, cost) => total + pick(cost), 0);
    const bytesPerMessage = sum(({ written }) => written) / sum(({ tps }) => tps);
    const disk = { diskBytes: sizeBytes, bytesPerMessage };
    const limitedBy = { resource: 'disk-space', node: series.node } as const;
    return [{ ...disk, tps: retentionTps(disk, keeping), limitedBy }];
  });
  const most = Math.max(...ceilings.map(({ bytesPerMessage }) => bytesPerMessage));
  return ceilings
    .filter(({ bytesPerMessage }) => bytesPerMessage >= leastShareOfBusiest * most)
    .toSorted((a, b) => a.tps - b.tps);
}
