// Folds the telemetry of a run into rates of its hosts and figures of its brokers, one record at a time.

import { cpuSeconds } from '../../../core/cpu-seconds.ts';
import { defined } from '../../../core/defined.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { AppError } from '../../../core/errors.ts';
import type { TelemetryEnvironment, TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';
import type { BrokerInterval, HostSection, HostSeries, JvmInterval, LoadTestRun } from '../load-test-run.ts';
import { intervalBetween, type TimedReading } from './host-interval.ts';
import type { Import } from './imported-telemetry.ts';
import { IntervalRows } from './interval-rows.ts';
import { PrintedFigures } from './printed-figures.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

type HostBeingRead = {
  intervals: IntervalRows;
  /** Sections that the run read itself. */
  recorded: Set<HostSection>;
  last?: TimedReading;
  cpuOrigin?: HostSeries['cpuOrigin'];
  /** The first reading since the host was booted, and the last. */
  clock?: { first: ClockReading; last: ClockReading };
  imported: PrintedFigures;
};

type ClockReading = Record<'uptimeSeconds' | 'elapsedSeconds', number>;

export class TelemetryFold {
  readonly #file: string;
  readonly #environment: TelemetryEnvironment;
  readonly #hosts = new Map<string, HostBeingRead>();
  readonly #jvms = new Map<string, JvmInterval[]>();
  readonly #brokers = new Map<string, BrokerInterval[]>();
  readonly #missing: NonNullable<LoadTestRun['missing']>[number][] = [];
  /** Time of the last reading of the cluster. */
  #clusterAt: number | undefined;
  /** Time at which the leaders were last counted. */
  #leadersAt: number | undefined;
  readonly #lag: LoadTestRun['lag'][number][] = [];
  readonly #underReplicated: LoadTestRun['underReplicated'][number][] = [];
  readonly #placements: NonNullable<LoadTestRun['placements']>[number][] = [];
  readonly #errors = new Map<string, { code: string; message: string; count: number }>();

  constructor(file: string, environment: TelemetryEnvironment) {
    this.#file = file;
    this.#environment = environment;
  }

  /** @throws AppError run-edited if a host's time goes backwards */
  add(number: number, record: TelemetryRecord): void {
    switch (record.kind) {
      case 'host':
        return this.#addHost(number, record);
      case 'cluster':
        for (const { group, lagMessages } of record.groups) {
          this.#lag.push({ elapsedSeconds: record.elapsedSeconds, group, messages: lagMessages });
        }
        if (record.underReplicatedPartitions !== undefined) {
          this.#underReplicated.push({
            elapsedSeconds: record.elapsedSeconds,
            partitions: record.underReplicatedPartitions,
          });
        }
        if (record.placement) {
          this.#placements.push({ elapsedSeconds: record.elapsedSeconds, rows: record.placement });
        }
        for (const broker of record.missingBrokers ?? []) {
          this.#missing.push({ broker, from: this.#clusterAt ?? record.elapsedSeconds, to: record.elapsedSeconds });
        }
        this.#clusterAt = record.elapsedSeconds;
        if (record.leaders) this.#addLeaders(record.elapsedSeconds, record.leaders);
        return;
      case 'broker': {
        const { broker, elapsedSeconds: to, intervalSeconds, figures } = record;
        this.#intervalsOf(broker).push({ from: to - intervalSeconds, to, ...figures });
        return;
      }
      case 'background':
        // The journal also contains it.
        return;
      case 'error': {
        const known = this.#errors.get(record.source);
        this.#errors.set(record.source, { code: record.code, message: record.message, count: (known?.count ?? 0) + 1 });
        return;
      }
    }
  }

  #addHost(number: number, { host, elapsedSeconds, reading }: Extract<TelemetryRecord, { kind: 'host' }>): void {
    const series = this.#seriesOf(host);
    const now = { elapsedSeconds, reading };
    if (series.last && elapsedSeconds < series.last.elapsedSeconds) {
      throw new AppError(
        'run-edited',
        `${this.#file}:${number} contradicts the rest of the run: its time ${elapsedSeconds} s lies before ${series.last.elapsedSeconds} s, which was written earlier for ${host}`,
      );
    }
    const interval = series.last && intervalBetween(series.last, now);
    if (interval) {
      series.intervals.push(interval);
      if (series.recorded.size < sections.length) {
        for (const section of sections) if (interval[section] !== undefined) series.recorded.add(section);
      }
    }
    series.cpuOrigin ??= originOf(now);
    const clock = clockOf(series.clock, now);
    if (clock) series.clock = clock;
    series.last = now;
  }

  /** A broker of the cluster without a count leads nothing. */
  #addLeaders(to: number, counts: Readonly<Record<string, number>>): void {
    const from = this.#leadersAt;
    this.#leadersAt = to;
    if (from === undefined || from >= to) return;
    const known = this.#environment.brokers.map(({ id }) => id);
    for (const id of new Set([...known, ...Object.keys(counts)])) {
      this.#intervalsOf(id).push({ from, to, leaders: counts[id] ?? 0 });
    }
  }

  #intervalsOf(broker: string): BrokerInterval[] {
    return getOrMake(this.#brokers, broker, () => []);
  }

  #seriesOf(host: string): HostBeingRead {
    return getOrMake(this.#hosts, host, () => ({
      intervals: new IntervalRows(),
      recorded: new Set(),
      imported: new PrintedFigures(),
    }));
  }

  /** Call after all records of the run: an import only adds missing sections; of two imports of the same time the first counts. */
  addImport({ header: { host, tool }, lines }: Import): void {
    const inventory = this.#environment.hosts.find((known) => known.host === host);
    const { intervals, imported, recorded } = this.#seriesOf(host);
    for (const interval of imported.takeFile(lines, tool, inventory, recorded)) intervals.push(interval);
    if (imported.jvms.length > 0) this.#jvms.set(host, imported.jvms);
  }

  finish(): Pick<
    LoadTestRun,
    'hosts' | 'jvms' | 'brokers' | 'missing' | 'lag' | 'underReplicated' | 'failedSources' | 'placements' | 'findings'
  > {
    const inventories = new Map(this.#environment.hosts.map((inventory) => [inventory.host, inventory]));
    const hosts = new Map<string, HostSeries>();
    for (const host of new Set([...inventories.keys(), ...this.#hosts.keys()])) {
      const inventory = inventories.get(host);
      const { intervals = [], cpuOrigin, clock, imported } = this.#hosts.get(host) ?? {};
      hosts.set(host, {
        host,
        intervals,
        ...defined({ inventory, cpuOrigin, clock: clock && courseOf(clock) }),
        ...imported?.readBy(),
      });
    }
    const findings = [...this.#errors].map(([source, { code, message, count }]) =>
      findingOf('telemetry-failed', { source, error: code, count, lastMessage: message, file: this.#file }),
    );
    return {
      hosts,
      jvms: this.#jvms,
      ...(this.#brokers.size > 0 && { brokers: this.#brokers }),
      ...(this.#missing.length > 0 && { missing: this.#missing }),
      lag: this.#lag,
      underReplicated: this.#underReplicated,
      ...(this.#errors.size > 0 && { failedSources: new Set(this.#errors.keys()) }),
      ...(this.#placements.length > 0 && { placements: this.#placements }),
      findings,
    };
  }
}

const sections: readonly HostSection[] = ['cpu', 'network', 'disks', 'memory', 'retransmitsPerSecond'];

/** Later readings overwrite a reading, so only its numbers are kept. */
function clockOf(before: HostBeingRead['clock'], { elapsedSeconds, reading }: TimedReading): HostBeingRead['clock'] {
  const { uptimeSeconds } = reading;
  if (uptimeSeconds === undefined) return before;
  const last = { uptimeSeconds, elapsedSeconds };
  const isSameBoot = before !== undefined && uptimeSeconds >= before.last.uptimeSeconds;
  return { first: isSameBoot ? before.first : last, last };
}

function courseOf({ first, last }: NonNullable<HostBeingRead['clock']>): NonNullable<HostSeries['clock']> {
  const overSeconds = last.elapsedSeconds - first.elapsedSeconds;
  return { aheadSeconds: last.uptimeSeconds - first.uptimeSeconds - overSeconds, overSeconds };
}

function originOf({ elapsedSeconds, reading }: TimedReading): HostSeries['cpuOrigin'] {
  if (!reading.cpus?.length) return undefined;
  const { idle, all } = cpuSeconds(reading.cpus);
  return { idleSeconds: idle, allSeconds: all - elapsedSeconds * reading.cpus.length };
}
