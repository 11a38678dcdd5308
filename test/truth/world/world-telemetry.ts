// Generates the host readings of a simulated cluster, once a second, with gaps.

import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';
import type { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';
import { randomOf } from './random.ts';
import type { Second } from './seconds.ts';
import type { Host, World } from './world.ts';

/** Every frame is full: counters show this many bytes, and 24 more are on the wire (IEEE 802.3). */
const frameBytes = 1514;
const uncountedBytes = 24;

/** Counts since the host was started. */
interface Counters {
  bytesIn: number;
  bytesOut: number;
  busySeconds: number;
  diskBusySeconds: number;
  writtenBytes: number;
}

/** Counters are read shortly after the end of the second, with a delay that varies by host and time. */
export function* telemetryOf(world: World, seconds: readonly Second[]): Generator<TelemetryRecord> {
  const random = randomOf(world.seed * 40_503 + 1);
  const end = world.cutOffSeconds ?? Number.POSITIVE_INFINITY;
  const counters = new Map<string, Counters>(
    world.hosts.map(({ name }) => [
      name,
      { bytesIn: 1e9, bytesOut: 2e9, busySeconds: 500, diskBusySeconds: 100, writtenBytes: 1e10 },
    ]),
  );
  for (const [index, second] of seconds.entries()) {
    if (second.at > end) return;
    const next = seconds[index + 1];
    for (const host of world.hosts) {
      const counter = counters.get(host.name) as Counters;
      add(counter, host, second, 1);
      const late = 0.05 * random();
      const isLost = random() < (world.unread.share ?? 0);
      if (host.name === world.unread.host) {
        yield unreachable(host, second.at);
        continue;
      }
      if (
        isLost ||
        world.unread.gaps.some((gap) => gap.host === host.name && second.at > gap.from && second.at <= gap.to)
      )
        continue;
      const now = { ...counter };
      if (next) add(now, host, next, late);
      const elapsedSeconds = second.at + late;
      const reading = readingOf(now, host, elapsedSeconds);
      yield { kind: 'host', host: host.name, elapsedSeconds, scrapeSeconds: 0.002, reading };
    }
    yield clusterOf(world, second);
  }
}

function add(counter: Counters, host: Host, second: Second, share: number): void {
  const uses = second.uses.get(host.name) ?? {};
  counter.bytesIn += share * (uses['network-in'] ?? 0) * (frameBytes / (frameBytes + uncountedBytes));
  counter.bytesOut += share * (uses['network-out'] ?? 0) * (frameBytes / (frameBytes + uncountedBytes));
  counter.busySeconds += share * (uses.cpu ?? 0);
  counter.diskBusySeconds += share * (uses['disk-io'] ?? 0);
  counter.writtenBytes += share * (host.disk?.bytesPerMessage ?? 0) * second.acknowledged;
}

function unreachable({ name }: Host, at: number): TelemetryRecord {
  return {
    kind: 'error',
    source: name,
    elapsedSeconds: at,
    scrapeSeconds: 1,
    code: 'host-unreachable',
    message: `cannot read ${name}`,
  };
}

function clusterOf(world: World, second: Second): TelemetryRecord {
  const groups = Array.from({ length: world.groups }, (_, group) => ({
    group: `group-${group}`,
    lagMessages: Math.round(second.lag),
  }));
  return {
    kind: 'cluster',
    cluster: 'simulated',
    elapsedSeconds: second.at,
    scrapeSeconds: 0.003,
    groups,
    underReplicatedPartitions: second.replicasBehind ? 1 : 0,
  };
}

function readingOf(counter: Counters, { cores, disk }: Host, elapsed: number): HostReading {
  const busy = counter.busySeconds / cores;
  const core = {
    user: busy * 0.7,
    nice: 0,
    system: busy * 0.3,
    idle: 5000 + elapsed - busy,
    iowait: 0,
    irq: 0,
    softirq: 0,
    steal: 0,
  };
  return {
    cpus: Array.from({ length: cores }, () => core),
    networkDevices: [
      {
        device: 'eth0',
        receiveBytes: Math.round(counter.bytesIn),
        receivePackets: Math.round(counter.bytesIn / frameBytes),
        receiveErrors: 0,
        receiveDrops: 0,
        transmitBytes: Math.round(counter.bytesOut),
        transmitPackets: Math.round(counter.bytesOut / frameBytes),
        transmitErrors: 0,
        transmitDrops: 0,
      },
    ],
    ...(disk && { disks: [diskOf(counter)] }),
  };
}

/** Successive requests of 64 KiB. */
function diskOf({ diskBusySeconds, writtenBytes }: Counters) {
  return {
    device: 'sda',
    readsCompleted: 0,
    readBytes: 0,
    readTimeSeconds: 0,
    writesCompleted: Math.round(writtenBytes / 65_536),
    writtenBytes: Math.round(writtenBytes),
    writeTimeSeconds: diskBusySeconds,
    ioNow: 0,
    ioTimeSeconds: diskBusySeconds,
    ioTimeWeightedSeconds: diskBusySeconds,
  };
}
