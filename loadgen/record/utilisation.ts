// Computes the utilization of each host resource since the last sample.

import { cpuUse } from '../../core/cpu-seconds.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { TelemetryEnvironment, TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';
import { directions, wireBytesBetween } from '../../core/wire/ethernet.ts';

export interface Utilisation {
  resource: 'cpu' | 'disk-io' | 'network-in' | 'network-out';
  host: string;
  /** Used share of the capacity. */
  utilisation: number;
}

export interface TimedUtilisation extends Utilisation {
  /** Time since the previous sample. */
  seconds: number;
}

type Sample = Pick<Extract<TelemetryRecord, { kind: 'host' }>, 'elapsedSeconds' | 'reading'>;

/**
 * Samples are taken once per second, and their timestamps include the time of the reading. After a late sample the
 * interval looks short and its utilization too high, by as much as the previous one was too low: only the two together
 * are accurate.
 */
export const shortSeconds = 0.9;

/** Averages weighted by time. */
export function meanOf(uses: readonly TimedUtilisation[]) {
  const time = uses.reduce((sum, { seconds }) => sum + seconds, 0);
  const used = uses.reduce((sum, { utilisation, seconds }) => sum + utilisation * seconds, 0);
  return { utilisation: used / time, seconds: time };
}

/**
 * @param leastSeconds a sample that follows sooner than this is compared with the one before the previous
 * @returns a function that accepts samples; returns hosts from their second sample on, and interfaces with a known
 * speed
 */
export function watchUtilisation(
  environment: TelemetryEnvironment,
  leastSeconds = 0,
): (records: readonly TelemetryRecord[]) => TimedUtilisation[] {
  const before = new Map<string, { last: Sample; comparedWith: Sample | undefined }>();
  return (records) =>
    records.flatMap((record) => {
      if (record.kind !== 'host') return [];
      const { host, elapsedSeconds, reading } = record;
      const seen = before.get(host);
      const isSoon = seen !== undefined && elapsedSeconds - seen.last.elapsedSeconds < leastSeconds;
      const earlier = isSoon ? seen.comparedWith : seen?.last;
      before.set(host, { last: { elapsedSeconds, reading }, comparedWith: earlier });
      if (earlier === undefined || elapsedSeconds <= earlier.elapsedSeconds) return [];
      const seconds = elapsedSeconds - earlier.elapsedSeconds;
      return [
        ...cpu(host, earlier.reading, reading),
        ...disks(host, earlier.reading, reading, seconds),
        ...network(host, environment, earlier.reading, reading, seconds),
      ].map((use) => ({ ...use, seconds }));
    });
}

function cpu(host: string, { cpus: before }: HostReading, { cpus: after }: HostReading): Utilisation[] {
  if (before === undefined || after === undefined) return [];
  const utilisation = cpuUse(before, after);
  return utilisation === undefined ? [] : [{ resource: 'cpu', host, utilisation }];
}

/** Share of time that the busiest disk had a request in progress. May exceed 1 after a late sample. */
function disks(host: string, earlier: HostReading, later: HostReading, seconds: number): Utilisation[] {
  const shares = (later.disks ?? []).flatMap(({ device, ioTimeSeconds }) => {
    const before = earlier.disks?.find((disk) => disk.device === device);
    if (before === undefined || ioTimeSeconds < before.ioTimeSeconds) return [];
    return [(ioTimeSeconds - before.ioTimeSeconds) / seconds];
  });
  return shares.length === 0 ? [] : [{ resource: 'disk-io', host, utilisation: Math.max(...shares) }];
}

const resourceOf = { receive: 'network-in', transmit: 'network-out' } as const;

/** Utilization of the busiest interface in each direction, among those with a known speed. */
function network(
  host: string,
  environment: TelemetryEnvironment,
  earlier: HostReading,
  later: HostReading,
  seconds: number,
): Utilisation[] {
  const cards = environment.hosts.find((inventory) => inventory.host === host)?.networkDevices ?? [];
  return directions.flatMap((direction) => {
    const shares = cards.flatMap(({ device, speed }) => {
      const [before, after] = [earlier, later].map((reading) =>
        reading.networkDevices?.find((card) => card.device === device),
      );
      if (speed === undefined || before === undefined || after === undefined) return [];
      const bytes = wireBytesBetween(before, after, direction);
      return bytes === undefined ? [] : [bytes / seconds / (speed.bitsPerSecond / 8)];
    });
    return shares.length === 0 ? [] : [{ resource: resourceOf[direction], host, utilisation: Math.max(...shares) }];
  });
}
