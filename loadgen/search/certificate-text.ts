// Formats the certificate of a search: a headline, the bounds with the criterion that failed, and every trial.

import type { SearchCertificate, SearchEnding, SearchTrial } from '../../core/documents/search-certificate.ts';
import { causeNote, causeText } from '../../core/text/search-cause.ts';
import { exactDurationText } from '../../core/text/duration-text.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import { measuredText } from '../../core/text/measured-text.ts';
import { columnsOf, tableLines } from '../../core/text/table.ts';

type UpperBound = SearchCertificate['upperBounds'][number];

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
