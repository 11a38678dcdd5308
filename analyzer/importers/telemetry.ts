// What did hosts and brokers do during a run, by its telemetry? Folds readings of counters into rates as they come by.

import type { Finding } from '../../core/analysis.ts';
import { AppError } from '../../core/errors.ts';
import type { TelemetryEnvironment, TelemetryRecord } from '../../core/telemetry.ts';
import type { HostInterval, HostSeries, LoadTestRun } from '../load-test-run.ts';
import { intervalBetween, type TimedReading } from './host-interval.ts';

type HostBeingRead = { intervals: HostInterval[]; last?: TimedReading; cpuOrigin?: HostSeries['cpuOrigin'] };

export class TelemetryFold {
  readonly #file: string;
  readonly #environment: TelemetryEnvironment;
  readonly #hosts = new Map<string, HostBeingRead>();
  readonly #lag: { elapsedSeconds: number; group: string; messages: number }[] = [];
  readonly #underReplicated: { elapsedSeconds: number; partitions: number }[] = [];
  readonly #errors = new Map<string, { code: string; message: string; count: number }>();

  constructor(file: string, environment: TelemetryEnvironment) {
    this.#file = file;
    this.#environment = environment;
  }

  /** @throws AppError run-edited when a host's time goes backwards */
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
        return;
      case 'error': {
        const known = this.#errors.get(record.source);
        this.#errors.set(record.source, { code: record.code, message: record.message, count: (known?.count ?? 0) + 1 });
        return;
      }
    }
  }

  #addHost(number: number, { host, elapsedSeconds, reading }: Extract<TelemetryRecord, { kind: 'host' }>): void {
    const series = this.#hosts.get(host) ?? { intervals: [] };
    this.#hosts.set(host, series);
    const now = { elapsedSeconds, reading };
    if (series.last && elapsedSeconds < series.last.elapsedSeconds) {
      throw new AppError(
        'run-edited',
        `${this.#file}:${number} contradicts the rest of the run: its time ${elapsedSeconds} s lies before ${series.last.elapsedSeconds} s, which was written earlier for ${host}`,
      );
    }
    const interval = series.last && intervalBetween(series.last, now);
    if (interval) series.intervals.push(interval);
    series.cpuOrigin ??= originOf(now);
    series.last = now;
  }

  finish(): Pick<LoadTestRun, 'hosts' | 'lag' | 'underReplicated' | 'findings'> {
    const inventories = new Map(this.#environment.hosts.map((inventory) => [inventory.host, inventory]));
    const hosts = new Map<string, HostSeries>();
    for (const host of new Set([...inventories.keys(), ...this.#hosts.keys()])) {
      const inventory = inventories.get(host);
      const { intervals = [], cpuOrigin } = this.#hosts.get(host) ?? {};
      hosts.set(host, { host, intervals, ...(inventory && { inventory }), ...(cpuOrigin && { cpuOrigin }) });
    }
    const findings = [...this.#errors].map(([source, { code, message, count }]): Finding => ({
      severity: 'warning',
      code: 'telemetry-failed',
      message: `${source} could not be read ${count === 1 ? 'once' : `${count} times`}; the last attempt said: ${message}`,
      evidence: [{ name: code, value: count, unit: 'failed readings', source: this.#file }],
    }));
    return { hosts, lag: this.#lag, underReplicated: this.#underReplicated, findings };
  }
}

function originOf({ elapsedSeconds, reading }: TimedReading): HostSeries['cpuOrigin'] {
  if (!reading.cpus?.length) return undefined;
  const origin = { idleSeconds: 0, allSeconds: -elapsedSeconds * reading.cpus.length };
  for (const { user, nice, system, idle, iowait, irq, softirq, steal } of reading.cpus) {
    origin.idleSeconds += idle;
    origin.allSeconds += user + nice + system + idle + iowait + irq + softirq + steal;
  }
  return origin;
}
