// Connects to a cluster on the first read and retries while it is down; the inspector's memory persists.

import type { ClusterInspector, Io } from '../brokers/driver.ts';
import { shareReading } from './shared-reading.ts';

/**
 * @param open connects. Called for the first reading, and again for the next while it fails; readings at the same time share
 *   one. An inspector that was opened is kept whatever becomes of a reading: it renews its connections itself, and holds the
 *   last good values.
 */
export function inspectLazily(open: (io: Io) => Promise<ClusterInspector>): ClusterInspector {
  let connected: ClusterInspector | undefined;
  const closing = new AbortController();

  const connect = shareReading(async ({ signal }) => {
    // By one whose reading no longer waited for it.
    if (connected !== undefined) return connected;
    const inspector = await open({ signal: AbortSignal.any([signal, closing.signal]) });
    if (closing.signal.aborted) {
      // Opened by one that does not heed its signal.
      await inspector[Symbol.asyncDispose]();
      throw closing.signal.reason;
    }
    return (connected = inspector);
  });
  const inspectorFor = async (io: Io) => connected ?? (await connect(io));

  return {
    describe: async (io) => (await inspectorFor(io)).describe(io),
    snapshot: async (io, wanted) => (await inspectorFor(io)).snapshot(io, wanted),
    observe: (broker, signs) => connected?.observe?.(broker, signs),
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the inspector is closed'));
      await connected?.[Symbol.asyncDispose]();
    },
  };
}
