// Reports verdict, figures and findings of GC logs in files, folders or standard input.

import { existsSync } from 'node:fs';
import { findingLanguages } from '../../core/documents/findings/finding-entry.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { renderComparison } from '../../gc/report/compare.ts';
import { createGcFigures } from '../../gc/report/gc-figures.ts';
import type { GcReport } from '../../gc/report/gc-report.ts';
import { makeReport } from '../../gc/report/make-report.ts';
import { renderText } from '../../gc/report/text.ts';
import type { TimelineSeries } from '../../gc/report/timeline.ts';
import { hasColours } from '../command-line.ts';
import { choice, defineCommand, flag, type IoOf, option, printDocument, text } from '../command.ts';
import { writeNew } from '../../app/files/write-new.ts';
import { findLogs, openingRefusals } from '../../app/gc-logs/find-logs.ts';
import { readLogs } from '../../app/gc-logs/read-logs.ts';
import { progressLine } from '../progress-bar.ts';
import { zonedMs } from '../../core/local-moment.ts';
import { plain } from '../../core/text/table.ts';
import type { Bound, TimeWindow } from '../../gc/report/time-window.ts';

const gcOptions = {
  from: text('TIME', 'ignore events before this time (ISO 8601 with zone, or seconds of uptime)'),
  to: text('TIME', 'ignore events from this time on'),
  compare: flag('compare two sets of logs: two files, or two folders'),
  run: text('RUN', 'add the figures of each step of this run, and match pauses with its send latency by time'),
  identity: text('FILE', 'private key for ssh:// (default: that of the config file, the agent, then ~/.ssh)'),
  config: text('FILE', 'config file with SSH settings (`hosts`) for ssh:// (default plimsoll.yaml, if there is one)'),
  html: text('FILE', 'write a page with charts as well'),
  lang: option('en|zh', 'language of that page (default en)', choice(findingLanguages).optional()),
  force: flag('overwrite an existing file'),
  json: flag('print one JSON document (docs/schema/gc.schema.json)'),
};

type GcIo = IoOf<typeof gcOptions>;
type GcOptions = GcIo['options'];

export const gcCommand = defineCommand({
  positionals: 'FILE|FOLDER|ssh://HOST/PATH|-…',
  options: gcOptions,
  examples: [
    'plimsoll gc /dev/shm --from 2026-01-01T12:00:00+08:00',
    'plimsoll gc kafkaServer-gc.log* --html gc.html',
    'plimsoll gc --compare before/ after/',
    'plimsoll gc ssh://admin@mq-1/dev/shm --run runs/20260101-120000',
  ],

  async run(io) {
    const { positionals, options, stdout, stderr, environment } = io;
    if (positionals.length === 0) {
      throw new AppError('usage', 'gc takes files, folders, ssh://HOST/PATH, or - for standard input');
    }
    const page = pageOf(options);
    if (options.compare) return compare(io);
    const { report, timeline } = await reportOf(io, positionals);
    printDocument(io, report, () => renderText(report, { colours: hasColours(stdout, environment) }));
    if (page !== undefined) await writePage(page, report, timeline);
    return tellProblems(report, stderr);
  },
});

async function compare(io: GcIo): Promise<number> {
  const { positionals, options, stderr } = io;
  const [first, second, ...others] = positionals;
  if (first === undefined || second === undefined || others.length > 0) {
    throw new AppError('usage', '--compare takes two arguments, each a file or a folder');
  }
  const left = (['run', 'html'] as const).find((name) => options[name] !== undefined);
  if (left !== undefined) throw new AppError('usage', `--${left} and --compare exclude each other`);
  const { report: a } = await reportOf(io, [first]);
  const { report: b } = await reportOf(io, [second]);
  printDocument(io, { schemaVersion: 1, a, b }, () => renderComparison(a, b));
  return Math.max(tellProblems(a, stderr), tellProblems(b, stderr));
}

async function reportOf(
  { options, stderr, signal }: GcIo,
  args: readonly string[],
): Promise<{ report: GcReport; timeline: TimelineSeries }> {
  const figures = createGcFigures(windowOf(options));
  const steps = options.run === undefined ? undefined : await stepsOf(options.run, signal);
  await using inputs = await findLogs(args, {
    stdin: process.stdin,
    access: await accessOf({ options, stderr, signal }, args),
    signal,
  });
  const progress = progressOf(stderr, inputs.totalBytes);
  const files = await readLogs(inputs, {
    figures: [figures, ...(steps?.figures ?? [])],
    signal,
    onProgress: progress.show,
  });
  progress.clear();
  if (files.every(({ problem, bytes }) => problem !== undefined && bytes === 0)) throw nothingRead(files);
  if (figures.total.isEmpty && (options.from !== undefined || options.to !== undefined)) {
    throw new AppError('gc-log-unreadable', 'the logs have no events between --from and --to', {
      hint: 'a log without dates has only seconds of uptime; one of Kafka or RocketMQ on JDK 9+ has only dates',
    });
  }
  if (steps !== undefined && !figures.total.isEmpty && steps.figures.every(({ total }) => total.isEmpty)) {
    throw new AppError('gc-log-unreadable', `the logs have no events during ${options.run}`, {
      hint: 'give the logs of the brokers of this run, with dates: a log without dates cannot be matched',
    });
  }
  const report = makeReport(figures, files, steps?.report());
  if (figures.total.isEmpty && isForeign(report)) throw nothingRecognized(report);
  return { report, timeline: figures.timeline.series };
}

/** Only remote hosts need the config file. */
async function accessOf(
  { options, stderr, signal }: Pick<GcIo, 'options' | 'stderr' | 'signal'>,
  args: readonly string[],
) {
  if (!args.some((word) => word.startsWith('ssh://'))) return {};
  const { presentConfig } = await import('../options.ts');
  const config = await presentConfig({ options, signal }).catch((cause: unknown) => {
    if (options.config !== undefined || !(cause instanceof AppError)) throw cause;
    stderr.write(`without the SSH settings of plimsoll.yaml: ${cause.message}\n`);
    return undefined;
  });
  return { identityFile: options.identity, hosts: config?.hosts };
}

/** Even a JVM that has just started has logged its collector or a time. */
const isForeign = ({ runs, coveredSeconds, unparsed }: GcReport): boolean =>
  unparsed.lines > 0 &&
  coveredSeconds === undefined &&
  runs.every(
    ({ collector, startedAt, uptimeSeconds }) =>
      collector === undefined && startedAt === undefined && uptimeSeconds === undefined,
  );

function nothingRecognized({ files, unparsed: { lines } }: GcReport): AppError {
  const rest = files.length > 1 ? `, and ${files.length - 1} more` : '';
  return new AppError(
    'gc-log-unreadable',
    `${files[0]?.path}${rest} is not a GC log: none of ${lines} lines could be parsed`,
    { hint: whereToLook },
  );
}

/** Loaded on demand: bundles, and the page below, take as much memory as a log of any length. */
async function stepsOf(bundle: string, signal: AbortSignal) {
  const { readSteps } = await import('../../app/gc-logs/steps.ts');
  return readSteps(bundle, signal);
}

function nothingRead(files: GcReport['files']): AppError {
  const [first] = files;
  const isForbidden = files.every(({ problem }) => problem === openingRefusals.EACCES);
  const isMissing = files.every(({ problem }) => problem === openingRefusals.ENOENT);
  const rest = files.length > 1 ? `, and ${files.length - 1} more` : '';
  return new AppError(
    isForbidden ? 'no-permission' : isMissing ? 'not-found' : 'gc-log-unreadable',
    `cannot read ${first?.path}${rest}: ${first?.problem}`,
    isMissing ? { hint: whereToLook } : {},
  );
}

const whereToLook =
  'the option -Xloggc or -Xlog of the JVM has the path of the GC log; `jcmd PID VM.command_line` prints it';

/** Smaller files are read in a moment and need no progress line. */
const slowBytes = 32 * 2 ** 20;

function progressOf(stderr: GcIo['stderr'], totalBytes: number) {
  const line = progressLine(stderr);
  let shownPercent = 0;
  const isShown = stderr.isTerminal && totalBytes > slowBytes;
  return {
    show(readBytes: number) {
      const percent = Math.min(100, Math.floor((readBytes / totalBytes) * 100));
      if (!isShown || percent === shownPercent) return;
      shownPercent = percent;
      const full = Math.round(percent / 5);
      line.show(`reading GC logs ${'█'.repeat(full)}${'·'.repeat(20 - full)} ${percent}%`);
    },
    clear: () => isShown && line.clear(),
  };
}

/** Checks the output file before a log of gigabytes is read. */
function pageOf({ html, lang, force }: Pick<GcOptions, 'html' | 'lang' | 'force'>) {
  if (html !== undefined) {
    if (!force && existsSync(html)) throw new AppError('file-exists', `${html} already exists`);
    return { file: html, language: lang ?? 'en', force };
  }
  if (lang !== undefined) {
    throw new AppError('usage', '--lang is the language of the page, but there is no --html', {
      hint: 'give --html FILE as well',
    });
  }
  return undefined;
}

async function writePage(
  { file, language, force }: NonNullable<ReturnType<typeof pageOf>>,
  report: GcReport,
  timeline: TimelineSeries,
): Promise<void> {
  const { renderGcPage } = await import('../../gc/report/page/page.ts');
  await writeNew(file, await renderGcPage(report, timeline, language), { force });
}

/** @returns the exit code: readable files were answered, but an unreadable file is still bad input */
function tellProblems({ files }: GcReport, stderr: GcIo['stderr']): number {
  const bad = files.filter(({ problem }) => problem !== undefined);
  for (const { path, problem } of bad) stderr.write(`note: ${plain(`${path}: ${problem}`)}\n`);
  return bad.length === 0 ? exitCodes.answered : exitCodes.usage;
}

/** @throws AppError usage */
export function windowOf(options: Partial<Pick<GcOptions, 'from' | 'to'>>): TimeWindow {
  const from = boundOf('from', options.from);
  const to = boundOf('to', options.to);
  if (from !== undefined && to !== undefined && leavesNothing(from, to)) {
    throw new AppError('usage', `--from ${options.from} is not before --to ${options.to}`);
  }
  return { ...(from && { from }), ...(to && { to }) };
}

/** Whether the window is empty. A clock time and an age of the JVM cannot be compared. */
const leavesNothing = (from: Bound, to: Bound): boolean =>
  from.kind === 'clock'
    ? to.kind === 'clock' && to.epochMs <= from.epochMs
    : to.kind === 'uptime' && to.seconds <= from.seconds;

function boundOf(name: string, typed: string | undefined): Bound | undefined {
  if (typed === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(typed)) return { kind: 'uptime', seconds: Number(typed) };
  const epochMs = zonedMs(typed);
  if (!Number.isNaN(epochMs)) return { kind: 'clock', epochMs };
  throw new AppError('usage', `--${name}: ${JSON.stringify(typed)} is neither a time with a zone nor seconds`, {
    hint: 'write it like 2026-01-01T12:00:00+08:00, or 3600 for one hour after the JVM started',
  });
}
