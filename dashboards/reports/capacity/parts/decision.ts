// Writes the decision page: the verdict of each domain, reasons, conditions and signatures.

import { punctuation } from '../../../../core/text/punctuation.ts';
import type { CapacityReport, Condition, DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { actionText, reasonText } from '../../../../core/documents/reasons/go-reasons.ts';
import { missingText, subjectText } from '../../../../core/documents/reasons/missing.ts';
import { decisions } from '../../../../core/documents/reasons/reason-entry.ts';
import type { Numbers } from '../../../web/numbers.ts';
import { describeLimit } from '../../../web/view.ts';
import {
  fromChain,
  fromSource,
  none,
  tableOf,
  tableBlock,
  numeric,
  toFillIn,
  type Block,
  type ColumnOf,
  type Cell,
  type Language,
  type WritePart,
} from '../part.ts';

export const writeVerdict: WritePart = (report, language) => {
  if (report.verdicts.length === 0) return none(language);
  return [
    verdictTable(report, language),
    ...bars(report, language),
    reasonTable(report.verdicts, language),
    signatureTable(report.verdicts, language),
    ...conditionTable(report, language),
  ];
};

/** @returns how many domains have each decision, and which; undefined without domains */
export function decisionCounts({ verdicts }: CapacityReport, { texts, name }: Language): string | undefined {
  if (verdicts.length === 0) return undefined;
  const { colon, list, semicolon } = punctuation[name];
  return decisions
    .toReversed()
    .map((decision) => {
      const domains = verdicts
        .filter((verdict) => verdict.decision === decision)
        .map((verdict) => (needsPlan(verdict) ? texts.domainAfterPlan(verdict.domain) : verdict.domain));
      const count = texts.counted(String(domains.length), texts.decisions[decision]);
      return domains.length === 0 ? count : `${count}${colon}${domains.join(list)}`;
    })
    .join(semicolon);
}

/** A GO that depends on another cluster does not approve the current one. */
export function decisionText(verdict: DomainVerdict, { texts }: Pick<Language, 'texts'>): string {
  const text = texts.decisions[verdict.decision];
  return needsPlan(verdict) ? texts.afterPlan(text) : text;
}

const needsPlan = ({ decision, reasons }: DomainVerdict) =>
  decision === 'conditions' && reasons.some(({ code }) => code === 'plan-closes-gap');

const tones = { go: 'good', conditions: 'warning', 'no-go': 'bad' } as const;

function verdictTable(report: CapacityReport, language: Language): Block {
  const { texts, strings, numbers } = language;
  const rows = report.verdicts.map((verdict) => ({ ...verdict, ...sourcesOf(verdict, report) }));
  const ofPlans: readonly ColumnOf<(typeof rows)[number]>[] = [
    [numeric(texts.brokersNeeded), ({ brokersNeeded = '', ofPlan }) => ofPlan(String(brokersNeeded))],
    [
      numeric(texts.enough),
      ({ probabilityEnough: share, ofPlan }) => (share === undefined ? '' : ofPlan(numbers.percent(share))),
    ],
  ];
  return tableBlock(
    rows,
    [
      [texts.domain, ({ domain }) => domain],
      [texts.decision, (verdict) => decisionText(verdict, language)],
      [numeric(texts.peak), (verdict) => verdict.ofPeak(peakText(verdict, language))],
      [numeric(texts.safeMax), (verdict) => verdict.ofSafe(safeText(verdict, language))],
      [
        numeric(texts.headroom),
        ({ headroom, ofSafe }) => (headroom === undefined ? texts.unknown : ofSafe(headroomText(headroom, numbers))),
      ],
      [texts.limitedBy, ({ limitedBy }) => (limitedBy === undefined ? '' : describeLimit(limitedBy, strings))],
      [numeric(texts.brokersNow), ({ brokersNow = '', ofSafe }) => ofSafe(String(brokersNow))],
      ...(rows.some(({ brokersNeeded }) => brokersNeeded !== undefined) ? ofPlans : []),
    ],
    { toneOf: ({ decision }) => tones[decision] },
  );
}

/** For a peak of several times the safe maximum, the exact share would distract. */
const headroomText = (headroom: number, numbers: Numbers) => (headroom < -1 ? '< −100%' : numbers.percent(headroom));

type Linking = (text: string) => Cell;
const plain: Linking = (text) => text;

/** Source of each figure of a domain; for the safe maximum its chain of figures, if the analysis has one. */
function sourcesOf(
  { domain, safeMaxSource, peakTps }: DomainVerdict,
  { sources, evidence, forecasts }: CapacityReport,
): Record<'ofPeak' | 'ofSafe' | 'ofPlan', Linking> {
  const by = (kind: 'plan' | 'analysis'): Linking | undefined => {
    const source = sources.find((each) => each.kind === kind && (each.domain === undefined || each.domain === domain));
    return source && fromSource(source.id);
  };
  const isExplained = evidence.some(({ source, explanation }) => source === safeMaxSource && explanation !== undefined);
  const ofSafe = safeMaxSource === undefined ? by('analysis') : (isExplained ? fromChain : fromSource)(safeMaxSource);
  const forecast = forecasts.find((each) => each.domain === domain && isPeakOf(each, peakTps));
  return {
    ofPeak: (forecast && fromSource(forecast.source)) ?? by('plan') ?? plain,
    ofSafe: ofSafe ?? plain,
    ofPlan: by('plan') ?? plain,
  };
}

/** The peak of the plan counts if a forecast lacks the promotion or an interval. */
function isPeakOf({ peak }: CapacityReport['forecasts'][number], peakTps: DomainVerdict['peakTps']): boolean {
  if (peak === undefined || peakTps === undefined) return false;
  const { value, low = value, high = value } = peak;
  return low === peakTps.low && value === peakTps.mid && high === peakTps.high;
}

/** One line per reason, worst first: each requires an action. */
function reasonTable(verdicts: readonly DomainVerdict[], language: Language): Block {
  const { texts, name } = language;
  const rows = verdicts.flatMap((verdict) => [
    ...verdict.reasons.map((reason) => [verdict.domain, reasonText(reason, name), actionText(reason, name)] as const),
    ...sharedText(verdict, language).map((text) => [verdict.domain, text, ''] as const),
  ]);
  return tableBlock(rows, [
    [texts.domain, ([domain]) => domain],
    [texts.reason, ([, reason]) => reason],
    [texts.action, ([, , action]) => action],
  ]);
}

const stateTones = {
  holds: 'good',
  fails: 'bad',
  unknown: 'bad',
  'not-required': 'warning',
  'not-checked': 'warning',
} as const;

function conditionTable(report: CapacityReport, language: Language): Block[] {
  const { texts, numbers } = language;
  const rows = report.verdicts.flatMap((verdict) => verdict.conditions.map((judged) => ({ verdict, judged })));
  return tableOf(
    rows,
    [
      [texts.domain, ({ verdict }) => verdict.domain],
      [texts.condition, ({ judged }) => texts.conditions[judged.condition]],
      [texts.state, ({ judged }) => texts.states[judged.state]],
      [
        numeric(texts.knownSafe),
        ({ verdict: { proof }, judged: { condition, tps } }) => {
          const ofProof = condition === 'proof' && proof ? fromSource(proof.source) : plain;
          return tps === undefined ? '' : ofProof(numbers.rate(tps));
        },
      ],
      [
        numeric(texts.needed),
        ({ verdict, judged: { condition, neededTps } }) => {
          // No file has the sum of several domains, or the average load of a forecast.
          const isOfPeak = verdict.shared === undefined && condition !== 'disk-space';
          const ofNeeded = isOfPeak ? sourcesOf(verdict, report).ofPeak : plain;
          return neededTps === undefined ? '' : ofNeeded(numbers.rate(neededTps));
        },
      ],
      [texts.basis, ({ judged: { basis } }) => (basis === undefined ? '' : texts.bases[basis])],
      [
        texts.decidedBy,
        ({ verdict, judged }) =>
          judged.condition === 'proof' ? proofText(verdict, language) : decidedBy(judged, language),
      ],
    ],
    { title: texts.conditionsTitle, toneOf: ({ judged }) => stateTones[judged.state] },
  );
}

/** Subjects of settings and files contain names from elsewhere. */
const isOwnName = (part: string) =>
  /^(?:(?:zone|broker|hosts?|cpu|network-in|network-out) \S|latency or lag of |and \d+ more$)/.test(part);

export function decidedBy(
  { condition, state, subject = '', missing = [] }: Condition,
  { texts, name }: Language,
): string {
  if (missing.length > 0)
    return texts.missing(missing.map((each) => missingText(each, name)).join(punctuation[name].semicolon));
  if (condition === 'catch-up' && state === 'unknown' && subject === '') return texts.sameAsLoss;
  const parts = subject.split(', ');
  return parts.every(isOwnName)
    ? parts.map((each) => subjectText(each, name)).join(punctuation[name].list)
    : subjectText(subject, name);
}

function proofText({ proof }: DomainVerdict, { texts, numbers, name }: Language): string {
  if (proof === undefined) return texts.noProof;
  const { origin, tps, seconds, endedAt } = proof;
  const moment = endedAt === undefined ? undefined : numbers.moment(endedAt);
  return `${texts.proofOrigins[origin]}${punctuation[name].colon}${texts.proven(numbers.rate(tps), numbers.until(seconds), moment)}`;
}

function signatureTable(verdicts: readonly DomainVerdict[], language: Language): Block {
  const { texts, name } = language;
  const { list } = punctuation[name];
  return tableBlock(verdicts, [
    [texts.domain, ({ domain }) => domain],
    [texts.cluster, ({ clusters }) => clusters.join(list)],
    [texts.survives, (verdict) => survivedLossText(verdict, language)],
    [texts.owner, ({ owners }) => owners.join(list)],
    [toFillIn(texts.signature), () => ''],
    [toFillIn(texts.date), () => ''],
  ]);
}

/** A zone that the domain must survive is added to its brokers and does not replace them. */
function survivedLossText({ survives, lostBrokers }: DomainVerdict, { texts, name }: Language): string {
  if (lostBrokers === undefined) return texts.survivesLoss[survives];
  const brokers = texts.survivesBrokers(String(lostBrokers));
  return survives === 'zone' ? [texts.survivesLoss.zone, brokers].join(punctuation[name].semicolon) : brokers;
}

function bars({ verdicts }: CapacityReport, language: Language): Block[] {
  const { name: languageName, texts, numbers } = language;
  const rows = verdicts.flatMap((verdict) => {
    const { domain, decision, safeTps, shared } = verdict;
    const peakTps = shared?.peakTps ?? verdict.peakTps;
    if (peakTps === undefined) return [];
    const mark = lowestSafeTps(verdict);
    const safe = mark === undefined || mark === safeTps ? safeText(verdict, language) : numbers.rate(mark);
    const label = `${peakText({ peakTps }, language)}${punctuation[languageName].semicolon}${safe}`;
    return [{ name: domain, ...peakTps, ...(mark !== undefined && { mark }), label, tone: tones[decision] }];
  });
  return rows.length === 0 ? [] : [{ kind: 'bars', title: texts.peakBars, legend: texts.barsLegend, rows }];
}

/** @returns the decisive rate: with all brokers, after a loss, or while a lost broker catches up */
export function lowestSafeTps({ safeTps, conditions }: DomainVerdict): number | undefined {
  const ofLoss = conditions.filter(({ condition }) => condition === 'after-loss' || condition === 'catch-up');
  const rates = [safeTps, ...ofLoss.map(({ tps }) => tps)].filter((tps) => tps !== undefined);
  return rates.length === 0 ? undefined : Math.min(...rates);
}

/** @returns the peak that the cluster of the domain must carry. No file has the sum of several domains. */
export function clusterPeak(verdict: DomainVerdict, report: CapacityReport, language: Language): Cell {
  const { shared } = verdict;
  return shared === undefined
    ? sourcesOf(verdict, report).ofPeak(peakText(verdict, language))
    : peakText(shared, language);
}

export function peakText({ peakTps }: Pick<DomainVerdict, 'peakTps'>, { texts, numbers }: Language): string {
  if (peakTps === undefined) return texts.unknown;
  const { low, mid, high } = peakTps;
  // A promotion that was measured once has no interval, as a reason states.
  return low === high ? numbers.rate(mid) : texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high));
}

export function sharedText({ shared }: DomainVerdict, language: Language): string[] {
  if (shared === undefined) return [];
  const others = shared.with.join(punctuation[language.name].list);
  return [language.texts.sharedCluster(others, peakText({ peakTps: shared.peakTps }, language))];
}

export function safeText({ safeMaxTps, safeTps }: DomainVerdict, { texts, numbers }: Language): string {
  if (safeMaxTps === undefined || safeMaxTps.kind === 'unknown') return texts.unknown;
  if (safeMaxTps.kind === 'at-least') return texts.atLeast(numbers.rate(safeMaxTps.tps));
  if (safeMaxTps.kind === 'observed') {
    return texts.readOnce(numbers.rate(safeTps ?? safeMaxTps.tps), numbers.rate(safeMaxTps.tps));
  }
  // The rate that the decision compares with the peak, not the higher estimate.
  const [safe, estimate] = [numbers.rate(safeMaxTps.tps), numbers.rate(safeMaxTps.estimateTps)];
  if (safeMaxTps.interval.high === undefined) return texts.atLeast(safe);
  return safe === estimate ? safe : texts.estimated(safe, estimate);
}
