// Holds the inventory of instances from the last reading.

import { existsSync } from 'node:fs';
import { readInventory } from '../../app/instances/read-inventory.ts';
import { instancesPath } from '../../app/instances/desired-file.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import type { InstanceState, InstanceStatus } from '../../core/documents/instances.ts';
import type { Job } from '../schedule/schedule.ts';

/** Long enough that hosts that do not respond reach their timeouts before it, one by one. */
const patienceMs = 120_000;

export interface WatchedInstances {
  /** Time of the last successful reading. */
  at: Date;
  instances: readonly InstanceStatus[];
  /** Hosts and supervisors that could not be read. */
  notices: readonly string[];
}

export interface InstanceWatch {
  /** Absent before the first reading, and without instances.yaml. */
  last(): WatchedInstances | undefined;
}

/** Interval while an instance starts or stops, because at one reading a minute a crash loop could look like a start. */
const soon = seconds(15);
const passing: ReadonlySet<InstanceState> = new Set(['starting', 'stopping']);

/** After this number of periods without a reading, the inventory is no longer current. */
const freshPeriods = 5;

export function watchInstances({
  configFile,
  every,
  clock,
  read = readInventory,
}: {
  configFile: string;
  every: Seconds;
  clock: Clock;
  read?: typeof readInventory;
}): InstanceWatch & { job: Job; current(): readonly InstanceStatus[] } {
  let last: WatchedInstances | undefined;
  return {
    last: () => last,
    current() {
      const isOld = last === undefined || clock.now().getTime() - last.at.getTime() > freshPeriods * every * 1000;
      return isOld ? [] : (last?.instances ?? []);
    },
    job: {
      name: 'instances',
      every,
      isLight: true,
      isOfEachInstance: true,
      nextAfter: () => (last?.instances.some(({ state }) => passing.has(state)) === true ? soon : undefined),
      async run({ signal }) {
        const io = {
          options: { config: configFile },
          signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
          clock,
        };
        if (!existsSync((await instancesPath(io)).file)) {
          last = undefined;
          return undefined;
        }
        const { instances, notices } = await read(io);
        last = { at: clock.now(), instances, notices };
        return undefined;
      },
    },
  };
}

/** Limits instances to clusters that a visitor may see; processes without a cluster are shown only to users who see all. */
export const limitInstances = (watch: InstanceWatch, sees: (cluster: string) => boolean): InstanceWatch => ({
  last() {
    const all = watch.last();
    return all && { ...all, instances: all.instances.filter(({ cluster = '' }) => sees(cluster)), notices: [] };
  },
});
