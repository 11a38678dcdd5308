// Joins readings of host tools to a load, on its clock, with stated facts about cards and cores.

import { defined } from '../../../../core/defined.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { about, AppError } from '../../../../core/errors.ts';
import type { HostInventory } from '../../../../core/documents/evidence/host-reading.ts';
import type { HostSeries, JvmInterval } from '../../load-test-run.ts';
import { alignReadings, type TimedLine } from '../host-tools/align.ts';
import type { ToolReadings } from '../host-tools/host-tool.ts';
import { PrintedFigures } from '../printed-figures.ts';
import { ofFile, type PerFile, type StatedClocks } from './load-clock.ts';
import type { FileSource } from './recognised-file.ts';

export interface HostFile {
  source: FileSource;
  tool: string;
  readings: ToolReadings;
}

/** Facts about one host by name, or about every host without a name. */
export interface StatedHosts {
  cores: PerFile;
  memoryBytes: PerFile;
  /** `device` absent: the card with the most traffic. */
  links: readonly { host?: string; device?: string; bitsPerSecond: number }[];
  /** Host name by file. */
  names: ReadonlyMap<string, string>;
}

interface HostClock extends StatedClocks {
  run: { startedAtMs: number; plannedSeconds: number };
  intervalSeconds?: number | undefined;
}

export interface JoinedHosts {
  hosts: Map<string, HostSeries>;
  jvms: Map<string, JvmInterval[]>;
  findings: Finding[];
}

function hostNameOf({ source, readings }: HostFile, names: StatedHosts['names']): string {
  return names.get(source.name) ?? readings.hostName ?? fileStem(source.name);
}

/** `logs/mq-1.sar.txt` belongs to mq-1, if the tool prints no name. */
function fileStem(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.includes('.') ? name.slice(0, name.indexOf('.')) || name : name;
}

/** @throws AppError usage, readings-unreadable with the name of the file */
export function joinHosts(files: readonly HostFile[], clock: HostClock, stated: StatedHosts): JoinedHosts {
  const findings: Finding[] = [];
  const jvms = new Map<string, JvmInterval[]>();
  const all = files.map((file): HostPart => ({ file, lines: aligned(file, clock) }));
  const hosts = new Map<string, HostSeries>();
  for (const [host, parts] of Map.groupBy(all, ({ file }) => hostNameOf(file, stated.names))) {
    refuseTwoJvms(host, parts);
    const inventory = inventoryOf(host, parts, stated, findings);
    const printed = new PrintedFigures();
    const intervals = parts.flatMap(({ file: { tool, source }, lines }) =>
      printed.takeFile(lines, `${tool} (${source.name})`, inventory),
    );
    intervals.sort((a, b) => a.from - b.from);
    hosts.set(host, { host, inventory, intervals, ...printed.readBy() });
    if (printed.jvms.length > 0) jvms.set(host, printed.jvms);
  }
  return { hosts, jvms, findings };
}

function aligned(
  { source, readings }: HostFile,
  { run, starts, clockOffsets, timezone, intervalSeconds }: HostClock,
): readonly TimedLine[] {
  const options = {
    timezone,
    startMs: ofFile(starts, source.name),
    intervalSeconds,
    offsetSeconds: ofFile(clockOffsets, source.name) ?? 0,
    otherTimeHint: `if its clock was wrong, state by how much it was behind: --clock-offset ${source.name}=+8h; else give the file of the right day`,
  };
  return about(source.name, () => alignReadings(readings.readings, run, options).lines);
}

type HostPart = { file: HostFile; lines: readonly TimedLine[] };

function inventoryOf(
  host: string,
  parts: readonly HostPart[],
  stated: StatedHosts,
  findings: Finding[],
): HostInventory {
  const cores =
    ofFile(stated.cores, host) ?? parts.map(({ file }) => file.readings.cores).find((each) => each !== undefined);
  const memoryBytes = ofFile(stated.memoryBytes, host);
  const hasCpu = parts.some((part) => part.lines.some((line) => line.kind === 'host-rates' && line.rates.cpu));
  if (hasCpu && cores === undefined) {
    findings.push(findingOf('cores-unknown', { host, files: parts.map(({ file }) => file.source.name) }));
  }
  const busiest = busiestCard(parts);
  const networkDevices = stated.links
    .filter((link) => link.host === undefined || link.host === host)
    .flatMap(({ device = busiest, bitsPerSecond }) =>
      device === undefined ? [] : [{ device, speed: { bitsPerSecond, source: 'stated with --nic' } }],
    );
  const unstated = networkDevices.length === 0 && busiest !== undefined ? [{ device: busiest }] : networkDevices;
  return {
    host,
    ...defined({ cores, memoryBytes }),
    ...(unstated.length > 0 && { networkDevices: unstated }),
  };
}

/** Loopback and container cards have no traffic to other hosts. */
const noCard = /^(?:lo\d*|veth.*|docker\d*|br-.*|virbr.*|cni\d*|flannel.*|cali.*|dummy.*)$/;

function busiestCard(parts: readonly HostPart[]): string | undefined {
  const sums = new Map<string, number>();
  for (const { lines } of parts) {
    for (const line of lines) {
      for (const card of line.kind === 'host-rates' ? (line.rates.networkDevices ?? []) : []) {
        if (noCard.test(card.device)) continue;
        sums.set(card.device, (sums.get(card.device) ?? 0) + card.receiveBytesPerSecond + card.transmitBytesPerSecond);
      }
    }
  }
  return [...sums].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** In a sum, the collections of an idle JVM would hide those of a busy one. @throws AppError usage */
function refuseTwoJvms(host: string, parts: readonly HostPart[]): void {
  const spans = parts
    .flatMap(({ file, lines }) => {
      const rows = lines.filter(({ kind }) => kind === 'jvm-rates');
      const [first, last] = [rows[0], rows.at(-1)];
      if (first === undefined || last === undefined) return [];
      const from = first.elapsedSeconds - first.intervalSeconds;
      return [{ name: file.source.name, from, to: last.elapsedSeconds }];
    })
    .toSorted((a, b) => a.from - b.from);
  for (const [index, { name, from }] of spans.entries()) {
    const before = spans[index - 1];
    if (before === undefined || from >= before.to) continue;
    throw new AppError('usage', `${before.name} and ${name} are both of a JVM of host ${host} at the same time`, {
      hint: 'give only the file of the broker, or one file where both are of the same JVM; files of other hosts: state the host of each with --host',
    });
  }
}
