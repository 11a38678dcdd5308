// Which resource is nearest to full right now? For the live line; the verdict is the analyzer's.

import type { CpuTimes, HostReading } from '../core/host-reading.ts';
import type { TelemetryEnvironment, TelemetryRecord } from '../core/telemetry.ts';

export interface BusyResource {
  resource: 'cpu' | 'network-in' | 'network-out';
  host: string;
  /** Share of its capacity. */
  utilisation: number;
}

/** Preamble, checksum and gap, which the kernel does not count (IEEE 802.3). */
const framingBytesPerPacket = 24;

/** @returns a function that takes each sample and names the busiest resource since the one before, once there were two */
export function watchBusiestResource(
  environment: TelemetryEnvironment,
): (records: readonly TelemetryRecord[]) => BusyResource | undefined {
  const before = new Map<string, { elapsedSeconds: number; reading: HostReading }>();
  return (records) => {
    const candidates = records.flatMap((record) => {
      if (record.kind !== 'host') return [];
      const { host, elapsedSeconds, reading } = record;
      const earlier = before.get(host);
      before.set(host, { elapsedSeconds, reading });
      if (earlier === undefined || elapsedSeconds <= earlier.elapsedSeconds) return [];
      const seconds = elapsedSeconds - earlier.elapsedSeconds;
      return [...cpu(host, earlier.reading, reading), ...network(host, environment, earlier.reading, reading, seconds)];
    });
    return candidates.reduce<BusyResource | undefined>(
      (busiest, candidate) => (busiest && busiest.utilisation >= candidate.utilisation ? busiest : candidate),
      undefined,
    );
  };
}

function cpu(host: string, earlier: HostReading, later: HostReading): BusyResource[] {
  const busy = total(later, busySeconds) - total(earlier, busySeconds);
  const idle = total(later, idleSeconds) - total(earlier, idleSeconds);
  return busy + idle > 0 ? [{ resource: 'cpu', host, utilisation: busy / (busy + idle) }] : [];
}

const total = ({ cpus = [] }: HostReading, of: (times: CpuTimes) => number) =>
  cpus.reduce((sum, times) => sum + of(times), 0);
const idleSeconds = ({ idle, iowait }: CpuTimes) => idle + iowait;
const busySeconds = ({ user, nice, system, irq, softirq, steal }: CpuTimes) =>
  user + nice + system + irq + softirq + steal;

function* network(
  host: string,
  environment: TelemetryEnvironment,
  earlier: HostReading,
  later: HostReading,
  seconds: number,
): Iterable<BusyResource> {
  const cards = environment.hosts.find((inventory) => inventory.host === host)?.networkDevices ?? [];
  for (const { device, speed } of cards) {
    const [before, after] = [earlier, later].map((reading) =>
      reading.networkDevices?.find((card) => card.device === device),
    );
    if (speed === undefined || before === undefined || after === undefined) continue;
    const capacity = speed.bitsPerSecond / 8;
    const received = after.receiveBytes - before.receiveBytes;
    const sent = after.transmitBytes - before.transmitBytes;
    const [packetsIn, packetsOut] = [
      after.receivePackets - before.receivePackets,
      after.transmitPackets - before.transmitPackets,
    ];
    const share = (bytes: number, packets: number) => (bytes + framingBytesPerPacket * packets) / seconds / capacity;
    yield { resource: 'network-in', host, utilisation: share(received, packetsIn) };
    yield { resource: 'network-out', host, utilisation: share(sent, packetsOut) };
  }
}
