// Checks that the hosts of all brokers have the metrics a verdict needs, with one reading per host.

import { z } from 'zod';
import type { ReportedDisk } from '../../brokers/reported-disks.ts';
import { listening, logOfBroker, unknownLogText } from '../../core/broker-hosts.ts';
import { AppError } from '../../core/errors.ts';
import type { HostInventory, HostReading } from '../../core/documents/evidence/host-reading.ts';
import { maskNames } from '../../core/text/mask-names.ts';
import { pluralText } from '../../core/text/quantity-text.ts';
import type { JvmCommand } from '../../core/documents/evidence/process-reading.ts';

export const hostMetrics = ['cpu', 'disk', 'link', 'memory', 'gc-log', 'rate'] as const;
export const HostMetric = z.enum(hostMetrics);
export type HostMetric = z.infer<typeof HostMetric>;

/** The readings of one broker and its host. */
export interface BrokerCoverage {
  broker: string;
  /** Host name; absent if no host is configured or found. */
  host?: string;
  inventory?: HostInventory;
  reading?: HostReading;
  /** Name of the broker's process; absent if it was not recognised on the host. */
  process?: string;
  /** True if the mounts of the host do not include the broker's folders. */
  isContained?: boolean;
  /** Disks that the broker reports. */
  reportedDisks?: readonly ReportedDisk[];
  /** True if it also reports their used share in each reading of a run. */
  reportsDiskUse?: boolean;
  /** JVM command line; absent if the broker's process was not found. */
  jvm?: JvmCommand;
  /** Cores allowed by its cgroup; absent without a limit. */
  cpuLimitCores?: number;
  /** CPUs that the process may use; absent if unknown. */
  allowedCpus?: number;
  /** Why the host could not be read. */
  trouble?: string;
  /** Age of the readings. */
  ageSeconds: number;
  /** Age of this broker's offsets or runtime figures; absent if they could not be read. */
  rateAgeSeconds?: number;
}

export interface MissingMetric {
  broker: string;
  host?: string;
  what: HostMetric;
  /** Reason why it is missing, with a remedy. */
  reason: string;
  /** Analysis result that is unknown without this metric. */
  unknown: string;
}

/** Readings older than this are useless for a load that changes every second. */
export const oldestSeconds = 5;

const costs: Readonly<Record<HostMetric, string>> = {
  cpu: 'CPU limits',
  disk: 'disk limits',
  link: 'network limits',
  memory: 'memory and page cache limits',
  'gc-log': 'the effect of JVM pauses',
  rate: 'the message rate at the broker',
};

/**
 * @param unlisted brokers that hold replicas, and that the cluster does not list
 * @returns the missing metrics, broker by broker
 */
export function findMissingMetrics(
  brokers: readonly BrokerCoverage[],
  unlisted: readonly string[] = [],
): MissingMetric[] {
  const found = brokers.flatMap((coverage) => {
    const { broker, host } = coverage;
    const isAlone = brokers.filter((each) => each.host === host).length === 1;
    return hostMetrics.flatMap((what) => {
      const reason = missing(what, coverage, isAlone);
      if (reason === undefined) return [];
      return [{ broker, ...(host !== undefined && { host }), what, reason, unknown: costs[what] }];
    });
  });
  const absent = unlisted.map((broker): MissingMetric => {
    const reason = `broker ${broker} holds replicas, but is not in the cluster now: start it (\`plimsoll cluster check\` shows how to remove a former RocketMQ broker from the controllers), or measure an existing topic without it: \`plimsoll run --degraded ${broker}\``;
    return { broker, what: 'rate', reason, unknown: 'the safe maximum with all brokers' };
  });
  return [...found, ...absent];
}

/** @throws AppError not-ready, with the missing metrics that are not accepted */
export function refuseMissingMetrics(
  cluster: string,
  blind: readonly MissingMetric[],
  accepted: readonly HostMetric[],
): void {
  const refused = blind.filter(({ what }) => !accepted.includes(what));
  if (refused.length === 0) return;
  throw new AppError('not-ready', `metrics of cluster ${cluster} are missing: ${refusedText(refused)}`);
}

/** `plimsoll ready` lists all of them. */
const mostReasons = 3;

interface AlikeMissing {
  /** Metrics of a broker and the number of others, such as `cpu, disk of broker 1 and 2 other brokers`. */
  metrics: string;
  /** Reason of the first broker. */
  reason: string;
  unknown: string;
}

/** Groups brokers with the same reason: one sentence is enough for a hundred brokers without a host. */
export function alikeMissing(missing: readonly MissingMetric[]): AlikeMissing[] {
  const reasonOf = ({ broker, host, reason }: MissingMetric) => maskNames(reason, [host, broker]);
  return [...Map.groupBy(missing, reasonOf).values()].map((alike) => {
    const [first = '', ...more] = new Set(alike.map(({ broker }) => broker));
    const others = more.length > 0 ? ` and ${pluralText(more.length, 'other broker')}` : '';
    return {
      metrics: `${[...new Set(alike.map(({ what }) => what))].join(', ')} of broker ${first}${others}`,
      reason: alike[0]?.reason ?? '',
      unknown: [...new Set(alike.map(({ unknown }) => unknown))].join(', '),
    };
  });
}

function refusedText(refused: readonly MissingMetric[]): string {
  const all = alikeMissing(refused).map(({ metrics, reason }) => `${metrics} (${reason})`);
  const more = all.length - mostReasons;
  return [...all.slice(0, mostReasons), ...(more > 0 ? [`${more} more, see \`plimsoll ready\``] : [])].join('; ');
}

/** @param isAlone true if the host runs no other broker of the cluster */
function missing(what: HostMetric, coverage: BrokerCoverage, isAlone: boolean): string | undefined {
  if (what === 'rate') return staleness(coverage.rateAgeSeconds, `broker ${coverage.broker} reported no offsets`);
  const { broker, host, reading, trouble } = coverage;
  if (host === undefined)
    return `broker ${broker} has no host: add "${broker}": { host: NAME } to \`brokers\` of the cluster in the config file`;
  if (reading === undefined) return trouble ?? `host ${host} has no metrics`;
  const old = staleness(coverage.ageSeconds, '');
  return old ?? absent(what, { ...coverage, host, reading }, isAlone);
}

type ReadCoverage = BrokerCoverage & Required<Pick<BrokerCoverage, 'host' | 'reading'>>;

function absent(
  what: Exclude<HostMetric, 'rate'>,
  { broker, host, reading, inventory, process }: ReadCoverage,
  isAlone: boolean,
): string | undefined {
  const without = (section: keyof NonNullable<HostReading>) =>
    reading.unread?.[section] ?? `host ${host} does not report it`;
  switch (what) {
    case 'cpu':
      return reading.cpus === undefined ? without('cpus') : undefined;
    case 'disk':
      return reading.disks === undefined ? without('disks') : undefined;
    case 'memory':
      return reading.memoryBytes === undefined ? without('memoryBytes') : undefined;
    case 'link': {
      if (reading.networkDevices === undefined) return without('networkDevices');
      const cards = inventory?.networkDevices ?? [];
      const slow = cards.filter(({ speed }) => speed === undefined).map(({ device }) => device);
      if (cards.length === 0) return `network card of host ${host} unknown: configure network.devices`;
      return slow.length === 0
        ? undefined
        : `link speed of ${slow.join(', ')} unknown: configure network.speed, or the cards of the brokers in network.devices, under hosts.${host}`;
    }
    case 'gc-log': {
      const logs = reading.gcLogs ?? [];
      if (logs.length === 0) return `no GC log of host ${host}: configure gcLogs under hosts.${host}`;
      const log = logOfBroker(logs, { process, processes: listening(reading.processes), isAlone });
      return log === undefined ? unknownLogText(broker, host, logs) : log.trouble;
    }
  }
}

function staleness(ageSeconds: number | undefined, absence: string): string | undefined {
  if (ageSeconds === undefined) return absence;
  return ageSeconds > oldestSeconds ? `the last reading is ${Math.round(ageSeconds)} s old` : undefined;
}
