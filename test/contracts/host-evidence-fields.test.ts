// Checks that each figure of a host interval has a producer, per origin, by comparing with the actual output of the producers.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { intervalBetween } from '../../analyzer/evidence/importers/host-interval.ts';
import type { HostInterval, HostSection } from '../../analyzer/evidence/load-test-run.ts';
import { figureNames, figureOf } from '../../analyzer/evidence/sources/figures.ts';
import { hostSeriesOf } from '../../analyzer/evidence/sources/host-series.ts';
import { readNamingSchemes } from '../../analyzer/evidence/sources/naming-schemes.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import { parseDiskstats } from '../../hosts/proc/diskstats.ts';
import { parseLoadavg, parseStat } from '../../hosts/proc/stat.ts';
import { parseMeminfo } from '../../hosts/proc/memory.ts';
import { parseNetDev, parseNetstat } from '../../hosts/proc/network.ts';
import { parseQueueDisciplines } from '../../hosts/proc/queue-disciplines.ts';

type FieldOf<Section> = Section extends readonly (infer Device)[]
  ? Exclude<keyof Device, 'device'> & string
  : Section extends object
    ? keyof Section & string
    : never;
type HostField = {
  [Name in HostSection]: FieldOf<NonNullable<HostInterval[Name]>> extends never
    ? Name
    : `${Name}.${FieldOf<NonNullable<HostInterval[Name]>>}`;
}[HostSection];

/** `own`: counters of Linux that a load test reads; `prometheus`: node_exporter or Plimsoll's exporter, in tests and production. */
const producers: Readonly<Record<HostField, readonly ('own' | 'prometheus')[]>> = {
  'cpu.busyCores': ['own', 'prometheus'],
  'cpu.iowaitCores': ['own', 'prometheus'],
  'cpu.stealCores': ['own', 'prometheus'],
  'cpu.cores': ['own', 'prometheus'],
  'cpu.hottestCore': ['own', 'prometheus'],
  'cpu.hottestIndex': ['own'],
  'network.inBytesPerSecond': ['own', 'prometheus'],
  'network.outBytesPerSecond': ['own', 'prometheus'],
  // Prometheus only has bytes; 24 per frame are added there.
  'network.inFramesPerSecond': ['own'],
  'network.outFramesPerSecond': ['own'],
  'network.backlogBytes': ['own', 'prometheus'],
  'disks.busy': ['own', 'prometheus'],
  'disks.awaitSeconds': ['own', 'prometheus'],
  'disks.writtenBytesPerSecond': ['own', 'prometheus'],
  'memory.usedBytes': ['own', 'prometheus'],
  'memory.totalBytes': ['own', 'prometheus'],
  retransmitsPerSecond: ['own', 'prometheus'],
};

const wanted = (origin: 'own' | 'prometheus') =>
  Object.entries(producers).flatMap(([name, origins]) => (origins.includes(origin) ? [name] : []));

function fieldsIn(interval: HostInterval): string[] {
  const sections = Object.entries(interval).filter(([name]) => name !== 'from' && name !== 'to');
  return sections.flatMap(([section, value]: [string, unknown]) => {
    if (typeof value !== 'object') return [section];
    const parts = Array.isArray(value) ? value : [value];
    return [...new Set(parts.flatMap((part: object) => Object.keys(part)))]
      .filter((name) => name !== 'device')
      .map((name) => `${section}.${name}`);
  });
}

const linux = (path: string) => readFileSync(new URL(`../fixtures/hosts/linux/${path}`, import.meta.url), 'utf8');

function reading(): HostReading {
  const queues = parseQueueDisciplines(linux('tc-qdisc.json'));
  return {
    cpus: parseStat(linux('proc/stat')),
    load: parseLoadavg(linux('proc/loadavg')),
    memoryBytes: parseMeminfo(linux('proc/meminfo')),
    disks: parseDiskstats(linux('proc/diskstats')),
    networkDevices: parseNetDev(linux('proc/net/dev')),
    netstat: parseNetstat(linux('proc/net/snmp')),
    ...(queues && { queues }),
  };
}

test('a load test reads its declared figures from the counters of a Linux machine', () => {
  const before = reading();
  const disks = before.disks?.map((disk) => ({ ...disk, writesCompleted: disk.writesCompleted + 1 })) ?? [];
  const interval = intervalBetween(
    { elapsedSeconds: 1, reading: before },
    { elapsedSeconds: 2, reading: { ...before, disks } },
  );
  expect(fieldsIn(interval ?? { from: 0, to: 0 }).toSorted()).toEqual(wanted('own').toSorted());
});

test('Prometheus yields its declared figures from the names of node_exporter', () => {
  const scheme = readNamingSchemes().find((each) => each.scheme === 'node-exporter');
  const series = figureNames
    .filter((figure) => figureOf(figure).of === 'host' && scheme?.figures[figure] !== undefined)
    .map((figure) => ({
      figure,
      target: 'host-1',
      addresses: [],
      ...(figureOf(figure).isPerDevice === true && { device: 'eth0' }),
      firstEnd: 30,
      gridSeconds: 30,
      values: Float64Array.of(1),
      source: 'node-exporter',
    }));
  const [interval] = hostSeriesOf(series, {}).get('host-1')?.intervals ?? [];
  expect(fieldsIn(interval ?? { from: 0, to: 0 }).toSorted()).toEqual(wanted('prometheus').toSorted());
});
