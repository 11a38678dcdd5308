// Joins the figures of a monitoring system to a load test of other tools.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { AppError } from '../../../../core/errors.ts';
import { brokerFigureNames } from '../../../../core/documents/evidence/broker-figures.ts';
import type { HostInventory } from '../../../../core/documents/evidence/host-reading.ts';
import {
  toolSections,
  type HostInterval,
  type HostSection,
  type HostSeries,
  type LoadTestRun,
} from '../../load-test-run.ts';
import type { SourceTelemetry, TelemetryWindow } from '../../sources/telemetry.ts';
import { FirstFile } from '../first-file.ts';
import type { StatedHosts } from './joined-hosts.ts';
import { refuseUnknownGenerator } from './joined-run.ts';

/** Samples in the shortest step, if the system was scraped often enough. */
const samplesPerStep = 10;

/** @throws AppError usage for a run of which only durations are known */
export function windowOf({ document, steps, durationSeconds }: LoadTestRun): TelemetryWindow {
  if (document.startedAt === undefined) {
    throw new AppError(
      'usage',
      'the files do not contain the start time of the load, which a monitoring system needs',
      { hint: 'add --start FILE=TIME for a tool that prints no time, --timezone for local times' },
    );
  }
  const from = Date.parse(document.startedAt);
  const shortest = Math.min(...steps.map((step) => step.to - step.from), durationSeconds);
  return {
    from: new Date(from),
    to: new Date(from + Math.ceil(durationSeconds) * 1000),
    stepSeconds: Math.min(60, Math.max(1, Math.floor(shortest / samplesPerStep))),
  };
}

/**
 * If a file and the system have the same section of a host at the same time, the file counts, because it was sampled
 * more often.
 */
export function withTelemetry(
  run: LoadTestRun,
  seen: SourceTelemetry,
  { links }: Pick<StatedHosts, 'links'>,
): LoadTestRun {
  const hosts = new Map(run.hosts);
  for (const [name, series] of seen.hosts) {
    const stated = { ...series, ...statedLinks(series, links) };
    const own = hosts.get(name);
    hosts.set(name, own === undefined ? stated : mergedHost(own, stated));
  }
  const { environment, sources = [] } = run.document;
  const importedHosts = new Set(seen.environment.brokers.map(({ host }) => host));
  const generatorHost = environment.generatorHost ?? seen.environment.generatorHost;
  refuseUnknownGenerator(generatorHost, [...hosts.keys()]);
  const known = [...seen.environment.brokers, ...environment.brokers.filter(({ host }) => !importedHosts.has(host))];
  // If files name hosts but no brokers, the hosts stand in for the brokers.
  const machines = [...hosts.keys()]
    .filter((host) => host !== generatorHost)
    .map((host) => ({ id: host, address: '', host }));
  const brokers = known.length > 0 ? known : machines;
  return {
    ...run,
    document: {
      ...run.document,
      sources: [...sources, seen.source],
      environment: {
        hosts: [...hosts.values()].flatMap(({ inventory }) => (inventory ? [inventory] : [])),
        brokers: brokers.filter(({ host }) => host === undefined || host !== generatorHost),
        ...(generatorHost !== undefined && { generatorHost }),
      },
    },
    hosts,
    brokers: mergedBrokers(run.brokers ?? new Map(), seen.brokers),
    lag: run.lag.length > 0 ? run.lag : seen.lag,
    underReplicated: [...run.underReplicated, ...seen.underReplicated],
    findings: [
      ...run.findings.filter(({ code }) => code !== 'no-telemetry' || hosts.size === 0),
      ...seen.findings,
      ...seen.events.map((event) => findingOf('cluster-changed', event)),
      ...(known.length > 0 || machines.length === 0
        ? []
        : [findingOf('machines-as-brokers', { hosts: machines.map(({ id }) => id) })]),
    ],
  };
}

/** Figures of a broker that the run read take precedence, because they were read more often. */
export function mergedBrokers(own: Brokers, other: Brokers): Brokers {
  const all = new Map(own);
  for (const [id, intervals] of other) {
    const mine = own.get(id) ?? [];
    const known = brokerFigureNames.filter((name) => mine.some((interval) => interval[name] !== undefined));
    const added = intervals.map((interval) => {
      const rest = { ...interval };
      for (const name of known) delete rest[name];
      return rest;
    });
    all.set(
      id,
      [...mine, ...added].toSorted((a, b) => a.from - b.from),
    );
  }
  return all;
}

type Brokers = NonNullable<LoadTestRun['brokers']>;

/** Omits sections of `other` between the first and the last reading that `own` has of them. */
export function mergedHost(own: HostSeries, other: HostSeries): HostSeries {
  const first = new FirstFile<HostSection>();
  for (const interval of own.intervals) {
    for (const section of toolSections) if (interval[section] !== undefined) first.takes(section, interval);
  }
  first.endFile();
  const disks = new Set(own.intervals.flatMap((interval) => interval.disks?.map(({ device }) => device) ?? []));
  const added = other.intervals.map((interval): HostInterval => {
    const rest = { ...interval };
    for (const section of toolSections) {
      if (rest[section] !== undefined && !first.takes(section, interval)) delete rest[section];
    }
    // The same disk under another name would count as a second one.
    if (disks.size > 0 && rest.disks?.some(({ device }) => disks.has(device)) === false) delete rest.disks;
    return rest;
  });
  return {
    ...other,
    ...own,
    inventory: { ...other.inventory, ...own.inventory, host: own.host },
    intervals: [...own.intervals, ...added].toSorted((a, b) => a.from - b.from),
    readBy: { ...other.readBy, ...own.readBy },
  };
}

function statedLinks({ host, inventory }: HostSeries, links: StatedHosts['links']): { inventory?: HostInventory } {
  const own = links.filter((link) => link.host === undefined || link.host === host);
  if (own.length === 0) return {};
  const cards = inventory?.networkDevices?.map(({ device }) => device) ?? [];
  const networkDevices = own.flatMap(({ device, bitsPerSecond }) =>
    (device === undefined ? cards : [device]).map((card) => ({
      device: card,
      speed: { bitsPerSecond, source: 'stated with --nic' },
    })),
  );
  return { inventory: { host, ...inventory, networkDevices } };
}
