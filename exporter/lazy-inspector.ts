// Connects to a cluster on the first read and retries while it is down; the inspector's memory persists.

import type { ClusterInspector, Io } from '../brokers/driver.ts';
import { shareReading } from './shared-reading.ts';

/**
 * @param open connects. Called for the first reading, and again for later ones while it fails; concurrent readings share one
 *   call. An opened inspector is kept even if a reading fails: it renews its connections itself, and holds the
 *   last good values.
 */
export function inspectLazily(open: (io: Io) => Promise<ClusterInspector>): ClusterInspector {
  let connected: ClusterInspector | undefined;
  const closing = new AbortController();

  const connect = shareReading(async ({ signal }) => {
    // Opened after the reading that requested it had ended.
    if (connected !== undefined) return connected;
    const inspector = await open({ signal: AbortSignal.any([signal, closing.signal]) });
    if (closing.signal.aborted) {
      // Opened despite an aborted signal.
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
