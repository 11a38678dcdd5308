// What is read for the rates? Snapshots some time apart, with the sizes of logs where bytes are told by them.

import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Machines } from './machines.ts';
import type { Reading } from './rates.ts';

export interface ReadingSource {
  inspector: ClusterInspector;
  lookup: ClusterLookup;
  /** Where nobody looks at them there are none. */
  machines?: Machines;
  clock: Clock;
}

/** @returns the reading, and why sizes are not in it when the broker refused them */
export async function takeReading(
  { inspector, lookup, machines, clock }: ReadingSource,
  io: Io,
): Promise<{ reading: Reading; notices: string[] }> {
  const notices: string[] = [];
  const [snapshot, sizes, sampled] = await Promise.all([
    inspector.snapshot(io),
    lookup.topicSizes(io).catch((cause: unknown) => {
      io.signal.throwIfAborted();
      if (!(cause instanceof AppError)) throw cause;
      notices.push(`bytes by topic: ${cause.message}`);
      return undefined;
    }),
    machines?.sample(io),
  ]);
  const reading = {
    atSeconds: clock.monotonic(),
    snapshot,
    ...(sizes?.kind === 'told' && { sizes: sizes.value }),
    ...(sampled && { machines: sampled.samples }),
  };
  return { reading, notices: [...notices, ...(sampled?.notices ?? [])] };
}
