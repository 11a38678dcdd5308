// Computes the average rate that the disks can store for the retention time; short bursts may exceed it.

import type { Limit } from '../../../../core/documents/analysis.ts';
import { leastShareOfBusiest } from './data-disks.ts';
import type { NodeSeries, ObservedStep } from './model.ts';
import { useOf } from './use.ts';
import { tellsOfDisk } from './write-back.ts';

export interface RetentionCeiling {
  /** Messages per second of the cluster, on average over the retention. */
  tps: number;
  limitedBy: Extract<Limit, { resource: unknown }>;
  /** Of the disk that fills first. */
  diskBytes: number;
  /** Written to it per message of the cluster. */
  bytesPerMessage: number;
}

export interface Keeping {
  /** How long messages are kept: log.retention, or RocketMQ's fileReservedTime. */
  retentionSeconds: number;
  /** Share of the disk that may be full. */
  share: number;
}

/** days = D·θ / (bytes per day), solved for the rate: X = D·θ / (bytes per message · retention). @returns messages per second */
export function retentionTps(
  { diskBytes, bytesPerMessage }: { diskBytes: number; bytesPerMessage: number },
  keeping: Keeping,
) {
  return (diskBytes * keeping.share) / (bytesPerMessage * keeping.retentionSeconds);
}

/**
 * Of the steps that show the disk, since before that the page cache holds back writes.
 *
 * @returns for each disk of the node that has a size, is no member of another and stores messages; the tightest first
 */
export function retentionCeilings(
  steps: readonly ObservedStep[],
  series: NodeSeries,
  keeping: Keeping,
): RetentionCeiling[] {
  const telling = steps.filter((step) => step.step.tps > 0 && tellsOfDisk(step, series));
  const stores = (series.host.inventory?.disks ?? []).filter(({ isMember }) => isMember !== true);
  const ceilings = stores.flatMap(({ device, sizeBytes }): RetentionCeiling[] => {
    const costs = telling.flatMap((step) => {
      const use = useOf(step, ({ disks }) => disks?.find((each) => each.device === device)?.writtenBytesPerSecond);
      return use && use.mean > 0 ? [{ written: use.mean, tps: step.step.tps }] : [];
    });
    if (sizeBytes === undefined || sizeBytes === 0 || costs.length === 0) return [];
    const sum = (pick: (cost: (typeof costs)[number]) => number) =>
      costs.reduce((total, cost) => total + pick(cost), 0);
    const bytesPerMessage = sum(({ written }) => written) / sum(({ tps }) => tps);
    const disk = { diskBytes: sizeBytes, bytesPerMessage };
    return [{ ...disk, tps: retentionTps(disk, keeping), limitedBy: { resource: 'disk-space', node: series.node } }];
  });
  const most = Math.max(...ceilings.map(({ bytesPerMessage }) => bytesPerMessage));
  return ceilings
    .filter(({ bytesPerMessage }) => bytesPerMessage >= leastShareOfBusiest * most)
    .toSorted((a, b) => a.tps - b.tps);
}
