// Computes the average rate that the disks of all brokers can store for the retention time; short bursts may exceed it.

import type { Analysis, Finding } from '../../../../core/documents/analysis.ts';
import type { OmittedWrites } from '../../../../core/documents/findings/disk-findings.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { HostSeries, RunDescription } from '../../../evidence/load-test-run.ts';
import type { BytesOnDisk } from '../../placement/bytes-on-disk.ts';
import type { MeasuredStep } from '../../steps/measured-step.ts';
import type { Surroundings } from '../resource-use.ts';
import { leastShareOfBusiest } from './data-disks.ts';
import type { NodeSeries, ObservedStep } from './model.ts';
import { useOf, wholeWithin } from './use.ts';
import { isWrittenBack, tellsOfDisk } from './write-back.ts';

interface Keeping {
  /** Retention time of messages: log.retention, or RocketMQ's fileReservedTime. */
  retentionSeconds: number;
  /** Allowed used share of the disk. */
  share: number;
}

/** @returns no retention if none is configured, or no disk has a figure; findings if it omits brokers */
export function retentionOf(
  steps: readonly MeasuredStep[],
  { brokers, hostless }: Surroundings,
  { retentionSeconds, limits }: Policy,
  { stores = [], ...stored }: BytesOnDisk & Pick<RunDescription, 'stores'>,
): { retention: Analysis['retention']; findings: Finding[] } {
  if (retentionSeconds === undefined) return { retention: undefined, findings: [] };
  const seconds = retentionSeconds.value;
  const unknownOf = (unknown: 'size' | OmittedWrites, series: readonly { node: string }[]) =>
    series.length === 0
      ? []
      : [findingOf('retention-unknown', { unknown, nodes: series.map(({ node }) => node), retentionSeconds: seconds })];
  // Its rates are those of one broker.
  if (stored.unknown === 'redline')
    return { retention: undefined, findings: unknownOf('redline', [...brokers, ...hostless]) };
  const keeping = { retentionSeconds: seconds, share: limits['disk-space'].value };
  const limited = brokers.map((series) => {
    const observed = steps.map((step) => ({ step, intervals: wholeWithin(series.host.intervals, step.window) }));
    return { series, ceilings: retentionCeilings(observed, series, keeping, stored.of(series)) };
  });
  const [first] = limited.flatMap(({ ceilings }) => ceilings).toSorted((a, b) => a.tps - b.tps);
  const left = stores.flatMap(({ broker: node, usableBytes, usedBytes }) => {
    const usedRatio = usedBytes / usableBytes;
    const [tightest] = limited.find(({ series }) => series.node === node)?.ceilings ?? [];
    return tightest ? [{ tps: tightest.tps * Math.max(0, 1 - usedRatio / keeping.share), node, usedRatio }] : [];
  });
  const [free] = left.toSorted((a, b) => a.tps - b.tps);
  const open = limited.filter(({ ceilings }) => ceilings.length === 0).map(({ series }) => series);
  const isSized = ({ host }: NodeSeries) => storesOf(host).length > 0;
  const findings = [
    ...unknownOf('size', [...open.filter((series) => !isSized(series)), ...hostless]),
    ...unknownOf(
      stored.unknown,
      // A broker that stores none of the messages needs no disk.
      open.filter((series) => isSized(series) && stored.of(series) !== 0),
    ),
  ];
  if (first === undefined) return { retention: undefined, findings };
  const { tps, limitedBy, basis } = first;
  return { retention: { tps, retentionSeconds: seconds, limitedBy, basis, ...(free && { free }) }, findings };
}

/** days = D·θ / (bytes per day), solved for the rate: X = D·θ / (bytes per message · retention). @returns messages per second */
export function retentionTps(
  { diskBytes, bytesPerMessage }: { diskBytes: number; bytesPerMessage: number },
  keeping: Keeping,
) {
  return (diskBytes * keeping.share) / (bytesPerMessage * keeping.retentionSeconds);
}

/** Disks with a known size that are no member of another. */
const storesOf = ({ inventory }: HostSeries) =>
  (inventory?.disks ?? []).flatMap(({ device, sizeBytes: diskBytes = 0, isMember }) =>
    diskBytes > 0 && isMember !== true ? [{ device, diskBytes }] : [],
  );

/**
 * Uses only steps that show the disk, since before that the page cache delays writes; without such steps, the estimate.
 *
 * @param estimated bytes that a message stores on the disks of the node, from its size
 * @returns each disk that stores messages; the tightest first. `tps`: messages per second of the cluster, on average
 * over the retention. `bytesPerMessage`: written to the disk per message of the cluster
 */
export function retentionCeilings(
  steps: readonly ObservedStep[],
  series: NodeSeries,
  keeping: Keeping,
  estimated?: number,
) {
  const telling = steps.filter((step) => step.step.tps > 0 && tellsOfDisk(step, series));
  const stores = storesOf(series.host);
  const written = stores.flatMap(({ device, diskBytes }) => {
    const costs = telling.flatMap((step) => {
      const use = useOf(step, ({ disks }) => disks?.find((each) => each.device === device)?.writtenBytesPerSecond);
      return use && use.mean > 0 ? [{ written: use.mean, tps: step.step.tps }] : [];
    });
    const bytesPerMessage = sumOf(costs.map((each) => each.written)) / sumOf(costs.map(({ tps }) => tps));
    return costs.length === 0 ? [] : [{ diskBytes, bytesPerMessage, basis: 'disk-writes' as const }];
  });
  const most = Math.max(...written.map(({ bytesPerMessage }) => bytesPerMessage));
  const storing = written.filter(({ bytesPerMessage }) => bytesPerMessage >= leastShareOfBusiest * most);
  return (storing.length > 0 ? storing : estimatedDisk(stores, steps, series, estimated))
    .map((disk) => ({
      ...disk,
      tps: retentionTps(disk, keeping),
      limitedBy: { resource: 'disk-space', node: series.node } as const,
    }))
    .toSorted((a, b) => a.tps - b.tps);
}

/** Share of their bytes that must have reached one of several disks for messages to be there. */
const leastShareWritten = 0.5;

/** In short steps, the page cache holds the messages, so of several disks only those of the system and its logs write. */
function estimatedDisk(
  stores: ReturnType<typeof storesOf>,
  steps: readonly ObservedStep[],
  series: NodeSeries,
  bytesPerMessage = 0,
) {
  const [only, other] = stores;
  const disk = other === undefined ? only : onlyWritten(stores, { steps, series, bytesPerMessage });
  return disk === undefined || bytesPerMessage === 0
    ? []
    : [{ diskBytes: disk.diskBytes, bytesPerMessage, basis: 'message-size' as const }];
}

function onlyWritten(
  stores: ReturnType<typeof storesOf>,
  { steps, series, bytesPerMessage }: { steps: readonly ObservedStep[]; series: NodeSeries; bytesPerMessage: number },
) {
  const lasting = steps.filter((step) => isWrittenBack(step, series));
  const stored = bytesPerMessage * sumOf(lasting.map(({ step: { tps, window } }) => tps * (window.to - window.from)));
  const writtenTo = (device: string) =>
    sumOf(
      lasting.flatMap(({ intervals }) =>
        intervals.flatMap(({ from, to, disks = [] }) =>
          disks.flatMap((disk) => (disk.device === device ? [(to - from) * disk.writtenBytesPerSecond] : [])),
        ),
      ),
    );
  const [busiest, next] = stores
    .map((disk) => ({ ...disk, bytes: writtenTo(disk.device) }))
    .toSorted((a, b) => b.bytes - a.bytes);
  if (busiest === undefined || next === undefined || stored === 0) return undefined;
  const isAlone = next.bytes < leastShareOfBusiest * busiest.bytes;
  return isAlone && busiest.bytes >= leastShareWritten * stored ? busiest : undefined;
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
