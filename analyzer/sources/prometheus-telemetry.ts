// What does a Prometheus know of a cluster over a span of time? Discovered, chosen, read in full, and joined into intervals.

import type { Finding } from '../../core/analysis.ts';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { assembled } from './assembly.ts';
import type { SourceCheck } from './check.ts';
import type { PrometheusTelemetry } from './config.ts';
import { discover, matchersOf, type Discovery } from './discovery.ts';
import { expressionOf, type Filling } from './expression.ts';
import { figureOf } from './figures.ts';
import type { FigureSeries } from './figure-series.ts';
import { foundFigures, isEmpty } from './found-figures.ts';
import { readNamingSchemes, type NamingScheme } from './naming-schemes.ts';
import { dividedByMinute, isPerMinute, rateOverOffsets } from './per-minute.ts';
import { queryRange, type Conversation } from './range-query.ts';
import { choose, identify, namingOf, type Choice, type Identities } from './selection.ts';
import * as say from './source-findings.ts';
import type { FigureSource, SourceTelemetry, TelemetryWindow } from './source-telemetry.ts';
import type { SourceIo } from './telemetry.ts';
import { seriesByTarget } from './targets.ts';

/** Values held at once: 3 million become about 300 MB of intervals. A month of 20 brokers fits at 15 minutes, a day at 30 s. */
const mostValues = 3_000_000;

interface Plan {
  name: string;
  window: TelemetryWindow;
  span: { from: number; to: number };
  schemes: readonly NamingScheme[];
  discovery: Discovery;
  identities: Identities;
  choices: readonly Choice[];
  inventory: readonly FigureSource[];
}

export async function readPrometheus(
  source: PrometheusTelemetry,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const talk = conversation(source, io);
  const plan = await planReading(talk, window);
  const { name, span, choices, identities, inventory } = plan;
  refuseTooMuch(plan);
  const findings: Finding[] = [...plan.discovery.warnings].map((text) => say.warningFinding(name, text));
  const series: FigureSeries[] = [];
  for (const choice of choices) {
    const part = await readChoice(talk, choice, plan);
    series.push(...part.series);
    findings.push(...part.findings);
  }
  if (series.length === 0) {
    const gap = findings.find(({ code }) => code === 'source-gap');
    throw gap === undefined
      ? new AppError('source-empty', `${name} gave no figure of the cluster in this window`)
      : new AppError('prometheus-refused', gap.message);
  }
  const { cluster } = window;
  if (identities.isOtherName && identities.cluster !== undefined && cluster !== undefined) {
    findings.push(say.otherClusterFinding(name, identities.cluster, cluster));
  }
  const rated = withRatesDecided(name, choices, series);
  return assembled({
    name,
    format: source.kind,
    span,
    series: rated.series,
    stated: source,
    inventory,
    findings: [...once(findings), ...rated.findings],
    cost: { requests: talk.requests, wireBytes: talk.wireBytes },
  });
}

/** What is there and what is missing, without reading it. */
export async function checkPrometheus(
  source: PrometheusTelemetry,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceCheck> {
  const { identities, inventory, discovery } = await planReading(conversation(source, io), window);
  const { cluster } = identities;
  return { ...(cluster !== undefined && { cluster }), inventory, warnings: discovery.warnings };
}

function conversation(
  source: PrometheusTelemetry,
  { signal, clock = systemClock, name = source.url }: SourceIo,
): Conversation {
  return { source, name, clock, signal, requests: 0, wireBytes: 0, failedInARow: 0 };
}

async function planReading(talk: Conversation, window: TelemetryWindow): Promise<Plan> {
  const schemes = readNamingSchemes();
  const span = { from: window.from.getTime() / 1000, to: window.to.getTime() / 1000 };
  const discovery = await discover(talk, schemes, span);
  if (isEmpty(discovery)) {
    throw new AppError(
      'source-empty',
      `${talk.source.url} holds no series of a broker or host from ${window.from.toISOString()} to ${window.to.toISOString()}`,
      {
        hint: 'check the times and `select` of the source; docs/telemetry-sources.md lists the exporters that are known',
      },
    );
  }
  const identities = identify(discovery.candidates, window.cluster);
  const choices = choose(discovery.candidates, identities);
  const inventory = foundFigures(choices, schemes, (choice) => fillingOf(talk, choice, window));
  return { name: talk.name, window, span, schemes, discovery, identities, choices, inventory };
}

function fillingOf({ source }: Conversation, { candidate }: Choice, { stepSeconds }: TelemetryWindow): Filling {
  const gridSeconds = Math.max(1, Math.ceil(candidate.scrapeSeconds / stepSeconds - 1e-9)) * stepSeconds;
  return {
    matchers: matchersOf(source, candidate.figure),
    gridSeconds,
    windowSeconds: gridSeconds + candidate.scrapeSeconds,
  };
}

function refuseTooMuch({ choices, span, window }: Plan): void {
  const seriesCount = choices.reduce((sum, { candidate }) => sum + candidate.present.length, 0);
  const seconds = span.to - span.from;
  const values = (seriesCount * seconds) / window.stepSeconds;
  if (values <= mostValues) return;
  const step = Math.ceil((seriesCount * seconds) / mostValues);
  throw new AppError(
    'usage',
    `${seriesCount} series over ${Math.round(seconds)} s are ${Math.round(values)} values at a step of ${window.stepSeconds} s, and ${mostValues} are held at once`,
    { hint: `ask for a step of ${step} s or more, or for a shorter window` },
  );
}

async function readChoice(
  talk: Conversation,
  choice: Choice,
  { name, window, span, identities }: Plan,
): Promise<{ series: FigureSeries[]; findings: Finding[] }> {
  const { candidate, targets } = choice;
  const { scheme, figure, alternative, scrapeSeconds } = candidate;
  const { of } = figureOf(figure);
  const filling = fillingOf(talk, choice, window);
  const { gridSeconds } = filling;
  const points = Math.floor((span.to - span.from) / gridSeconds + 1e-9);
  const findings: Finding[] = [];
  if (points === 0)
    return {
      series: [],
      findings: [say.coarseFinding(name, scheme.scheme, scrapeSeconds, window.stepSeconds, gridSeconds)],
    };
  const expression = expressionOf(scheme, figure, alternative, filling);
  const grid = { firstEnd: span.from + gridSeconds, gridSeconds, points };
  const answer = await queryRange(talk, expression, grid, candidate.present.length);
  const { series, copied } = seriesByTarget(answer.series, namingOf(candidate));
  findings.push(
    ...answer.gaps.map((gap) => say.gapFinding(name, figure, gap, span.to - span.from)),
    ...answer.warnings.map((text) => say.warningFinding(name, text)),
  );
  if (gridSeconds > window.stepSeconds) {
    findings.push(say.coarseFinding(name, scheme.scheme, scrapeSeconds, window.stepSeconds, gridSeconds));
  }
  const taken = series
    .filter(identities.isOfCluster)
    .map((each) => ({ ...each, name: identities.nameOf(of, each) }))
    .filter((each) => targets.has(each.name));
  const twice = copied.filter((each) => taken.some((one) => one.name === each));
  if (twice.length > 0) findings.push(say.copiedFinding(name, figure, twice));
  if (alternative.withoutFraming === true && taken.length > 0) findings.push(say.framingFinding(name, scheme.scheme));
  if (alternative.flattened === true && taken.length > 0) findings.push(say.flattenedFinding(name, figure));
  const told = alternative.source ?? alternative.metrics.join(', ');
  return {
    series: taken.map(({ name: target, addresses, device, values }) => ({
      figure,
      target,
      addresses,
      ...(device !== undefined && { device }),
      firstEnd: gridSeconds,
      gridSeconds,
      values,
      source: `${told} (${scheme.scheme})`,
    })),
    findings,
  };
}

/** Where a build of an exporter gives the sum of a minute, everything it calls a rate is one. */
function withRatesDecided(
  name: string,
  choices: readonly Choice[],
  series: readonly FigureSeries[],
): { series: readonly FigureSeries[]; findings: Finding[] } {
  const doubtful = choices.filter(({ candidate }) => candidate.alternative.perMinuteOf !== undefined);
  const metric = doubtful[0]?.candidate.alternative.perMinuteOf;
  if (metric === undefined) return { series, findings: [] };
  const isRateOfItself = doubtful.some(({ candidate }) => candidate.figure === 'messagesInPerSecond');
  const ratio = isRateOfItself ? undefined : rateOverOffsets(series);
  const isDivided = isPerMinute(ratio);
  const figures = new Set(doubtful.map(({ candidate }) => candidate.figure));
  return {
    series: isDivided ? series.map((each) => (figures.has(each.figure) ? dividedByMinute(each) : each)) : series,
    findings: [say.perMinuteFinding(name, metric, ratio, isDivided)],
  };
}

function once(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
