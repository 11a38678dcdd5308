// Records each reading of clusters and hosts as points of the last 24 hours.

import { getOrMake } from '../../core/get-or-make.ts';
import { type Clock, mayHaveSlept, type TimedMoment } from '../../core/clock.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import type { HostInventory, HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { LagClock } from '../../exporter/lag/lag-clock.ts';
import type { ClusterTraffic } from '../clusters/traffic.ts';
import type { WatchedGcHost } from '../gc/gc-watch.ts';
import type { ServedCluster } from '../parts.ts';
import { ClusterReadings, type SharedBudget } from './cluster-readings.ts';
import type { Part, PartReading, Figure } from './figures.ts';
import type { ReadingsFile } from './readings-file.ts';
import { groupReadings, ownFigures, ratesOf } from './read-parts.ts';
import { loadsOf, type MachineSample } from '../../app/observe/machine-load.ts';
import { speedsOf } from '../../hosts/link-capacity.ts';

/** Limit of all clusters together: 200 with 10 brokers and 50 groups each need about 180 MB. */
const bytesOfFleet = 256 * 1024 * 1024;

/** Current location of brokers, scrape interval and shown names from the config. */
interface RecordedFleet {
  /** By cluster and broker. */
  places: ReadonlyMap<string, () => Readonly<Record<string, { host: string }>>>;
  everySeconds: number;
  isShown(cluster: string, of: Part, name: string): boolean;
}

export type ReadingsRecorder = ReturnType<typeof recordReadings>;

/** State of a cluster between two readings. */
interface Before {
  traffic?: ClusterTraffic;
  /** Time of the last reading; absent after a failed one. */
  readAtMs?: number;
}

/** A value is valid until the next reading, for at most this number of intervals. */
const intervalsHeld = 2.5;

export function recordReadings(
  clock: Pick<Clock, 'now' | 'monotonic'>,
  { mostBytes = bytesOfFleet }: { mostBytes?: number } = {},
) {
  const budget: SharedBudget = { usedBytes: 0, mostBytes };
  const clusters = new Map<string, ClusterReadings>();
  const befores = new Map<string, Before>();
  const lagClocks = new Map<string, Pick<LagClock, 'observe'>>();
  const hosts = new Map<string, TimedReading & TimedMoment>();
  let fleet: RecordedFleet = { places: new Map(), everySeconds: 15, isShown: () => true };
  let savedMs = -Infinity;

  const readingsOf = (cluster: string) => getOrMake(clusters, cluster, () => new ClusterReadings(budget));

  function forget(name: string, readings: ClusterReadings): void {
    readings.clear();
    clusters.delete(name);
    befores.delete(name);
    lagClocks.delete(name);
  }

  const isHeld = (seconds: number) => seconds <= intervalsHeld * fleet.everySeconds;

  function notePresence(served: ServedCluster, at: { atMs: number; fromMs?: number }): void {
    const { answering, lost } = served.presence();
    const expected = answering.length + lost.length;
    if (expected === 0) return;
    const values = { brokersAnswering: answering.length, brokersExpected: expected };
    readingsOf(served.name).add('cluster', [{ of: 'cluster', name: '', values }], at);
  }

  /** @returns the rates of this reading; undefined if they are from an earlier one */
  function noteRates(served: ServedCluster, before: Before): ClusterTraffic | undefined {
    const traffic = served.traffic();
    if (traffic === undefined || traffic.isOld || traffic === before.traffic) return undefined;
    before.traffic = traffic;
    const atMs = traffic.at.getTime();
    const at = { atMs, fromMs: atMs - traffic.seconds * 1000 };
    const kept = readingsOf(served.name);
    const { cluster, broker, topic } = ratesOf(traffic);
    kept.add('cluster', cluster, at);
    kept.add('broker', broker, at);
    kept.add('topic', topic, at);
    return traffic;
  }

  function restore(file: Pick<ReadingsFile, 'restore'>): void {
    file.restore(clock.now().getTime(), ({ cluster, of, name, figure }) =>
      fleet.places.has(cluster) && fleet.isShown(cluster, of, name)
        ? readingsOf(cluster).restored(of, name, figure)
        : undefined,
    );
  }

  return {
    of: (cluster: string) => clusters.get(cluster),
    usage: () => ({ bytes: budget.usedBytes, mostBytes }),

    /** Forgets clusters that were removed from the config. */
    follow(next: RecordedFleet): void {
      fleet = next;
      for (const [name, readings] of clusters) {
        if (!fleet.places.has(name)) forget(name, readings);
      }
    },

    /** Forgets a cluster whose config has changed: it may be another cluster, or hide names. */
    forget(name: string): void {
      const readings = clusters.get(name);
      if (readings !== undefined) forget(name, readings);
    },

    /** Restores clusters saved before a restart. */
    restore,

    save(file: Pick<ReadingsFile, 'save' | 'restore'>): Promise<void> {
      const nowMs = clock.now().getTime();
      // The clock was ahead, and readings of that time have displaced those of the day before, which the file still has.
      if (nowMs < savedMs - readingsLevels['24h'].slotMs) {
        for (const readings of clusters.values()) readings.clear();
        restore(file);
      }
      savedMs = nowMs;
      return file.save(clusters, nowMs);
    },

    useLagClock: (cluster: string, lagClock: Pick<LagClock, 'observe'>) => void lagClocks.set(cluster, lagClock),

    noteCluster(served: ServedCluster): void {
      const before = getOrMake(befores, served.name, () => ({}));
      const trouble = served.trouble();
      if (trouble !== undefined) {
        delete before.readAtMs;
        // The cluster does not respond, so none of its brokers is up.
        if (trouble.isDown) notePresence(served, { atMs: trouble.at.getTime() });
        return;
      }
      const last = served.last();
      if (last === undefined) return;
      const atMs = last.at.getTime();
      const { readAtMs } = before;
      before.readAtMs = atMs;
      const at = { atMs, ...(readAtMs !== undefined && isHeld((atMs - readAtMs) / 1000) && { fromMs: readAtMs }) };
      const { snapshot } = last;
      const traffic = noteRates(served, before);
      notePresence(served, at);
      const lagTimes = lagClocks.get(served.name)?.observe(snapshot);
      const kept = readingsOf(served.name);
      kept.lagTimes = lagTimes;
      kept.add('group', groupReadings(snapshot, lagTimes, traffic), at);
      kept.add('broker', ownFigures(snapshot), { ...at, isPart: true });
    },

    noteHost(host: string, reading: HostReading, inventory: HostInventory | undefined): void {
      const now = { at: clock.now(), atSeconds: clock.monotonic(), reading };
      const before = hosts.get(host);
      hosts.set(host, { ...now, reading: countersOf(reading) });
      if (before === undefined || mayHaveSlept(before, now)) return;
      const values = hostValues(before, now, inventory);
      const atMs = now.at.getTime();
      const seconds = now.atSeconds - before.atSeconds;
      const at = { atMs, ...(isHeld(seconds) && { fromMs: atMs - seconds * 1000 }), isPart: true };
      for (const [cluster, placesNow] of fleet.places) {
        const places = placesNow();
        const brokers = Object.keys(places).filter((id) => places[id]?.host === host);
        const read = brokers.map((name): PartReading<'broker'> => ({ of: 'broker', name, values }));
        if (read.length > 0) readingsOf(cluster).add('broker', read, at);
      }
    },

    /** Records the heap after the last collection of brokers whose GC logs are followed. */
    noteHeaps(cluster: string, watched: readonly WatchedGcHost[]): void {
      const atMs = clock.now().getTime();
      const read = watched.flatMap(({ logs }) =>
        logs.flatMap(({ broker, reading: { totals, trouble } }): PartReading<'broker'>[] => {
          const [used, most] = [totals?.heap?.afterBytes, totals?.heapMaxBytes];
          if (broker === undefined || trouble !== undefined || used === undefined || most === undefined || most === 0)
            return [];
          return [{ of: 'broker', name: broker, values: { heapRatio: used / most } }];
        }),
      );
      if (read.length > 0) readingsOf(cluster).add('broker', read, { atMs, isPart: true });
    },
  };
}

/** Keeps only the counters that are compared, because a reading includes all processes of a machine. */
function countersOf({ cpus, disks, networkDevices }: HostReading): HostReading {
  return { ...(cpus && { cpus }), ...(disks && { disks }), ...(networkDevices && { networkDevices }) };
}

type HostValues = Partial<Record<Figure<'broker'>, number>>;

const figureOf = {
  cpu: 'cpuRatio',
  'disk-io': 'diskIoRatio',
  'network-in': 'networkInRatio',
  'network-out': 'networkOutRatio',
} as const;

interface TimedReading {
  /** Time from a monotonic clock. */
  atSeconds: number;
  reading: HostReading;
}

/**
 * Uses the busiest of several disks or of several network cards that transfer broker traffic. Bytes of cards replace
 * the ratio if no link speed is known.
 */
function hostValues(before: TimedReading, after: TimedReading, inventory: HostInventory | undefined): HostValues {
  const speeds = speedsOf({ networkDevices: inventory?.networkDevices });
  const sampleOf = ({ atSeconds, reading }: TimedReading): MachineSample => ({ atSeconds, reading, speeds });
  const values: HostValues = {};
  for (const { resource, busyRatio } of loadsOf(sampleOf(before), sampleOf(after))) {
    const figure = figureOf[resource];
    values[figure] = Math.max(values[figure] ?? 0, busyRatio);
  }
  return values.networkInRatio === undefined ? { ...values, ...cardRates(before, after, inventory) } : values;
}

function cardRates(before: TimedReading, after: TimedReading, inventory: HostInventory | undefined): HostValues {
  const seconds = after.atSeconds - before.atSeconds;
  const carrying = new Set(inventory?.networkDevices?.map(({ device }) => device));
  let [received, sent] = [0, 0];
  let cards = 0;
  for (const now of after.reading.networkDevices ?? []) {
    const earlier = before.reading.networkDevices?.find(({ device }) => device === now.device);
    if (earlier === undefined || !carrying.has(now.device) || !(seconds > 0)) continue;
    const [bytesIn, bytesOut] = [now.receiveBytes - earlier.receiveBytes, now.transmitBytes - earlier.transmitBytes];
    // The counters were reset.
    if (bytesIn < 0 || bytesOut < 0) continue;
    cards++;
    received += bytesIn;
    sent += bytesOut;
  }
  return cards === 0 ? {} : { networkInBytesPerSecond: received / seconds, networkOutBytesPerSecond: sent / seconds };
}
