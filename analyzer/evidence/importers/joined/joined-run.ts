// Joins files of other tools to one run: loads and host readings on one clock, with gaps as findings.

import { createHash } from 'node:crypto';
import type { Finding, RunSource } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { AppError } from '../../../../core/errors.ts';
import type { Pair } from '../../../../core/text/bilingual.ts';
import type { LoadTestRun, RunDescription } from '../../load-test-run.ts';
import { noEvents } from '../run-events.ts';
import type { ColumnNames } from '../load-tests/columns-csv.ts';
import { type Doubt, type ImportedLoad, unnamedGroup } from '../load-tests/load-test-importer.ts';
import { type HostFile, type JoinedHosts, joinHosts, type StatedHosts } from './joined-hosts.ts';
import { type JoinedSteps, joinSteps, labelOf } from './joined-steps.ts';
import {
  gapMs,
  type JoinedClock,
  lengthOf,
  type LoadOfFile,
  ofFile,
  type PerFile,
  type PlacedLoad,
  placeLoads,
  type StatedClocks,
} from './load-clock.ts';
import { type FileToJoin, type RecognisedFile, recogniseFile } from './recognised-file.ts';

export interface JoinOptions extends StatedClocks {
  /** Target rate, messages per second. */
  rates: PerFile;
  hosts: StatedHosts;
  /** The host of these that generated the load. */
  generatorHost?: string | undefined;
  /** A monitoring system provides further hosts after the files. */
  hostsFollow?: boolean;
  intervalSeconds?: number | undefined;
  messageBytes?: number | undefined;
  cluster?: string | undefined;
  columns?: ColumnNames | undefined;
}

/** @throws AppError load-test-unreadable, readings-unreadable, usage, each naming the file */
export function joinFiles(given: readonly FileToJoin[], options: JoinOptions): LoadTestRun {
  const { files, findings } = withoutCopies(given.map((file) => recogniseFile(file, options.columns)));
  const loads = files.flatMap((file): LoadOfFile[] =>
    file.kind === 'load' ? file.loads.map((load) => ({ source: file.source, load })) : [],
  );
  const readings = files.filter((file) => file.kind === 'readings');
  if (loads.length === 0) {
    throw new AppError(
      'load-test-unreadable',
      `none of ${files.map(({ source }) => source.name).join(', ')} is output of a load test, and host metrics alone show no message rates`,
      { hint: 'name the output of the tool that produced, too; docs/reference/importers.md lists those that are read' },
    );
  }
  const broker = oneBroker(loads);
  const messageBytes = options.messageBytes ?? oneSize(loads);
  const clock = placeLoads(loads, {
    ...options,
    othersKnow: readings.find((file) => file.readings.readings.some(({ at }) => at.kind !== 'order'))?.source.name,
  });
  const startMs = Math.min(...clock.loads.map((load) => load.startMs));
  const durationSeconds = (Math.max(...clock.loads.map(({ endMs }) => endMs)) - startMs) / 1000;
  const joined = joinSteps(clock.loads, startMs, (file) => ofFile(options.rates, file));
  const seen = hostsBeside(readings, clock, { startedAtMs: startMs, plannedSeconds: durationSeconds }, options);
  const doubts = doubtsOf(clock, joined);
  const sources = sourcesOf(files, doubts);
  const isTorn = loads.some(({ load }) => load.isTruncated);
  const workload = Object.assign(
    {},
    ...loads.map(({ load }) => load.workload).toReversed(),
    messageBytes !== undefined && { messageBytes },
  ) as RunDescription['workload'];
  return {
    document: {
      id: `files-${digestOf(files)}`,
      ...(broker && { broker }),
      cluster: options.cluster ?? loads.map(({ load }) => load.cluster).find((name) => name !== undefined) ?? 'unnamed',
      ...(clock.kind === 'epoch' && { startedAt: new Date(startMs).toISOString() }),
      workload,
      environment: environmentOf(seen, options),
      sources,
    },
    steps: joined.steps,
    produced: joined.produced,
    consumed: joined.consumed,
    hosts: seen.hosts,
    jvms: seen.jvms,
    lag: lagOf(clock, startMs),
    underReplicated: [],
    status: joined.brokeOffAt !== undefined ? 'failed' : isTorn ? 'interrupted' : 'completed',
    durationSeconds,
    events: noEvents(),
    findings: [...findings, ...seen.findings, ...joinedFindings(clock, joined, seen), ...sourceFindings(doubts)],
  };
}

/** Two files with the same bytes count as one, so that messages do not count twice. */
function withoutCopies(given: readonly RecognisedFile[]): { files: RecognisedFile[]; findings: Finding[] } {
  const first = new Map<string, RecognisedFile>();
  const copies: { file: string; of: string }[] = [];
  for (const file of given) {
    const same = first.get(file.source.sha256);
    if (same === undefined) first.set(file.source.sha256, file);
    else copies.push({ file: file.source.name, of: same.source.name });
  }
  const findings = copies.length === 0 ? [] : [findingOf('file-twice', { copies })];
  return { files: [...first.values()], findings };
}

function digestOf(files: readonly RecognisedFile[]): string {
  const digests = files.map(({ source }) => source.sha256).toSorted();
  return createHash('sha256').update(digests.join()).digest('hex').slice(0, 12);
}

function oneBroker(loads: readonly LoadOfFile[]): ImportedLoad['broker'] {
  const [first, ...others] = loads.filter(({ load }) => load.broker !== undefined);
  const other = others.find(({ load }) => load.broker !== first?.load.broker);
  if (other === undefined) return first?.load.broker;
  throw new AppError(
    'load-test-unreadable',
    `${first?.source.name} and ${other.source.name} are of Kafka and of RocketMQ: they are from two runs`,
    { hint: 'analyze them separately' },
  );
}

/** Kafka's tools round their megabytes, so sizes this close are equal. */
const sizeTolerance = 0.02;

/** The cost of a message depends on its size, so steps with two sizes do not fit one line. */
function oneSize(loads: readonly LoadOfFile[]): number | undefined {
  const known = loads.flatMap(({ source, load }) =>
    load.workload.messageBytes === undefined ? [] : [{ file: source.name, bytes: load.workload.messageBytes }],
  );
  const [first] = known;
  const other = known.find(({ bytes }) => Math.abs(bytes / (first?.bytes ?? bytes) - 1) > sizeTolerance);
  if (first && other) {
    throw new AppError(
      'load-test-unreadable',
      `${first.file} is of messages of ${first.bytes} B and ${other.file} of ${other.bytes} B: they are of two tests`,
      { hint: 'analyze them separately, or set --message-size if the sizes in the files are wrong' },
    );
  }
  return first?.bytes;
}

function hostsBeside(
  files: readonly HostFile[],
  clock: JoinedClock,
  run: { startedAtMs: number; plannedSeconds: number },
  options: JoinOptions,
): JoinedHosts {
  const timed = files.find(({ readings }) => readings.readings.some(({ at }) => at.kind === 'instant'));
  if (clock.kind === 'wall' && timed) {
    throw new AppError(
      'usage',
      `--timezone is needed: ${timed.source.name} has UTC times, and the load test has local times`,
      { hint: 'write --timezone Asia/Shanghai or --timezone +08:00' },
    );
  }
  // All times are in one unnamed zone, so they are consistent with each other.
  const timezone = options.timezone ?? (clock.kind === 'wall' ? 'UTC' : undefined);
  return joinHosts(files, { ...options, run, timezone }, options.hosts);
}

/** @throws AppError not-found */
export function refuseUnknownGenerator(generatorHost: string | undefined, names: readonly string[]): void {
  if (generatorHost === undefined || names.includes(generatorHost)) return;
  throw new AppError('not-found', `--generator: no readings are of ${generatorHost}`, {
    hint: `there are readings of ${names.join(', ') || 'no machine'}`,
  });
}

function environmentOf(
  { hosts }: JoinedHosts,
  { generatorHost, hostsFollow = false }: JoinOptions,
): RunDescription['environment'] {
  const names = [...hosts.keys()];
  if (!hostsFollow) refuseUnknownGenerator(generatorHost, names);
  return {
    hosts: [...hosts.values()].flatMap(({ inventory }) => (inventory ? [inventory] : [])),
    brokers: names.filter((host) => host !== generatorHost).map((host) => ({ id: host, address: '', host })),
    ...(generatorHost !== undefined && { generatorHost }),
  };
}

function doubtsOf({ loads }: JoinedClock, joined: JoinedSteps): SourceDoubt[] {
  return loads.flatMap((placed) => {
    const source = labelOf(placed);
    const file = placed.source.name;
    const own = [...placed.load.doubts, ...(joined.doubts.get(placed) ?? [])];
    const guessed: Doubt[] = placed.isGuessed ? [{ flag: 'no-time-stamps', what: guessText(placed) }] : [];
    return [...guessed, ...own].map((doubt) => ({ file, source, ...doubt }));
  });
}

function guessText({ isNext, load }: PlacedLoad): Pair {
  const [en, zh] = isNext
    ? [`placed ${gapMs / 1000} s after the test before it in its file`, `置于文件中前一次压测之后 ${gapMs / 1000} 秒`]
    : load.produced.length > 0
      ? ['placed in the order of the command line', '按命令行中的顺序排列']
      : ['assumed to begin with the run', '按与压测同时开始处理'];
  return [`it has no time stamps, and is ${en}`, `没有时间戳，${zh}`];
}

function sourcesOf(files: readonly RecognisedFile[], doubts: readonly SourceDoubt[]): RunSource[] {
  return files.map(({ source }) => {
    const own = doubts.filter(({ file }) => file === source.name);
    return { ...source, flags: [...new Set(own.map(({ flag }) => flag))] };
  });
}

/**
 * If a smaller share of the produced messages was consumed but the backlog is reported as constant, it belongs to
 * another group.
 */
const consumedShare = 0.98;

function lagOf({ loads }: JoinedClock, startMs: number): LoadTestRun['lag'] {
  return loads.flatMap(({ load, startMs: begin }) => {
    const [produced, consumed] = [load.produced, [...load.consumed.values()].flat()].map((windows) =>
      windows.reduce((sum, { messages }) => sum + messages, 0),
    ) as [number, number];
    if (consumed < consumedShare * produced) return [];
    const from = (begin - startMs) / 1000;
    return (load.backlog ?? []).map(({ atSeconds, messages }) => ({
      elapsedSeconds: from + atSeconds,
      group: unnamedGroup,
      messages,
    }));
  });
}

interface SourceDoubt extends Doubt {
  file: string;
  /** File name, and the part of the file. */
  source: string;
}

/**
 * Creates the findings about joined files: missing hosts, windows between steps, loads that stopped, and limitations
 * of figures.
 */
function joinedFindings(clock: JoinedClock, joined: JoinedSteps, seen: JoinedHosts): Finding[] {
  const findings: Finding[] = [];
  const notes = clock.loads.flatMap((placed) =>
    (placed.load.notes ?? []).map((note) => ({ ...note, file: labelOf(placed) })),
  );
  if (notes.length > 0) findings.push(findingOf('read-from-files', { notes }));
  if (seen.hosts.size === 0) findings.push(findingOf('no-telemetry', {}));
  if (joined.edges > 0) findings.push(findingOf('between-steps', { windows: joined.edges }));
  if (joined.brokeOffAt !== undefined) findings.push(findingOf('load-broke-off', { atSeconds: joined.brokeOffAt }));
  if (joined.steps.length === 0 && clock.loads.every(({ load }) => load.produced.length === 0)) {
    const seconds = Math.max(...clock.loads.map(({ load }) => lengthOf(load)));
    findings.push(findingOf('nothing-produced', { files: clock.loads.map(labelOf), seconds }));
  }
  return findings;
}

/** One finding per flag, with the affected files. */
export function sourceFindings(doubts: readonly SourceDoubt[]): Finding[] {
  const byFlag = Map.groupBy(doubts, ({ flag }) => flag);
  return [...byFlag].map(([flag, own]) => {
    const byText = Map.groupBy(own, ({ what: [en] }) => en);
    const found = [...byText.values()].flatMap((same) => {
      const sources = [...new Set(same.map(({ source }) => source))];
      return same.slice(0, 1).map(({ what }) => ({ what, sources }));
    });
    return findingOf(flag, { found, evidence: own.flatMap(({ evidence = [] }) => evidence) });
  });
}
