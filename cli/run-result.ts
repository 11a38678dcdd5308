// Prints a finished run: one document for programs, a few lines for people.

import { defined } from '../core/defined.ts';
import { placeText, type DeliveryAccount } from '../core/documents/delivery-account.ts';
import { exitCodes } from '../core/errors.ts';
import type { RunOutcome } from '../loadgen/execute/run.ts';
import { notSentCode } from '../core/documents/run-bundle.ts';
import { transactionLeftOpen, type CountedError } from '../loadgen/record/error-count.ts';
import { countText, pluralText, changeText, percentText, quantityText, rateText } from '../core/text/quantity-text.ts';
import type { ThresholdCheck, ThresholdVerdict } from '../loadgen/record/thresholds/judge-thresholds.ts';
import { measuredText } from '../core/text/measured-text.ts';
import type { WireAccount, WireDirection } from '../core/documents/wire-account.ts';
import { beyond } from '../loadgen/record/wire-check.ts';
import type { SearchCertificate, SearchEnding, SearchTrial } from '../core/documents/search-certificate.ts';
import { causeNote, causeText } from '../core/text/search-cause.ts';
import { exactDurationText } from '../core/text/duration-text.ts';
import { columnsOf, tableLines } from '../core/text/table.ts';

export function resultDocument(outcome: RunOutcome) {
  const { id, directory, status, steps, failures, wire, certificate, ledger, deliveryUnread, thresholds } = outcome;
  const result = defined({ failures, wire, certificate, ledger, deliveryUnread, thresholds });
  return { schemaVersion: 1, run: { id, directory, status }, steps, ...result };
}

/** Returns 6 if a threshold was crossed, 3 if one is unknown. */
export function exitCodeOf({ thresholds }: RunOutcome): number {
  switch (thresholds?.outcome) {
    case 'crossed':
      return exitCodes.threshold;
    case 'unknown':
      return exitCodes.unknown;
    default:
      return exitCodes.answered;
  }
}

/** Lines for people: search result, causes of failed messages, delivery check, and thresholds. */
export const endTexts = ({ failures = [], wire, certificate, ledger, thresholds }: RunOutcome): string[] => [
  ...(certificate ? [certificateText(certificate)] : []),
  ...failures.map(failureText),
  wireText(wire),
  ...(ledger ? ledgerLines(ledger) : []),
  ...(thresholds ? thresholdLines(thresholds) : []),
];

const failureText = ({ code, cause, message, count }: CountedError) =>
  `${code === notSentCode ? 'not sent' : 'failed'}: ${code === transactionLeftOpen ? '' : `${pluralText(count, 'message')}, `}${code}${cause === undefined ? '' : ` (${cause})`}: ${message}`;

function ledgerLines(account: DeliveryAccount): string[] {
  const { sent, acknowledged, refused, unknownFate, groups, isExact, agreement } = account;
  const uncertain = [
    ...(refused > 0 ? [`${countText(refused)} refused`] : []),
    ...(unknownFate > 0 ? [`${countText(unknownFate)} of unknown fate`] : []),
  ];
  const disagreements = agreement?.disagreements ?? [];
  return [
    [`delivery check: ${countText(sent)} sent`, `${countText(acknowledged)} acknowledged`, ...uncertain].join(', '),
    ...groups.map(
      (group) => `  ${group.group}: ${[`${countText(group.received)} received`, ...faults(group)].join(', ')}`,
    ),
    ...(isExact ? [] : ['  too many messages were out of order to track all: these are lower bounds']),
    ...disagreements.map((each) => `  the log of ${placeText(each)} disagrees: ${each.reason}`),
    ...(agreement?.agrees === true ? [`  the logs of ${agreement.partitions} partitions agree with these counts`] : []),
  ];
}

const named = ['lost', 'unread', 'duplicated', 'redelivered', 'rewritten', 'reordered', 'corrupted', 'late'] as const;

const faults = (group: DeliveryAccount['groups'][number]) => [
  ...(group.untoldButDelivered > 0 ? [`${countText(group.untoldButDelivered)} never reported as sent`] : []),
  ...named.flatMap((name) => (group[name] > 0 ? [`${countText(group[name])} ${name}`] : [])),
  ...(group.expired === undefined ? [] : [`${countText(group.expired)} of the unread deleted by retention`]),
];

const marks = { kept: 'kept', crossed: 'CROSSED', unknown: 'not known' } as const;
const leasts: ReadonlySet<string> = new Set(['achieved', 'acknowledged']);

/** Lists crossed and unknown thresholds on separate lines, and counts the others. */
export function thresholdLines({ checks }: ThresholdVerdict): string[] {
  const kept = checks.filter(({ outcome }) => outcome === 'kept').length;
  return [
    ...checks.filter(({ outcome }) => outcome !== 'kept').map(lineOf),
    `thresholds: ${kept} of ${checks.length} kept`,
  ];
}

function lineOf({ threshold, step, outcome, value, limit, unit, reason }: ThresholdCheck): string {
  const where = step === undefined ? '' : ` in step ${step}`;
  const measured = value === undefined ? '' : ` ${measuredText(value, unit)},`;
  const wanted = `${leasts.has(threshold) ? 'at least' : 'at most'} ${measuredText(limit, unit)}`;
  return `threshold ${threshold} ${marks[outcome]}${where}:${measured} ${wanted}${reason === undefined ? '' : ` (${reason})`}`;
}

/** Renders the result of the wire check in one line. */
export function wireText(account: WireAccount): string {
  if (account.kind === 'unknown') return `bytes per message on the wire: unknown, because ${account.reason}`;
  const compared = account.directions
    .map((each) => {
      const { direction, observedBytesPerMessage, leastBytesPerMessage, mostBytesPerMessage } = each;
      const [least, most] = [quantityText(leastBytesPerMessage), quantityText(mostBytesPerMessage)];
      const off = beyond(each);
      return `${direction} ${quantityText(observedBytesPerMessage)}, by arithmetic ${least === most ? least : `${least} to ${most}`}${off === 0 ? '' : ` (${changeText(off)})`}`;
    })
    .join('; ');
  const allowed = `${percentText(account.toleranceRatio)} allowed`;
  return account.kind === 'matches'
    ? `bytes per message on the wire: ${compared}; ${allowed}`
    : `NO EVIDENCE: bytes per message on the wire do not match the messages: ${compared}; ${allowed}. ${causes(account.directions)}`;
}

function causes(directions: readonly WireDirection[]): string {
  if (directions.every(({ observedBytesPerMessage: seen, leastBytesPerMessage: least }) => seen < 0.1 * least))
    return 'They passed no monitored network card: if a broker and the load generator share a machine, set loadgen.host to the name of its host; else cards are missing from the config';
  const farthest = directions.toSorted((a, b) => Math.abs(beyond(b)) - Math.abs(beyond(a)))[0];
  return farthest !== undefined && beyond(farthest) < 0
    ? 'Replicas or groups lag, cards are missing from the config, or a broker is mapped to the wrong host'
    : 'Others use the same cards, messages were sent again, or a broker is mapped to the wrong host';
}

type UpperBound = SearchCertificate['upperBounds'][number];

/** Formats the certificate of a search: a headline, the bounds with the criterion that failed, and every trial. */
export function certificateText(certificate: SearchCertificate): string {
  const { upperBounds, confidence, trials, driveSeconds } = certificate;
  const spurious =
    confidence === undefined
      ? ''
      : `; ${percentText(confidence.spuriousFailureRatio)} of those at or below the lower bound failed`;
  const excluded = trials.filter(({ outcome }) => outcome.kind === 'excluded').length;
  const repeated = excluded === 0 ? '' : `; ${excluded} repeated, which the load generator had limited`;
  return [
    headline(certificate),
    ...lowerLines(certificate),
    ...upperBounds.map(
      (bound, index) =>
        `  ${(index === 0 ? 'upper bound' : '').padEnd(12)}${upperText(bound, index === 0 ? confidence?.upperBound : undefined)}`,
    ),
    `  ${'trials'.padEnd(12)}${trials.length} in ${exactDurationText(Math.round(driveSeconds))} of load${spurious}${repeated}`,
    ...table(trials),
  ].join('\n');
}

function headline({ search, endedBecause, lowerBound, upperBounds }: SearchCertificate): string {
  if (lowerBound === undefined) return `${search}: no rate was found, because ${unfinished[endedBecause]}`;
  const held = `${rateText(lowerBound.tps)}, sustained for ${exactDurationText(lowerBound.durationSeconds)}`;
  const [upper] = upperBounds;
  if (endedBecause === 'bounds-met' && upper !== undefined) {
    return `${search}: ${held}; stopped at ${rateText(upper.tps)} by ${causeText(upper)}${fullText(upper.full)}`;
  }
  return `${search}: at least ${held}; ${endedBecause === 'generator-limited' ? 'the load generator reached its limit' : 'no limit was reached up to the highest allowed rate'}`;
}

const unfinished: Record<SearchEnding, string> = {
  'bounds-met': 'no rate was confirmed',
  'highest-rate-held': 'no rate was confirmed',
  'generator-limited': 'the load generator was the limit each time',
  'nothing-passed': 'no rate passed, not even the lowest',
  'most-trials': 'the allowed number of trials was used up',
};

function lowerLines({ lowerBound, confidence }: SearchCertificate): string[] {
  if (lowerBound === undefined) return [];
  const { tps, passed, failed, conditionalTps } = lowerBound;
  const of = `deciding trials passed: ${passed} of ${passed + failed}`;
  return [
    `  ${'lower bound'.padEnd(12)}${rateText(tps)}: ${of}${sureness(confidence?.lowerBound)}`,
    `  ${'carried'.padEnd(12)}${rateText(Math.round(conditionalTps))} in at least half of them (conditional throughput)`,
  ];
}

function upperText(bound: UpperBound, confidence?: number): string {
  const { tps, criterion, measured, limit, unit, failed, passed } = bound;
  const figures = `${measuredText(measured, unit)}, limit ${measuredText(limit, unit)}`;
  return `${rateText(tps)}: ${criterion} ${figures}${causeNote(bound)}; trials failed: ${failed} of ${failed + passed}${sureness(confidence)}`;
}

const fullText = (full: UpperBound['full']) =>
  full === undefined
    ? ''
    : `, with ${full.map(({ resource, host, utilisation }) => `${resource} of ${host} ${percentText(utilisation)}`).join(', ')} in use`;

const sureness = (confidence: number | undefined) =>
  confidence === undefined ? '' : `, confidence ${percentText(confidence)}`;

function table(trials: readonly SearchTrial[]): string[] {
  const rows = trials.map(({ targetTps, durationSeconds, purpose, outcome }, index) => [
    String(index + 1),
    rateText(targetTps),
    exactDurationText(durationSeconds),
    purpose,
    outcomeText(outcome),
  ]);
  const [, ...lines] = tableLines(columnsOf(['>', '>', '>', '', '']), rows);
  return lines.map((line) => `    ${line}`);
}

function outcomeText(outcome: SearchTrial['outcome']): string {
  if (outcome.kind === 'excluded') return `repeated: ${outcome.reason}`;
  if (outcome.kind === 'passed') return 'passed';
  const { criterion, measured, limit, unit, also } = outcome;
  const further = also === undefined ? '' : `, also ${also.join(', ')}`;
  return `failed: ${criterion} ${measuredText(measured, unit)}, limit ${measuredText(limit, unit)}${causeNote(outcome)}${further}`;
}
