// Analyzes a run bundle, files of other tools or production metrics, and prints the verdict.

import { readAlternative } from '../../analyzer/planning/what-if/alternative.ts';
import { whatIf } from '../../analyzer/planning/what-if/what-if.ts';
import { analyzeBundle, analyzeFiles } from '../../analyzer/verdict/analyze.ts';
import { reports } from '../../dashboards/reports/analysis/registry.ts';
import type { ReportOptions } from '../../dashboards/reports/analysis/report.ts';
import { readTelemetry, type TelemetryWindow } from '../../analyzer/evidence/sources/telemetry.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { joinOptions, readJoinOptions, refuseJoinOptions } from '../analysis/join-options.ts';
import { withLossGrade } from '../../app/analysis/loss-grade.ts';
import { findNamed } from '../../app/analysis/named-files.ts';
import { analyseProduction } from '../../app/analysis/production.ts';
import { requestedSource } from '../../app/analysis/telemetry-source.ts';
import { loadTestOf, whatIfDocument, whatIfOptions, whatIfText } from '../analysis/what-if.ts';
import { type CommandIo, defineCommand, flag, type IoOf, renderJson, text } from '../command.ts';
import { policyOf, policyOption, languageOption } from '../options.ts';
import { deriveResult } from '../../app/analysis/derived-result.ts';
import { progressBar, progressLine } from '../progress-bar.ts';

const sourceOptions = {
  prometheus: text(
    'URL',
    'read host and broker metrics from this Prometheus: of the time of the run, or with --from of production',
  ),
  source: text('NAME', 'read them from this entry of `sources` in the config file'),
};

const productionOptions = {
  from: text('TIME', 'start of the production window: ISO 8601 with a zone, or now-7d'),
  to: text('TIME', 'end of the production window: ISO 8601 with a zone, or now-1h (default now)'),
  step: text('TIME', 'interval of the production metrics (default 1m, or longer for long windows)'),
};

const gradeOption = {
  grade: text(
    'RUN',
    'for a run with --degraded: compare the prediction of this earlier run or analysis with it (default: the one of --predicted-by)',
  ),
} as const;

/** @throws AppError usage: a run has a recorded time range */
function refuseProductionOptions(options: CommandIo['options']): void {
  const given = Object.keys(productionOptions).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new AppError('usage', `--${given} is for production metrics and cannot be combined with a run or files`, {
    hint: 'write plimsoll analyze --prometheus URL --cluster NAME --from now-7d',
  });
}

const analyzeOptions = {
  config: policyOption,
  ...joinOptions,
  ...sourceOptions,
  ...productionOptions,
  ...whatIfOptions,
  ...gradeOption,
  verbose: flag('print all findings with their details (default: those that change a decision)'),
  explain: flag('print how the answer was computed, starting from the samples'),
  lang: languageOption('--explain'),
  json: flag('print one JSON document (docs/schema/analysis.schema.json)'),
};

export type AnalyzeIo = IoOf<typeof analyzeOptions>;

export const analyzeCommand = defineCommand({
  positionals: '[RUN|FILE…]',
  options: analyzeOptions,
  examples: [
    'plimsoll analyze runs/20260101-120000',
    'plimsoll analyze examples/founding-70k --json',
    'plimsoll analyze runs/20260101-120000 --explain --lang zh',
    'plimsoll analyze runs/without-broker-2 --grade runs/all-brokers',
    'plimsoll analyze runs/20260101-120000 --prometheus http://prometheus:9090 --cluster orders',
    'plimsoll analyze --prometheus http://prometheus:9090 --cluster orders --from now-7d',
    'plimsoll analyze runs/20260101-120000 --what-if messageBytes=1KiB --what-if groups=3,nic=10gbit',
    'plimsoll analyze producer-*.log consumer.csv sar.txt --start 2026-01-01T12:00:00Z --nic mq-1=1gbit',
  ],

  run: (io) => printAnalysis(io, io.options.verbose ? 'full' : undefined),
});

/** @returns the exit code */
export async function printAnalysis(io: AnalyzeIo, detail?: ReportOptions['detail']): Promise<number> {
  const { options, stdout, signal, environment } = io;
  const explainIn = options.explain ? options.lang : undefined;
  const requested = options['what-if'].map(readAlternative);
  const policy = await policyOf(io);
  const analysis = await withLossGrade(await analysisOf(io, policy), options.grade, { policy, signal });
  const alternatives = requested.length === 0 ? [] : whatIf(await loadTestOf(io, policy), policy, requested);
  const report = options.json ? reports.json : reports.text;
  const colours = stdout.isTerminal && !environment['NO_COLOR'];
  if (requested.length > 0 && options.json) stdout.write(renderJson(whatIfDocument(analysis, alternatives)));
  else stdout.write(report.render(analysis, { colours, ...(explainIn && { explainIn }), ...(detail && { detail }) }));
  if (requested.length > 0 && !options.json) stdout.write(whatIfText(analysis, alternatives));
  return isUnanswered(analysis.safeMaxTps) ? exitCodes.unknown : exitCodes.answered;
}

async function analysisOf(io: AnalyzeIo, policy: Policy): Promise<Analysis> {
  const { positionals, options, stderr, signal } = io;
  if (positionals.length === 0 && (options.prometheus !== undefined || options.source !== undefined)) {
    refuseJoinOptions(
      options,
      Object.keys(joinOptions).filter((name) => name !== 'cluster'),
      'production figures come from the source',
    );
    if (options['what-if'].length > 0) {
      throw new AppError('usage', '--what-if is not available for production windows', {
        hint: 'name the run of a load test, or files of other tools',
      });
    }
    return productionOf(io, policy);
  }
  refuseProductionOptions(options);
  const { columns } = readJoinOptions({ columns: options.columns }, []);
  const named = await findNamed(positionals, { columns, signal });
  if (named.kind === 'files') {
    for (const file of named.skipped) stderr.write(`skipped ${file}: no known tool writes this format\n`);
    const join = readJoinOptions(
      options,
      named.files.map(({ name }) => name),
    );
    return analyzeFiles(named.files, join, policy, await sourceReader(io));
  }
  const read = await sourceReader(io);
  refuseJoinOptions(
    options,
    Object.keys(joinOptions).filter((name) => name !== 'cluster' || read === undefined),
  );
  const fault = await deriveResult(named.directory, { signal });
  const analysis = await analyzeBundle(named.directory, policy, { signal, ...(read && { read }) });
  if (fault !== undefined)
    stderr.write(
      `warning: the journal of the run was not added up (delivery check, certificate, bytes): ${fault.message}\n`,
    );
  return analysis;
}

async function productionOf(io: AnalyzeIo, policy: Policy): Promise<Analysis> {
  const { options, stderr, signal, clock, environment } = io;
  const requested = await requestedSource(options, signal);
  if (requested === undefined) {
    throw new AppError('usage', 'no metrics source: give --prometheus URL, or --source NAME of the config file');
  }
  const { clusters = [] } = requested;
  if (options.cluster !== undefined && clusters.length > 0 && !clusters.includes(options.cluster)) {
    const listed = meantHint(options.cluster, clusters, `clusters: ${clusters.join(', ')}`);
    stderr.write(`warning: no cluster of the config file is called ${options.cluster} in the source; ${listed}\n`);
  }
  const line = progressLine(stderr);
  const progress = (share: number) => {
    if (!stderr.isTerminal) return;
    const bar = progressBar(share, stderr.columns, { isPlain: environment['TERM'] === 'dumb' });
    line.show([`reading ${requested.name}`, bar, `${Math.round(100 * share)}%`].filter(Boolean).join(' '));
  };
  return analyseProduction(requested, options, policy, { signal, clock, progress }).finally(line.clear);
}

/** @returns undefined if no source was requested */
async function sourceReader({ options, signal, clock }: AnalyzeIo) {
  const requested = await requestedSource(options, signal);
  if (requested === undefined) return undefined;
  const { cluster } = options;
  return (window: TelemetryWindow) =>
    readTelemetry(
      requested.source,
      { ...window, ...(typeof cluster === 'string' && { cluster }) },
      { signal, clock, name: requested.name },
    );
}

/** A limit with an unknown cause leaves the maximum as uncertain as missing metrics do. */
function isUnanswered(safe: Analysis['safeMaxTps']): boolean {
  return safe.kind === 'unknown' || (safe.kind === 'at-least' && safe.reason === 'limit-cause-unknown');
}
