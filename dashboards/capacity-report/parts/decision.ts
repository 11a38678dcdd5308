// May each domain go, and who signs? The page a manager reads.

import type { CapacityReport, DomainVerdict } from '../../../core/capacity-report.ts';
import { describeLimit } from '../../web/strings.ts';
import type { Block, Language, WritePart } from '../part.ts';
import { none } from '../part.ts';

export const writeVerdict: WritePart = (report, language) => {
  if (report.verdicts.length === 0) return none(language);
  return [verdictTable(report.verdicts, language), reasonTable(report.verdicts, language), bars(report, language)];
};

const tones = { go: 'good', conditions: 'warning', 'no-go': 'bad' } as const;

function verdictTable(verdicts: readonly DomainVerdict[], { words, strings, numbers }: Language): Block {
  return {
    kind: 'table',
    columns: [
      { title: words.domain },
      { title: words.decision },
      { title: words.peak, isNumber: true },
      { title: words.safeMax, isNumber: true },
      { title: words.headroom, isNumber: true },
      { title: words.limitedBy },
      { title: words.brokersNow, isNumber: true },
      { title: words.brokersNeeded, isNumber: true },
      { title: words.enough, isNumber: true },
    ],
    tones: verdicts.map(({ decision }) => tones[decision]),
    rows: verdicts.map((verdict) => [
      verdict.domain,
      words.decisions[verdict.decision],
      peakText(verdict, { words, strings, numbers }),
      safeText(verdict, { words, strings, numbers }),
      verdict.headroom === undefined ? words.unknown : numbers.percent(verdict.headroom),
      verdict.limitedBy === undefined ? '' : describeLimit(verdict.limitedBy, strings),
      String(verdict.brokersNow ?? ''),
      String(verdict.brokersNeeded ?? ''),
      verdict.probabilityEnough === undefined ? '' : numbers.percent(verdict.probabilityEnough),
    ]),
  };
}

function reasonTable(verdicts: readonly DomainVerdict[], { words }: Language): Block {
  return {
    kind: 'table',
    columns: [words.domain, words.reason, words.owner, words.signature, words.date].map((title) => ({ title })),
    rows: verdicts.map(({ domain, reason, owners }) => [domain, words.reasons[reason], owners.join(', '), '', '']),
  };
}

function bars({ verdicts }: CapacityReport, language: Language): Block {
  return {
    kind: 'bars',
    title: language.words.peakBars,
    rows: verdicts.flatMap((verdict) => {
      const { domain, peakTps, safeTps: mark } = verdict;
      if (peakTps === undefined) return [];
      const label = `${peakText(verdict, language)}; ${safeText(verdict, language)}`;
      return [{ name: domain, ...peakTps, ...(mark !== undefined && { mark }), label }];
    }),
  };
}

export function peakText({ peakTps }: DomainVerdict, { words, numbers }: Language): string {
  if (peakTps === undefined) return words.unknown;
  return words.range(numbers.rate(peakTps.mid), numbers.rate(peakTps.low), numbers.rate(peakTps.high));
}

export function safeText({ safeMaxTps, safeTps }: DomainVerdict, { words, numbers }: Language): string {
  if (safeMaxTps === undefined || safeMaxTps.kind === 'unknown') return words.unknown;
  if (safeMaxTps.kind === 'at-least') return words.atLeast(numbers.rate(safeMaxTps.tps));
  if (safeMaxTps.kind === 'observed') {
    return words.readOnce(numbers.rate(safeTps ?? safeMaxTps.tps), numbers.rate(safeMaxTps.tps));
  }
  const { low, high } = safeMaxTps.interval;
  const estimate = numbers.rate(safeMaxTps.estimateTps);
  return high === undefined ? words.atLeast(estimate) : words.range(estimate, numbers.rate(low), numbers.rate(high));
}
