// Reads cluster telemetry from Prometheus: discovers series, selects figures, reads them and joins them to intervals.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import { assembled, gapFinding } from './assembly.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { withClusterSelected } from './cluster-in-select.ts';
import type { PrometheusTelemetry } from './config.ts';
import { expressionOf } from './expression.ts';
import { type FigureName, figureOf } from './figures.ts';
import { type FigureSeries, ofFigure } from './figure-series.ts';
import { type Conversation, conversationWith, queryRange } from './range-query.ts';
import { type Choice, namingOf } from './selection.ts';
import type { SourceCheck, SourceIo, SourceTelemetry, TelemetryWindow } from './telemetry.ts';
import { seriesByTarget, type Target } from './targets.ts';
import { withoutRepeats } from '../../../core/documents/findings/without-repeats.ts';
import { fillingOf, planReading, type ReadingPlan, refuseTooMuch } from './reading-plan.ts';
import { defined } from '../../../core/defined.ts';

export async function readPrometheus(
  source: PrometheusTelemetry,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const talk = conversationWith(withClusterSelected(source, window.cluster), io);
  const plan = await planReading(talk, window);
  const { name, span, choices, identities, inventory } = plan;
  refuseTooMuch(plan);
  const findings = [
    ...plan.findings,
    ...plan.discovery.warnings.map((text) => findingOf('source-warning', { source: name, warning: text })),
  ];
  const series: FigureSeries[] = [];
  const copied: { figure: FigureName; targets: readonly string[] }[] = [];
  for (const [index, choice] of choices.entries()) {
    io.progress?.(index / choices.length);
    const part = await readChoice(talk, choice, plan);
    series.push(...part.series);
    findings.push(...part.findings);
    if (part.twice.length > 0) copied.push({ figure: choice.candidate.figure, targets: part.twice });
  }
  if (copied.length > 0) {
    const what = [...new Set(copied.map(({ figure }) => figure))].join(', ');
    const targets = [...new Set(copied.flatMap((each) => each.targets))];
    findings.push(findingOf('source-copies', { source: name, what, targets }));
  }
  if (series.length === 0) {
    const gap = findings.find(({ code }) => code === 'source-gap');
    throw gap === undefined
      ? new AppError('source-empty', `${name} gave no figure of the cluster in this window`)
      : new AppError('prometheus-refused', gap.message);
  }
  const { cluster } = window;
  if (identities.isOtherName && identities.cluster !== undefined && cluster !== undefined) {
    findings.push(findingOf('source-other-name', { source: name, cluster: identities.cluster, wanted: cluster }));
  }
  const rated = withRatesDecided(name, choices, series);
  return assembled({
    name,
    format: source.kind,
    span,
    series: rated.series,
    stated: source,
    inventory,
    findings: [...withoutRepeats(findings), ...rated.findings],
    cost: { requests: talk.requests, wireBytes: talk.wireBytes },
  });
}

/** Lists available and missing figures without reading them. */
export async function checkPrometheus(
  source: PrometheusTelemetry,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceCheck> {
  const { identities, inventory, discovery, findings } = await planReading(
    conversationWith(withClusterSelected(source, window.cluster), io),
    window,
  );
  const { cluster } = identities;
  const nameOf = (target: Target) => identities.nameOf('host', target);
  const reportedSpeeds = discovery.candidates
    .filter(({ figure }) => figure === 'reportedLinkBytesPerSecond')
    .flatMap((candidate) =>
      seriesByTarget(candidate.present, namingOf(candidate), nameOf).series.flatMap((target) => {
        const { name: host, device, values } = target;
        const bytes = values.findLast((value) => !Number.isNaN(value));
        if (bytes === undefined || device === undefined || !identities.isWanted(candidate, target)) return [];
        if (source.hosts[host]?.speed !== undefined) return [];
        return [{ host, device, bitsPerSecond: 8 * bytes }];
      }),
    );
  const gaps = withoutRepeats(findings.filter(({ code }) => code === 'source-gap')).map(({ message }) => message);
  return defined({ cluster, inventory, reportedSpeeds, warnings: [...discovery.warnings, ...gaps] });
}

async function readChoice(
  talk: Conversation,
  choice: Choice,
  { name, window, span, identities }: ReadingPlan,
): Promise<{ series: FigureSeries[]; findings: Finding[]; twice: readonly string[] }> {
  const { candidate, targets } = choice;
  const { scheme, figure, alternative, scrapeSeconds } = candidate;
  const { of } = figureOf(figure);
  const filling = fillingOf(talk, choice, window);
  const { gridSeconds } = filling;
  const points = Math.floor((span.to - span.from) / gridSeconds + 1e-9);
  const findings: Finding[] = [];
  const coarse = { source: name, scheme: scheme.scheme, scrapeSeconds, stepSeconds: window.stepSeconds, gridSeconds };
  if (points === 0) return { series: [], findings: [findingOf('source-coarse', coarse)], twice: [] };
  const expression = expressionOf(scheme, figure, alternative, filling);
  const grid = { firstEnd: span.from + gridSeconds, gridSeconds, points };
  const answer = await queryRange(talk, expression, grid, choice.seriesCount);
  const nameOf = (target: Target) => identities.nameOf(of, target);
  const { series, copied } = seriesByTarget(answer.series, namingOf(candidate), nameOf);
  findings.push(
    ...answer.gaps.map((gap) => gapFinding(name, figure, gap, span)),
    ...answer.warnings.map((text) => findingOf('source-warning', { source: name, warning: text })),
  );
  if (gridSeconds > window.stepSeconds) {
    findings.push(findingOf('source-coarse', coarse));
  }
  const taken = series.filter((target) => identities.isWanted(candidate, target) && targets.has(target.name));
  const twice = copied.filter((each) => taken.some((one) => one.name === each));
  if (alternative.withoutFraming === true && taken.length > 0)
    findings.push(findingOf('source-without-framing', { source: name, scheme: scheme.scheme }));
  if (alternative.flattened === true && taken.length > 0)
    findings.push(findingOf('source-flattened', { source: name, what: figure }));
  const metric = alternative.source ?? alternative.metrics.join(', ');
  return {
    series: taken.map(({ name: target, lastAddresses, device, values }) => ({
      figure,
      target,
      addresses: lastAddresses,
      ...(device !== undefined && { device }),
      ...(alternative.countsRecords === true && { countsRecords: true as const }),
      firstEnd: gridSeconds,
      gridSeconds,
      values,
      source: `${metric} (${scheme.scheme})`,
    })),
    findings,
    twice,
  };
}

/** Offsets exclude retries and internal topics, which the rate includes, so an honest rate is higher by at most this factor. */
const mostHonestRatio = 20;

/**
 * @returns the rate divided by the growth of the offsets, over the intervals in which both are known; undefined without
 * offsets, or if nothing was sent
 */
export function rateOverOffsets(all: readonly FigureSeries[]): number | undefined {
  const offsets = new Map(ofFigure(all, 'messagesInPerSecond').map((each) => [each.target, each]));
  let rates = 0;
  let grown = 0;
  for (const { target, values, gridSeconds } of ofFigure(all, 'putRate')) {
    const counted = offsets.get(target);
    if (counted === undefined || counted.gridSeconds !== gridSeconds) continue;
    for (const [index, rate] of values.entries()) {
      const growth = counted.values[index] ?? Number.NaN;
      if (Number.isNaN(rate) || Number.isNaN(growth)) continue;
      rates += rate;
      grown += growth;
    }
  }
  return grown > 0 ? rates / grown : undefined;
}

export const isPerMinute = (ratio: number | undefined): boolean => ratio !== undefined && ratio > mostHonestRatio;

/** If a build of an exporter exports sums of a minute, all its rates are such sums. */
function withRatesDecided(
  source: string,
  choices: readonly Choice[],
  series: readonly FigureSeries[],
): { series: readonly FigureSeries[]; findings: Finding[] } {
  const doubtful = choices.filter(({ candidate }) => candidate.alternative.perMinuteOf !== undefined);
  const metric = doubtful[0]?.candidate.alternative.perMinuteOf;
  if (metric === undefined) return { series, findings: [] };
  const figures = new Set(doubtful.map(({ candidate }) => candidate.figure));
  const ratio = figures.has('messagesInPerSecond') ? undefined : rateOverOffsets(series);
  if (ratio === undefined) return { series, findings: [findingOf('source-unit-unknown', { source, metric })] };
  if (!isPerMinute(ratio)) return { series, findings: [findingOf('source-rates-compared', { source, metric, ratio })] };
  return {
    series: series.map((each) =>
      figures.has(each.figure) ? { ...each, values: each.values.map((value) => value / 60) } : each,
    ),
    findings: [findingOf('source-per-minute', { source, metric, ratio })],
  };
}
