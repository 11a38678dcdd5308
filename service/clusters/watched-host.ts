// Forwards the readings of a host to the stores of GC logs, figures and inventory.

import type { Clock } from '../../core/clock.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import type { GcWatch } from '../gc/gc-watch.ts';
import type { ReadingsRecorder } from '../readings/recorder.ts';

interface Listeners {
  gc: Pick<GcWatch, 'note' | 'fail' | 'of'>;
  recorder: Pick<ReadingsRecorder, 'noteHost' | 'noteHeaps'>;
  inventories: Map<string, HostInventory>;
  /** Names of the clusters with a broker on the host. */
  clustersOn(host: string): readonly string[];
  clock: Pick<Clock, 'now'>;
}

/** @returns the same probe, whose readings and failures are also forwarded */
export function watchedHost(name: string, probe: HostProbe, listeners: Listeners): HostProbe {
  const { gc, recorder, inventories, clustersOn, clock } = listeners;
  return {
    async describe(io) {
      const inventory = await probe.describe(io);
      inventories.set(name, inventory);
      return inventory;
    },
    async sample(wanted, io) {
      const sample = await probe.sample(wanted, io).catch((cause: unknown) => {
        // A canceled reading has no result.
        if (!io.signal.aborted) gc.fail(name, (cause as Error).message, clock.now());
        throw cause;
      });
      gc.note(name, sample, clock.now());
      recorder.noteHost(name, sample, inventories.get(name));
      for (const cluster of clustersOn(name)) recorder.noteHeaps(cluster, gc.of(cluster));
      return sample;
    },
    [Symbol.asyncDispose]: () => probe[Symbol.asyncDispose](),
  };
}
