// Plans the full read of a Prometheus (figures, targets, intervals) before the first long query.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import { gapFinding } from './assembly.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import type { Filling } from './expression.ts';
import { type Conversation, refused } from './range-query.ts';
import { type Choice, choose, identify, type Identities, namingOf, podScheme } from './selection.ts';
import type { FigureSource, TelemetryWindow } from './telemetry.ts';
import { seriesByTarget } from './targets.ts';
import { type Candidate, discover, type Discovery, matchersOf } from './discovery.ts';
import { foundFigures, isEmpty } from './found-figures.ts';
import { readNamingSchemes } from './naming-schemes.ts';

/** Values in memory, and again as intervals. A month of 20 brokers (640 series) fits at 15 minutes, a day of them at 30 s. */
const mostValues = 3_000_000;

/** Limit in one matcher; there are fewer brokers. */
const mostPodsNamed = 200;

export interface ReadingPlan {
  name: string;
  window: TelemetryWindow;
  span: { from: number; to: number };
  discovery: Discovery;
  identities: Identities;
  choices: readonly Choice[];
  inventory: readonly FigureSource[];
  findings: readonly Finding[];
}

/** @throws AppError source-empty, prometheus-refused, usage, and the errors of the queries */
export async function planReading(talk: Conversation, wanted: TelemetryWindow): Promise<ReadingPlan> {
  const schemes = readNamingSchemes();
  const span = { from: wanted.from.getTime() / 1000, to: wanted.to.getTime() / 1000 };
  const discovery = await discover(talk, schemes, span);
  if (isEmpty(discovery)) {
    const [unanswered] = discovery.gaps;
    // A server that did not respond may still have the series.
    if (unanswered !== undefined) throw refused(talk, unanswered.figure, unanswered.gap.reason);
    throw new AppError(
      'source-empty',
      `${talk.source.url} holds no series of a broker or host from ${wanted.from.toISOString()} to ${wanted.to.toISOString()}`,
      {
        hint: 'check the times and `select` of the source; docs/reference/telemetry-sources.md lists the exporters that are known',
      },
    );
  }
  const identities = identify(discovery.candidates, wanted.cluster, talk.source);
  const choices = choose(discovery.candidates, identities);
  const window = wanted.coarserIfNeeded === true ? { ...wanted, stepSeconds: heldStep(choices, span, wanted) } : wanted;
  const findings: Finding[] = discovery.gaps.map(({ figure, gap }) => gapFinding(talk.name, figure, gap, span));
  if (window.stepSeconds > wanted.stepSeconds) {
    findings.push(
      findingOf('source-step-longer', {
        source: talk.name,
        wantedSeconds: wanted.stepSeconds,
        stepSeconds: window.stepSeconds,
      }),
    );
  }
  const left = hostsLeftOut(discovery, choices);
  if (left > 0) findings.push(findingOf('source-hosts-left-out', { source: talk.name, hosts: left }));
  const inventory = foundFigures(choices, schemes, (choice) => fillingOf(talk, choice, window));
  return { name: talk.name, window, span, discovery, identities, choices, inventory, findings };
}

function hostsLeftOut({ candidates }: Discovery, choices: readonly Choice[]): number {
  const isCount = ({ figure, scheme }: Candidate) => figure === 'cores' && scheme.scheme !== podScheme;
  const there = candidates.filter(isCount).flatMap((each) => seriesByTarget(each.present, namingOf(each)).series);
  const read = choices.filter(({ candidate }) => isCount(candidate)).flatMap(({ targets }) => [...targets]);
  return new Set(there.map(({ name }) => name)).size - new Set(read).size;
}

export function fillingOf(
  { source }: Conversation,
  { candidate, targets }: Choice,
  { stepSeconds }: TelemetryWindow,
): Filling {
  const own = matchersOf(source, candidate.figure);
  // The kubelets export every pod, so unwanted pods are filtered on the server.
  const pods = candidate.scheme.scheme === podScheme && targets.size <= mostPodsNamed ? podMatcher(targets) : '';
  const gridSeconds = Math.max(1, Math.ceil(candidate.scrapeSeconds / stepSeconds - 1e-9)) * stepSeconds;
  return {
    matchers: [own, pods].filter((each) => each !== '').join(', '),
    gridSeconds,
    windowSeconds: gridSeconds + candidate.scrapeSeconds,
  };
}

function podMatcher(names: ReadonlySet<string>): string {
  return `pod=~"${[...names].map((name) => name.replaceAll('.', String.raw`\\.`)).join('|')}"`;
}

/** A production analysis uses quarters of an hour, which are multiples of these steps. */
const usualSteps = [60, 90, 150, 180, 300, 450, 900];

function heldStep(
  choices: ReadingPlan['choices'],
  span: ReadingPlan['span'],
  { stepSeconds }: Pick<TelemetryWindow, 'stepSeconds'>,
): number {
  const least = Math.max(stepSeconds, shortestStep(choices, span));
  return least === stepSeconds ? stepSeconds : (usualSteps.find((step) => step >= least) ?? least);
}

const seriesIn = (choices: ReadingPlan['choices']) => choices.reduce((sum, each) => sum + each.seriesCount, 0);

const shortestStep = (choices: ReadingPlan['choices'], span: ReadingPlan['span']) =>
  Math.ceil((seriesIn(choices) * (span.to - span.from)) / mostValues);

/** @throws AppError usage, with the smallest step that fits */
export function refuseTooMuch({ choices, span, window }: ReadingPlan): void {
  const seriesCount = seriesIn(choices);
  const seconds = span.to - span.from;
  const values = (seriesCount * seconds) / window.stepSeconds;
  if (values <= mostValues) return;
  const step = shortestStep(choices, span);
  throw new AppError(
    'usage',
    `${seriesCount} series over ${Math.round(seconds)} s are ${Math.round(values)} values at a step of ${window.stepSeconds} s, and ${mostValues} are held at once`,
    { hint: `use a step of ${step} s or more, or a shorter window` },
  );
}
