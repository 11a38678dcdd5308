// Combines CloudWatch metrics that share a target: use of a volume, memory of a broker, lag of a group over its topics.

import type { VolumeLimits } from './config.ts';
import type { ItemValue } from './item-figures.ts';

type Values = readonly ItemValue[];
/** The values of one target by part, in time order. */
export type Parts = ReadonlyMap<string, Values>;

/**
 * With a provisioned limit, the busy share is the use of that limit, since a volume serves many operations in parallel
 * and is busy long before it is saturated. Without a limit, it is the share of time with operations, the only figure in
 * CloudWatch.
 */
export function diskBusy(parts: Parts, { iops, throughput }: VolumeLimits): Values {
  const [reads, writes] = [parts.get('readOps'), parts.get('writeOps')];
  const [readBytes, writtenBytes] = [parts.get('readBytes'), parts.get('diskWriteBytes')];
  const byOperations = iops === undefined ? [] : combined([reads, writes], ([a, b]) => (a + b) / iops);
  const byBytes = throughput === undefined ? [] : combined([readBytes, writtenBytes], ([a, b]) => (a + b) / throughput);
  if (iops !== undefined && throughput !== undefined) {
    return combined([byOperations, byBytes], ([a, b]) => Math.min(1, Math.max(a, b)));
  }
  if (iops !== undefined || throughput !== undefined) {
    return [...byOperations, ...byBytes].map(({ clock, value }) => ({ clock, value: Math.min(1, value) }));
  }
  return combined([parts.get('idleSeconds')], ([idle]) => Math.min(1, Math.max(0, 1 - idle)));
}

/** Mean seconds per write; absent if nothing was written. */
export const writeAwait = (parts: Parts): Values =>
  combined([parts.get('writeSeconds'), parts.get('writeOps')], ([spent, writes]) =>
    writes > 0 ? spent / writes : Number.NaN,
  ).filter(({ value }) => !Number.isNaN(value));

export const memoryTotal = (parts: Parts): Values =>
  combined(
    ['memoryUsedBytes', 'memoryFree', 'memoryBuffered', 'memoryCached'].map((part) => parts.get(part)),
    (all) => all.reduce((sum, value) => sum + value, 0),
  );

/** Only for times at which every part has a value, because a sum without one part would be too low. */
export function combined(
  parts: readonly (Values | undefined)[],
  of: (values: [number, number, ...number[]]) => number,
): ItemValue[] {
  const [first, ...others] = parts;
  if (first === undefined || others.some((each) => each === undefined)) return [];
  const rest = others.map((each) => new Map(each?.map(({ clock, value }) => [clock, value])));
  return first.flatMap(({ clock, value }) => {
    const found = rest.map((each) => each.get(clock));
    if (found.some((each) => each === undefined)) return [];
    return [{ clock, value: of([value, ...(found as number[])] as [number, number, ...number[]]) }];
  });
}
