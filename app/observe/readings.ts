// Takes the readings for rates: snapshots, with log sizes if brokers report them.

import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import type { ClusterLookup, TopicSizes } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Clock } from '../../core/clock.ts';
import { faultOf } from '../../core/errors.ts';
import type { Machines } from './machines.ts';
import { observeOffsets, type Reading } from './rates.ts';

export interface ReadingSource {
  inspector: ClusterInspector;
  lookup: ClusterLookup;
  /** Absent if they are not shown. */
  machines?: Machines;
  clock: Clock;
}

/**
 * @param before previous reading, which provides ends and commits that cannot be read now
 * @returns the reading, and the reason if the broker refused to report sizes
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

/** Omits topics with a replica on a silent broker, whose bytes and growth are only partly known. */
function wholeSizes({ sizes, silent }: TopicSizes, { topics }: Pick<ClusterSnapshot, 'topics'>): TopicSizes['sizes'] {
  if (silent.length === 0) return sizes;
  const inPart = topics.filter(({ partitions }) =>
    partitions.some(({ replicas }) => replicas.some((id) => silent.includes(id))),
  );
  const names = new Set(inPart.map(({ name }) => name));
  return sizes.filter(({ topic }) => !names.has(topic));
}
