// Renders a rate search: its bounds, and each trial with the limit it exceeded.

import { forKind } from '../../../core/kind-table.ts';
import type { AnalysedTrial, Analysis } from '../../../core/documents/analysis.ts';
import { causeNote } from '../../../core/text/search-cause.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { percentText, rateNumberText, rateText } from '../../../core/text/quantity-text.ts';
import { columnsOf } from '../../../core/text/table.ts';
import { renderTable } from './table.ts';
import { measuredText } from '../../../core/text/measured-text.ts';

/** @returns an empty list for a run without a search */
export function searchLines({ trials = [], certificate }: Pick<Analysis, 'trials' | 'certificate'>): string[] {
  if (trials.length === 0) return [];
  const rows = trials.map(({ targetTps, durationSeconds, purpose, outcome }, index) => [
    String(index + 1),
    purpose,
    rateNumberText(targetTps),
    'achievedTps' in outcome ? rateNumberText(outcome.achievedTps) : undefined,
    durationText(durationSeconds),
    outcomeText(outcome),
  ]);
  return [
    certificate === undefined
      ? 'Search, interrupted before it found an answer'
      : `Search ${certificate.search}: ${endings[certificate.endedBecause]}`,
    ...boundLines(certificate),
    ...renderTable(columnsOf(['>trial', 'purpose', '>target msg/s', '>achieved', '>time', 'outcome']), rows),
  ];
}

const endings = {
  'bounds-met': 'upper and lower bound found',
  'highest-rate-held': 'the highest allowed rate was sustained',
  'generator-limited': 'the load generator reached its limit',
  'nothing-passed': 'no rate passed',
  'most-trials': 'stopped after the allowed number of trials',
} as const satisfies Record<NonNullable<Analysis['certificate']>['endedBecause'], string>;

function boundLines(certificate: Analysis['certificate']): string[] {
  if (certificate === undefined) return [];
  const { lowerBound: lower, upperBounds, confidence } = certificate;
  const [upper] = upperBounds;
  const sure = (share: number | undefined) => (share === undefined ? '' : `, confidence ${percentText(share)}`);
  return [
    ...(lower
      ? [
          `lower bound  ${rateText(lower.tps)}: deciding trials of ${durationText(lower.durationSeconds)} each passed: ${lower.passed} of ${lower.passed + lower.failed}${sure(confidence?.lowerBound)}`,
        ]
      : []),
    ...(upper
      ? [
          `upper bound  ${rateText(upper.tps)}: ${breachText(upper)}; trials failed: ${upper.failed} of ${upper.failed + upper.passed}${sure(confidence?.upperBound)}`,
        ]
      : []),
  ];
}

const outcomeText = (outcome: AnalysedTrial['outcome']): string =>
  forKind(outcome, {
    passed: () => 'passed',
    failed: (breach) => `failed: ${breachText(breach)}`,
    excluded: ({ reason }) => `excluded: ${reason}`,
  });

type Breach = Pick<
  Extract<AnalysedTrial['outcome'], { kind: 'failed' }>,
  'criterion' | 'measured' | 'limit' | 'unit' | 'limitedBy' | 'detail'
>;

function breachText(breach: Breach): string {
  const { criterion, measured, limit, unit } = breach;
  return `${criterion} ${measuredText(measured, unit)}, limit ${measuredText(limit, unit)}${causeNote(breach)}`;
}
