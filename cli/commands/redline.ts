// Declares `plimsoll redline`: finds the limit of one broker with live traffic.

import { z } from 'zod';
import { lineWriter } from '../../app/caller.ts';
import { runRedline } from '../../app/redline/run-redline.ts';
import { exitCodes } from '../../core/errors.ts';
import { Duration, Share } from '../../core/text/quantity.ts';
import { goneOption, leaseOptions } from '../change/administration-options.ts';
import { clusterOptions } from '../options.ts';
import { commaSeparated, defineCommand, duration, flag, option, renderJson, text, wholeNumber } from '../command.ts';
import { progressLine } from '../progress-bar.ts';
import { drainOptions } from '../rocketmq/run-change.ts';
import { configArgs } from '../../app/observe/named-cluster.ts';
import type { RedlineDocument, RedlinePlan } from '../../core/documents/redline.ts';
import type { Analysis, SafeMaxTps } from '../../core/documents/analysis.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { changeText, percentText, pluralText, rateRangeText, rateText } from '../../core/text/quantity-text.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { named } from '../../core/text/bilingual.ts';
import { openReasonText } from '../../dashboards/reports/analysis/verdict-lines.ts';

const defaults = { step: 0.05, sample: 10, maxMoves: 100 };
const { config, cluster } = clusterOptions;

export const redlineCommand = defineCommand({
  options: {
    config,
    cluster,
    broker: option('ID', 'the broker that gets more load: id (Kafka) or name (RocketMQ)', z.string().min(1), {
      hint: '`plimsoll get brokers` lists them',
    }),
    step: option(
      'SHARE',
      `how much its load grows in one step (default ${100 * defaults.step}%)`,
      Share.prefault(`${100 * defaults.step}%`),
    ),
    hold: option(
      'DURATION',
      'how long to hold each step; the last one is held for the confirmation time (default: that time)',
      Duration.optional(),
    ),
    sample: duration(`how long to measure the traffic before step 0 (default ${defaults.sample}s)`, defaults.sample),
    'max-moves': option(
      'N',
      `maximum number of leader moves or added queues, including those of the rollback (default ${defaults.maxMoves})`,
      wholeNumber(1, 100_000).default(defaults.maxMoves),
    ),
    topics: option(
      'NAMES',
      'change only these topics, separated by commas (default: all but internal ones)',
      commaSeparated(z.string().min(1)).default([]),
    ),
    'ignore-group': drainOptions['ignore-group'],
    canary: text('TOPIC', 'measure write latency with a canary in this topic, and stop when it rises'),
    out: text('DIR', 'folder of the run bundle; must not exist (default runs/redline-<time>)'),
    'predicted-by': text(
      'RUN',
      'compare the result with the prediction of this run, or of this output of `analyze --json`',
    ),
    execute: flag('raise the load; without it nothing is changed'),
    resume: flag('after a crash: restore the layout and analyze what was measured'),
    abort: flag('after a crash: restore the layout only'),
    ...goneOption,
    ...leaseOptions,
    json: flag('print one JSON document (docs/schema/redline.schema.json)'),
  },
  examples: [
    'plimsoll redline --cluster orders --broker 2',
    'plimsoll redline --cluster orders --broker 2 --hold 60s --max-moves 60 --canary plimsoll-canary --execute',
    'plimsoll redline --cluster orders --broker 2 --abort',
  ],

  async run(io) {
    const line = progressLine(io.stderr);
    const document = await runRedline(io, {
      tell: lineWriter(io),
      progress: (shown) => {
        if (io.stderr.isTerminal) line.show(shown);
      },
      clear: () => line.clear(),
    });
    io.stdout.write(io.options.json ? renderJson(document) : redlineText(document, io.options.config));
    if ((document.restored?.left.length ?? 0) > 0) return exitCodes.threshold;
    return document.analysis?.safeMaxTps.kind === 'unknown' ? exitCodes.unknown : exitCodes.answered;
  },
});

/** @param config file of this command, for the commands in the text */
export function redlineText(document: RedlineDocument, config?: string): string {
  const { cluster, broker, plan } = document;
  if (plan !== undefined)
    return `Redline of broker ${broker} in cluster ${cluster}: plan, nothing is changed\n${planText(plan, document)}`;
  if (document.status === 'rolled-back')
    return `Redline of broker ${broker} in cluster ${cluster}: rolled back\n${restoredText(document)}`;
  return `${resultText(document, config)}${restoredText(document)}`;
}

function planText(plan: RedlinePlan, { broker, brokerKind, problems = [] }: RedlineDocument): string {
  const { clusterTps, ledTps, movablePartitions, steps, end, maxMoves, holdSeconds, leftOut = [] } = plan;
  const {
    movable: [one, many],
    moves: movesText,
  } = redlineTerms[brokerKind];
  const led = ledTps[broker] ?? 0;
  const share = clusterTps > 0 ? ` (${percentText(led / clusterTps)} of the cluster)` : '';
  const resources = [...new Set(steps.flatMap(({ uses }) => uses.map(({ resource }) => resource)))];
  const columns = columnsOf(['>STEP', '>RATE', ...resources.map((each) => `>${each.toUpperCase()}`), 'CHANGES']);
  const rows = steps.map(({ partitions, ledTps: rate, uses }, index) => [
    String(index),
    rateText(rate),
    ...resources.map((resource) => {
      const use = uses.find((each) => each.resource === resource);
      return use && percentText(use.use);
    }),
    named(partitions, 3),
  ]);
  const total = steps.reduce((sum, { moves }) => sum + moves, 0);
  return [
    `It gets ${rateText(led)}${share}; ${pluralText(movablePartitions, one, many)}`,
    renderTable(columns, rows).trimEnd(),
    `Ends at: ${end}`,
    `Budget: ${total} of ${maxMoves} ${movesText}, there and back; ${pluralText(steps.length, 'step')} of ${durationText(holdSeconds)}`,
    ...leftOut.map((each) => `Left out: ${each}`),
    ...problems.map((problem) => `Refused by --execute: ${problem}`),
    '',
  ].join('\n');
}

function resultText(
  { analysis, stop, bundle, grade, broker, brokerKind, cluster, moves }: RedlineDocument,
  config: string | undefined,
): string {
  const redline = analysis?.redline;
  return [
    `Redline of broker ${broker} in cluster ${cluster}`,
    ...(analysis === undefined || redline === undefined
      ? []
      : [`Broker ${broker}: ${safeText(redline.safeMaxTps, 'may take', analysis)}`]),
    ...(analysis === undefined
      ? []
      : [`Cluster: ${safeText(analysis.safeMaxTps, 'may carry', analysis)}${clusterBasis(analysis)}`]),
    ...(stop === undefined ? [] : [`Ended: ${stop.message}`]),
    ...(grade === undefined
      ? []
      : [
          `Prediction before: ${rateText(grade.predictedTps)}, ${changeText(grade.error)} against the redline; its interval ${grade.isCovered ? 'holds' : 'does not hold'}`,
        ]),
    ...(moves === undefined ? [] : [`Changes: ${moves} ${redlineTerms[brokerKind].moves}, there and back`]),
    ...(bundle === undefined
      ? []
      : [`Run bundle: ${bundle} (\`plimsoll analyze ${quotedWord(bundle)}${configArgs(config)}\`)`]),
    '',
  ].join('\n');
}

function clusterBasis({ redline }: Analysis): string {
  if (redline === undefined) return '';
  const most = Object.entries(redline.ledTps).toSorted(([, a], [, b]) => b - a)[0];
  if (most === undefined || redline.clusterTps <= 0) return '';
  return `, if its brokers are equal; broker ${most[0]} takes ${percentText(most[1] / redline.clusterTps)} of it`;
}

function safeText(safe: SafeMaxTps, verb: string, { findings }: Analysis): string {
  switch (safe.kind) {
    case 'confirmed':
    case 'predicted':
      return `${verb} ${rateText(safe.tps)}, ${safe.kind} (estimate ${rateText(safe.estimateTps)}, interval ${rateRangeText(safe.interval)}); limited by ${limitText(safe.limitedBy)}`;
    case 'observed':
      return `${verb} ${rateText(safe.tps)}, observed`;
    case 'at-least':
      return `${verb} at least ${rateText(safe.tps)}: ${openReasonText(safe, findings)}`;
    case 'unknown':
      return `maximum unknown; missing: ${safe.missing.map(({ what }) => what).join(', ')}`;
  }
}

function restoredText({ restored, brokerKind }: RedlineDocument): string {
  if (restored === undefined) return '';
  const { partitions, left } = restored;
  const {
    as,
    restored: [one, many],
  } = redlineTerms[brokerKind];
  return [
    `Restored: ${pluralText(partitions, one, many)} with ${as}`,
    ...left.map((each) => `NOT restored: ${each}`),
    '',
  ].join('\n');
}
