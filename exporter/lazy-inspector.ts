// How is a cluster watched that may be down now and back later? Connected when first read, and anew after a failure.

import type { ClusterInspector, Io } from '../brokers/driver.ts';

/** @param open connects; called for the first reading, and for the next one after a reading failed */
export function inspectLazily(open: (io: Io) => Promise<ClusterInspector>): ClusterInspector {
  let connected: ClusterInspector | undefined;

  async function ask<T>(io: Io, question: (inspector: ClusterInspector) => Promise<T>): Promise<T> {
    const inspector = (connected ??= await open(io));
    try {
      return await question(inspector);
    } catch (cause) {
      if (connected === inspector) connected = undefined;
      await dispose(inspector);
      throw cause;
    }
  }

  return {
    describe: (io) => ask(io, (inspector) => inspector.describe(io)),
    snapshot: (io, wanted) => ask(io, (inspector) => inspector.snapshot(io, wanted)),
    [Symbol.asyncDispose]: async () => connected?.[Symbol.asyncDispose](),
  };
}

/** What failed while reading may fail while closing too; the reading's fault is the one to tell. */
async function dispose(inspector: ClusterInspector): Promise<void> {
  try {
    await inspector[Symbol.asyncDispose]();
  } catch {}
}
