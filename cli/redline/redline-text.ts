// Renders the plan or the result of a redline as text.

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
