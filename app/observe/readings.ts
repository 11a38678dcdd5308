// Takes the readings that rates are computed from: snapshots, with the sizes of logs where brokers report them.

import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import type { ClusterLookup, TopicSizes } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Clock } from '../../core/clock.ts';
import { faultOf } from '../../core/errors.ts';
import type { Machines } from './machines.ts';
import { observeOffsets, type Reading } from './rate-reading.ts';

export interface ReadingSource {
  inspector: ClusterInspector;
  lookup: ClusterLookup;
  /** None where they are not shown. */
  machines?: Machines;
  clock: Clock;
}

/**
 * @param before the reading before: ends and commits that cannot be read now stay as they were known then
 * @returns the reading, and why sizes are not in it when the broker refused them
 */
export async function takeReading(
  { inspector, lookup, machines, clock }: ReadingSource,
  io: Io,
  before?: Reading,
): Promise<{ reading: Reading; notices: string[] }> {
  const notices: string[] = [];
  const [snapshot, sizes, sampled] = await Promise.all([
    inspector.snapshot(io),
    lookup.topicSizes(io).catch((cause: unknown) => {
      notices.push(`bytes by topic: ${faultOf(cause, io).message}`);
      return undefined;
    }),
    machines?.sample(io),
  ]);
  const reading: Reading = {
    atSeconds: clock.monotonic(),
    snapshot,
    ...(sizes?.kind === 'answered' && { sizes: wholeSizes(sizes.value, snapshot) }),
    ...(sampled && { machines: sampled.samples }),
  };
  if (sizes?.kind === 'answered') notices.push(...sizes.value.notices.map((notice) => `bytes by topic: ${notice}`));
  const known = observeOffsets(reading, before?.known);
  return { reading: { ...reading, known }, notices: [...notices, ...(sampled?.notices ?? [])] };
}

/** Leaves out topics with a copy on a silent broker: their bytes and growth are known in part. */
function wholeSizes({ sizes, silent }: TopicSizes, { topics }: Pick<ClusterSnapshot, 'topics'>): TopicSizes['sizes'] {
  if (silent.length === 0) return sizes;
  const inPart = topics.filter(({ partitions }) =>
    partitions.some(({ replicas }) => replicas.some((id) => silent.includes(id))),
  );
  const names = new Set(inPart.map(({ name }) => name));
  return sizes.filter(({ topic }) => !names.has(topic));
}
