// Renders the verdict of an analysis: safe maximum, bottleneck, saturation and open questions.

import { forKind } from '../../../core/kind-table.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import type { Analysis, Finding, SafeMaxTps, SaturationTps } from '../../../core/documents/analysis.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { nodeText, percentText, quantityText, rateNumberText, rateText } from '../../../core/text/quantity-text.ts';
import { withoutText } from '../../../core/text/scope-text.ts';
import { boundsText, intervalText, lossLines } from './loss-text.ts';
import { type Paint, reportWidth, type Style, wrap } from '../../../core/text/table.ts';

/** Width of labels such as `Safe maximum`. */
const labelWidth = 14;

export function verdictLines(analysis: Analysis, paint: Paint): string[] {
  const { safeMaxTps: safe, saturationTps } = analysis;
  return [
    runLine(analysis),
    '',
    ...labelled('Safe maximum', safeMaximumText(analysis), (line) => paint(['bold', toneOf(safe.kind)], line)),
    ...labelled('Bottleneck', bottleneckText(analysis)),
    ...labelled('Saturation', saturationText(saturationTps, analysis.findings)),
  ];
}

/** Basis and gaps of the verdict: readings, hosts without metrics, the next bottleneck, the loss of a broker. */
export function outlookLines(analysis: Analysis): string[] {
  const { safeMaxTps, saturationTps, nextCeiling, retention } = analysis;
  return [
    ...labelled('Redline', redlineText(analysis)),
    ...basisLines(safeMaxTps, saturationTps),
    ...labelled('Held', heldText(analysis)),
    ...labelled('Not judged', notJudgedText(analysis)),
    ...notMonitored(analysis.findings),
    ...(nextCeiling
      ? labelled('Next limit', `${limitText(nextCeiling.limitedBy)}, estimated at ${rateText(nextCeiling.estimateTps)}`)
      : []),
    ...lossLines(analysis).flatMap((line) => wrap(line, reportWidth, labelWidth)),
    ...(retention
      ? labelled(
          'Retention',
          `the disks hold the retention of ${durationText(retention.retentionSeconds)} up to an average of ${rateText(retention.tps)}${retention.basis === 'message-size' ? ' (bytes on disk estimated from the message size)' : ''}${freeText(retention)}`,
        )
      : []),
  ];
}

const freeText = ({ free }: NonNullable<Analysis['retention']>) =>
  free === undefined
    ? ''
    : `; up to ${rateText(free.tps)} if the ${percentText(free.usedRatio)} of its disk that ${nodeText(free.node)} used before stays`;

function runLine({ run, degraded }: Analysis): string {
  const broker = run.broker === undefined ? '' : `${run.broker} `;
  const size = run.messageBytes === undefined ? '' : `, messages of ${quantityText(run.messageBytes)} B`;
  const lost = degraded ? `, ${withoutText(degraded.lost)}` : '';
  return `Run ${run.id}: ${broker}cluster ${run.cluster}${size}${lost}`;
}

/** @param text prints nothing if undefined */
function labelled(label: string, text: string | undefined, decorate = (line: string) => line): string[] {
  if (text === undefined) return [];
  const [first = '', ...rest] = wrap(label.padEnd(labelWidth - 1) + ` ${text}`, reportWidth, labelWidth);
  return [decorate(first), ...rest];
}

function bottleneckText({ safeMaxTps: safe, binding = [] }: Analysis): string | undefined {
  const named = binding.filter(({ probability }) => probability >= leastNamed);
  const isCertain = named.length === 1 && named[0]?.probability === 1;
  if (named.length > 0 && !isCertain) {
    return named
      .map(({ limitedBy, probability }) => `${limitText(limitedBy)} (${percentText(probability)})`)
      .join(', ');
  }
  if (safe.kind === 'at-least') return openBottleneckText(safe);
  return 'limitedBy' in safe ? limitText(safe.limitedBy) : undefined;
}

/** The rate of a production verdict that needs no law. */
function heldText({ run, held }: Analysis): string | undefined {
  if (run.origin !== 'production' || held === undefined) return undefined;
  const until = held.endedAt === undefined ? '' : ` until ${held.endedAt.slice(0, 16)} UTC`;
  return `${rateText(held.tps)}, sustained by production for ${durationText(held.seconds)}${until}`;
}

/** Steps and resources of a redline concern one broker, from which the maximum of the cluster is derived. */
function redlineText({ redline, findings }: Analysis): string | undefined {
  if (redline === undefined) return undefined;
  const { broker, safeMaxTps: safe, ledTps, clusterTps } = redline;
  const own =
    safe.kind === 'confirmed' || safe.kind === 'predicted'
      ? `has a safe maximum of ${rateText(safe.tps)}, ${safe.kind} (${intervalText(safe)}): ${limitText(safe.limitedBy)}`
      : openText(safe, 'taken', findings);
  const most = Math.max(0, ...Object.values(ledTps));
  const share =
    clusterTps > 0 ? `; the busiest broker of the cluster has ${percentText(most / clusterTps)} of its traffic` : '';
  return `with live traffic, broker ${broker} ${own}${share}. Steps and resources below are of this broker.`;
}

/** @returns undefined if no limit was reached */
function openBottleneckText({ reason, ceiling }: Extract<SafeMaxTps, { kind: 'at-least' }>): string | undefined {
  if (ceiling !== undefined) {
    const { suspects, decidedBy } = ceiling;
    const named = suspects.length === 0 ? '' : ` Suspects: ${suspects.map((limit) => limitText(limit)).join(', ')}.`;
    return `unknown. Throughput stopped growing at ${rateText(ceiling.tps)}.${named} To decide, ${decidedBy}.`;
  }
  if (reason === 'limit-cause-unknown') return 'unknown';
  return reason === 'generator-limited' ? 'the load generator' : undefined;
}

/** Least probability of a limit to be named; the JSON has the others. */
const leastNamed = 0.01;

function toneOf(kind: SafeMaxTps['kind']): Style {
  return kind === 'unknown' ? 'red' : kind === 'at-least' || kind === 'observed' ? 'yellow' : 'green';
}

function safeMaximumText(analysis: Analysis): string {
  const { safeMaxTps: safe } = analysis;
  switch (safe.kind) {
    case 'confirmed':
      return `${rateText(safe.tps)}, confirmed: sustained for the confirmation time (${intervalText(safe)})`;
    case 'predicted':
      return `${rateText(safe.tps)}, predicted (${intervalText(safe)})`;
    case 'observed': {
      const tps = safeTpsOf(safe) ?? safe.tps;
      if (tps === safe.tps) return openText(safe, '', analysis.findings);
      return `${rateText(tps)} (observed at ${rateNumberText(safe.tps)}, scaled to the policy limit)`;
    }
    default:
      return openText(safe, limitsText(analysis), analysis.findings);
  }
}

function limitsText(analysis: Analysis): string {
  if (analysis.resources.length === 0) return 'achieved; no host metrics, so resource use is unknown';
  const notJudged = notJudgedIn(analysis);
  const isRead = !analysis.findings.some(({ code }) => code === 'steps-without-readings');
  return [
    `within the policy limits${notJudged.length === 0 ? '' : ` that could be judged; not judged: ${notJudged.join(', ')}`}`,
    ...(isRead ? [] : ['higher sustained steps lack readings, see findings']),
  ].join('; ');
}

/** Resources that may limit production before the named one. */
function notJudgedText(analysis: Analysis): string | undefined {
  const { run, safeMaxTps: safe } = analysis;
  if (run.origin !== 'production' || (safe.kind !== 'predicted' && safe.kind !== 'confirmed')) return undefined;
  const notJudged = notJudgedIn(analysis);
  return notJudged.length === 0 ? undefined : `${notJudged.join(', ')}; each may limit the cluster at a lower rate`;
}

function notJudgedIn({ resources, findings }: Analysis): string[] {
  const isCpuShared = findings.some(({ code }) => code === 'shared-host');
  const notJudged = resources
    .filter(({ node }) => node !== 'generator')
    .flatMap(({ resource, safeTps, utilisationAtHighestStep: share, utilisationBounds: bounds }) => {
      // Cores shared with the load generator count only if their use follows the load.
      if (resource === 'cpu' && isCpuShared && safeTps === undefined) return ['cpu (shared with the load generator)'];
      return share === undefined && bounds === undefined ? [resource] : [];
    });
  return [...new Set(notJudged)];
}

function saturationText(full: SaturationTps, findings: readonly Finding[]): string {
  switch (full.kind) {
    case 'confirmed':
      return `${rateText(full.estimateTps)}, measured: ${limitText(full.limitedBy)} (${boundsText(full.interval)})`;
    case 'predicted':
      return `${rateText(full.estimateTps)}, predicted: ${limitText(full.limitedBy)} (${quantityText(full.extrapolationFactor)} times the highest rate tested; ${boundsText(full.interval)})`;
    default:
      return openText(full, 'sustained', findings, saturationReason);
  }
}

function openText(
  verdict: Exclude<SafeMaxTps, { kind: 'confirmed' | 'predicted' }>,
  how: string,
  findings: readonly Finding[],
  reasons = reasonText,
): string {
  return forKind(verdict, {
    observed: ({ tps }) => `${rateText(tps)}, observed (a single reading)`,
    'at-least': (atLeast) =>
      `at least ${rateText(atLeast.tps)} (${how}): ${openReasonText(atLeast, findings, reasons)}`,
    unknown: ({ missing, below }) =>
      `unknown${below ? `, below ${rateText(below.tps)}` : ''}; missing: ${missing.map(({ what, node }) => `${what} (${nodeText(node)})`).join(', ')}`,
  });
}

/** @returns why no maximum above this rate is stated */
export function openReasonText(
  { reason }: Extract<SafeMaxTps, { kind: 'at-least' }>,
  findings: readonly Finding[],
  reasons = reasonText,
): string {
  const isEarly = reason === 'no-limit-reached' || reason === 'aborted';
  return isEarly && findings.some(isLimitPassed) ? 'the load was ended where a limit was passed' : reasons[reason];
}

/** The guard may also end a load for other reasons, without a limit. */
const isLimitPassed = ({ code, evidence }: Finding): boolean =>
  code === 'guard-intervened' && evidence.some(({ name }) => name === 'limit');

const reasonText: Record<Extract<SafeMaxTps, { kind: 'at-least' }>['reason'], string> = {
  'no-limit-reached': 'no limit was reached, so no maximum is stated',
  'limit-cause-unknown': 'a limit was reached above this rate, cause unknown',
  'generator-limited': 'the load generator was the limit, not the cluster',
  aborted: 'the run ended before a maximum was known',
  'held-too-briefly': 'sustained for less than the confirmation time, below a limit that the search reached',
  'figures-in-doubt': 'rates above it are in doubt (see findings)',
  'garbage-collection':
    'no higher rate is predicted: a broker is paused too much for garbage collection (see findings)',
};

/** A policy limit, which is lower, may have been reached. */
const saturationReason: typeof reasonText = {
  ...reasonText,
  'no-limit-reached': 'no resource was saturated',
};

/** One reading compared with every stated capacity, at the policy limit and at saturation. */
function basisLines(...verdicts: readonly (SafeMaxTps | SaturationTps)[]): string[] {
  const readings = verdicts.flatMap((verdict) => (verdict.kind === 'observed' ? verdict.basis : []));
  return [...new Set(readings.map(({ reading }) => reading))].flatMap((reading) => {
    const rows = readings.filter((each) => each.reading === reading);
    const ranges = rows.map(({ tps: { low, high } }) =>
      Math.round(low) === Math.round(high) ? rateText(high) : `${rateNumberText(low)} to ${rateText(high)}`,
    );
    const indent = Math.max(...ranges.map((range) => range.length)) + 4;
    return [
      '',
      ...wrap(`Computed from the stated ${reading}`, reportWidth, 2),
      ...rows.flatMap(({ policyLimit, capacity }, index) => {
        const lines = wrap(`${percentText(policyLimit)} of ${capacity}`, reportWidth - indent, 0);
        return lines.map(
          (line, at) => (at === 0 ? `  ${ranges[index]?.padStart(indent - 4)}  ` : ' '.repeat(indent)) + line,
        );
      }),
    ];
  });
}

/** Limits that are not monitored; the findings state the consequences. */
function notMonitored(all: readonly Finding[]): string[] {
  return all
    .filter(({ code }) => code === 'not-monitored')
    .flatMap(({ evidence }) => {
      const valueOf = (wanted: string) => String(evidence.find(({ name }) => name === wanted)?.value ?? '');
      const named = [valueOf('part'), valueOf('not monitored')].filter((text) => text !== '');
      return labelled('Not monitored', named.join(' of '));
    });
}
