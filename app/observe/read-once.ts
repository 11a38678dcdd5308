// Caches cluster requests for the duration of one command.

import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Cluster } from '../../core/cluster.ts';

/** @param known description, if already read */
export function describedOnce(inspector: ClusterInspector, known?: Cluster): ClusterInspector {
  return { ...inspector, describe: remembered((io) => inspector.describe(io), known) };
}

/** Keeps the last snapshot for readers that send no requests. */
export function withLast(inspector: ClusterInspector) {
  let last: ClusterSnapshot | undefined;
  return {
    ...inspector,
    snapshot: async (...wanted: Parameters<ClusterInspector['snapshot']>) =>
      (last = await inspector.snapshot(...wanted)),
    last: () => last,
  };
}

/** Settings of all brokers are hundreds of values each. */
export function settingsOnce(lookup: ClusterLookup): ClusterLookup {
  return { ...lookup, settings: remembered((io) => lookup.settings(io)) };
}

/** Retries a failed read. */
export function remembered<Value>(read: (io: Io) => Promise<Value>, known?: Value): (io: Io) => Promise<Value> {
  let answer: Promise<Value> | undefined;
  return (io) => {
    if (known !== undefined) return Promise.resolve<Value>(known);
    answer ??= read(io).catch((cause: unknown) => {
      answer = undefined;
      throw cause;
    });
    return answer;
  };
}
