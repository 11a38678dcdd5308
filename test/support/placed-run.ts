// Builds a load test of several brokers; the load of each network interface is computed from leaders and replicas.

import type { ReplicaRow } from '../../core/documents/evidence/replica-placement.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import { plainRun } from './load-test-run.ts';

export interface PlacedRun {
  broker: 'kafka' | 'rocketmq';
  /** Capacity of each broker's network interface in bytes per second, by id. */
  cards: Readonly<Record<string, number>>;
  zones?: Readonly<Record<string, string>>;
  /** Host of each broker, by id; default: a separate one. CPU is that of the first broker. */
  hosts?: Readonly<Record<string, string>>;
  rows: readonly ReplicaRow[];
  groups: number;
  rates: readonly number[];
  /** Ratio of acknowledged to intended messages, per step. */
  carried?: (rate: number) => number;
  /** Whether the telemetry contains the placement. */
  isRecorded: boolean;
  replicationFactor?: number;
  /** CPU time per message on the host of its leader and of each follower. Absent: CPU is never a limit. */
  cpu?: { cores: number; coreSecondsLed: number; coreSecondsCopied: number };
}

/** Wire bytes: of a replica of a message, and of responses and requests without one. */
export const copyBytes = 1100;
const bareBytes = 30;
/** Bytes per second in each direction, without load. */
const idleBytes = 2e3;

/** Returns bytes in both directions at a broker's network interface, per message of the run. */
export function bytesAt(id: string, { rows, groups }: Pick<PlacedRun, 'rows' | 'groups'>): { in: number; out: number } {
  const all = rows.reduce((sum, { partitions }) => sum + partitions, 0);
  const bytes = { in: 0, out: 0 };
  for (const { leader, replicas, partitions } of rows) {
    const share = partitions / all;
    const copies = replicas.length - 1 + groups;
    if (leader === id) {
      bytes.in += share * (copyBytes + bareBytes * copies);
      bytes.out += share * (copyBytes * copies + bareBytes);
    } else if (replicas.includes(id)) {
      bytes.in += share * copyBytes;
      bytes.out += share * bareBytes;
    }
  }
  return bytes;
}

export function placedRun(shape: PlacedRun): LoadTestRun {
  const { broker, cards, zones, rows, groups, rates, carried = () => 1, isRecorded, replicationFactor } = shape;
  const run = plainRun({ rates, carried, cores: shape.cpu?.cores ?? 64 });
  const ids = Object.keys(cards);
  const hostOf = (id: string) => shape.hosts?.[id] ?? `host-${id}`;
  const [series] = run.hosts.values();
  if (series === undefined) throw new Error('no host');
  const rateAt = (second: number) => {
    const rate = rates[Math.floor(second / 12)] ?? 0;
    return rate * carried(rate);
  };
  return {
    ...run,
    document: {
      ...run.document,
      broker,
      workload: {
        messageBytes: 1000,
        groups,
        partitions: rows.reduce((sum, { partitions }) => sum + partitions, 0),
        ...(replicationFactor !== undefined && { replicationFactor }),
      },
      environment: {
        hosts: [],
        generatorHost: 'generator',
        brokers: ids.map((id) => ({
          id,
          address: `${id}:9092`,
          host: hostOf(id),
          ...(zones?.[id] !== undefined && { zone: zones[id] }),
        })),
      },
    },
    hosts: new Map(
      [...Map.groupBy(ids, hostOf)].map(([host, own]) => {
        const sum = (each: (id: string) => number) => own.reduce((all, id) => all + each(id), 0);
        const bytes = { in: sum((id) => bytesAt(id, shape).in), out: sum((id) => bytesAt(id, shape).out) };
        const speed = { bitsPerSecond: sum((id) => cards[id] as number) * 8, source: 'stated' as const };
        return [
          host,
          {
            ...series,
            host,
            inventory: {
              host,
              cores: shape.cpu?.cores ?? 64,
              networkDevices: [{ device: 'eth0', speed }],
            },
            intervals: series.intervals.map((interval) => ({
              ...interval,
              ...(shape.cpu && { cpu: cpuAt(own[0] as string, rateAt(interval.from), rows, shape.cpu) }),
              network: [
                {
                  device: 'eth0',
                  inBytesPerSecond: idleBytes + bytes.in * rateAt(interval.from),
                  outBytesPerSecond: idleBytes + bytes.out * rateAt(interval.from),
                },
              ],
            })),
          },
        ];
      }),
    ),
    underReplicated: run.produced.map(({ from }) => ({ elapsedSeconds: from, partitions: 0 })),
    ...(broker === 'rocketmq' && {
      brokers: new Map(rows.map(({ leader = '' }) => [leader, run.produced.map(copied)])),
    }),
    ...(isRecorded && { placements: [{ elapsedSeconds: 1, rows }] }),
  };
}

/** A master reports that its slaves are up to date. */
const copied = ({ from, to }: { from: number; to: number }) => ({ from, to, replicationLagBytes: 0 });

function cpuAt(id: string, tps: number, rows: PlacedRun['rows'], cpu: NonNullable<PlacedRun['cpu']>) {
  const { cores, coreSecondsLed, coreSecondsCopied } = cpu;
  const all = rows.reduce((sum, { partitions }) => sum + partitions, 0);
  const perMessage = rows.reduce((sum, { leader, replicas, partitions }) => {
    const coreSeconds = leader === id ? coreSecondsLed : replicas.includes(id) ? coreSecondsCopied : 0;
    return sum + (coreSeconds * partitions) / all;
  }, 0);
  const busyCores = 0.1 + tps * perMessage;
  return { busyCores, cores, iowaitCores: 0, stealCores: 0, hottestCore: busyCores / cores };
}

/** Changes the share of the CPU in use on every host, per step. */
export function withCpuShares(run: LoadTestRun, shares: readonly number[]): LoadTestRun {
  const hosts = [...run.hosts].map(([host, series]) => {
    const intervals = series.intervals.map((interval) => {
      const busyCores = (interval.cpu?.cores ?? 0) * (shares[Math.floor(interval.from / 12)] ?? 0);
      return { ...interval, ...(interval.cpu && { cpu: { ...interval.cpu, busyCores } }) };
    });
    return [host, { ...series, intervals }] as const;
  });
  return { ...run, hosts: new Map(hosts) };
}

/** Computes in the same way the rate at which a broker's network interface reaches 80%. */
export function limitAt(id: string, shape: Pick<PlacedRun, 'rows' | 'groups' | 'cards'>): number {
  const bytes = bytesAt(id, shape);
  return (0.8 * (shape.cards[id] as number) - idleBytes) / Math.max(bytes.in, bytes.out);
}
