// Selects the series that assets/charts.js draws; large clusters are reduced to the relevant lines.

import type { AnalysedResource, Analysis, Limit } from '../../core/documents/analysis.ts';
import { describeLimit, type Strings } from './view.ts';
import { bindingLimit } from '../../core/documents/safe-tps.ts';

type Point = { x: number; y: number };
type Series = { label: string; points: Point[] };

export interface ChartData {
  labels: { rate: string; latency: string; utilisation: string };
  latency: { name: string; points: (Point & { verdict: string })[] }[];
  utilisation: Series[];
  prediction?: Series;
  limits: { label: string; ratio: number }[];
  marks: { label: string; rate: number; role: 'safe' | 'full' }[];
  /** End of the load axis in both charts. */
  highestRate: number;
  search?: SearchChart;
}

interface SearchChart {
  labels: { time: string; rate: string };
  /** `from` and `to` in seconds of the run. */
  outcomes: { outcome: string; label: string; trials: { from: number; to: number; rate: number }[] }[];
  bounds: { label: string; rate: number; role: 'lower' | 'upper' }[];
}

export function chartData(analysis: Analysis, strings: Strings): ChartData {
  const { steps, safeMaxTps, saturationTps, redline } = analysis;
  const marks: ChartData['marks'] = [];
  // Skipped for a redline, whose steps load one broker, because these rates apply to its cluster.
  const isOfCluster = redline === undefined;
  if (isOfCluster && (safeMaxTps.kind === 'confirmed' || safeMaxTps.kind === 'predicted')) {
    marks.push({ label: strings.safeMax, rate: safeMaxTps.tps, role: 'safe' });
  }
  if (isOfCluster && (saturationTps.kind === 'confirmed' || saturationTps.kind === 'predicted')) {
    marks.push({ label: strings.saturation, rate: saturationTps.estimateTps, role: 'full' });
  }
  const highestRate = Math.max(...steps.map(({ achievedTps }) => achievedTps), ...marks.map(({ rate }) => rate)) * 1.06;

  const measured = analysis.resources.filter(({ utilisationPerStep }) => utilisationPerStep?.length === steps.length);
  // One line per resource, of its most used node; the table has the others.
  const fullestFirst = measured.toSorted((a, b) => lastUse(b) - lastUse(a));
  const shown = fullestFirst.filter(
    (candidate, index) => fullestFirst.findIndex((other) => isSameLine(candidate, other)) === index,
  );
  const binding = bindingResource(analysis);
  const prediction = binding === undefined ? undefined : predictionOf(binding, steps, strings);

  return {
    labels: { rate: strings.rateAxis, latency: strings.latencyAxis, utilisation: strings.utilisationAxis },
    latency: (['p50', 'p99', 'p999'] as const)
      .map((name) => ({
        name: name === 'p999' ? 'p99.9' : name,
        points: steps
          .flatMap(({ achievedTps, latencySeconds, verdict }) =>
            latencySeconds === undefined ? [] : [{ x: achievedTps, y: latencySeconds[name], verdict: verdict.kind }],
          )
          .toSorted(byLoad),
      }))
      .filter(({ points }) => points.length > 0),
    utilisation: shown.map((resource) => ({
      label: strings.ofNode(strings.names[resource.resource], resource.node),
      points: (resource.utilisationPerStep ?? [])
        .map((y, index) => ({ x: steps[index]?.achievedTps ?? 0, y }))
        .toSorted(byLoad),
    })),
    ...(prediction !== undefined && { prediction }),
    limits: limitLines(shown, strings),
    marks,
    highestRate,
    ...searchChart(analysis, strings),
  };
}

/** Sorted by load, because searches and curves go up and down, and a line in order of time would cross itself. */
const byLoad = (a: Point, b: Point): number => a.x - b.x;

function searchChart({ trials = [], certificate }: Analysis, strings: Strings): { search?: SearchChart } {
  const begun = trials.flatMap(({ startedSeconds, ...trial }) =>
    startedSeconds === undefined ? [] : [{ ...trial, from: startedSeconds }],
  );
  if (begun.length === 0) return {};
  const outcomes = (['passed', 'failed', 'excluded'] as const).map((outcome) => ({
    outcome,
    label: strings.outcomes[outcome],
    trials: begun.flatMap(({ from, durationSeconds, targetTps, outcome: { kind } }, index) => {
      // A trial that failed early ended when the next one began.
      const to = Math.min(from + durationSeconds, begun[index + 1]?.from ?? Number.POSITIVE_INFINITY);
      return kind === outcome ? [{ from, to, rate: targetTps }] : [];
    }),
  }));
  const lower = certificate?.lowerBound;
  const upper = certificate?.upperBounds[0];
  return {
    search: {
      labels: { time: strings.trialAxis, rate: strings.trialRate },
      outcomes: outcomes.filter((each) => each.trials.length > 0),
      bounds: [
        ...(lower ? [{ label: strings.lowerBound, rate: lower.tps, role: 'lower' as const }] : []),
        ...(upper ? [{ label: strings.upperBound, rate: upper.tps, role: 'upper' as const }] : []),
      ],
    },
  };
}

/** Returns the limit of the safe maximum; without one, the limit that the run reached. */
export const firstLimit = (analysis: Analysis): Limit | undefined =>
  bindingLimit(analysis) ?? ('limitedBy' in analysis.saturationTps ? analysis.saturationTps.limitedBy : undefined);

export function bindingResource(analysis: Analysis): AnalysedResource | undefined {
  const limit = firstLimit(analysis);
  if (limit === undefined || !('resource' in limit)) return undefined;
  return analysis.resources.find(({ resource, node }) => resource === limit.resource && node === limit.node);
}

/** Whether both share a line. The load generator is not part of the cluster, so its use always has a separate line. */
function isSameLine(a: AnalysedResource, b: AnalysedResource): boolean {
  return a.resource === b.resource && (a.node === 'generator') === (b.node === 'generator');
}

function lastUse({ utilisationPerStep, utilisationAtHighestStep }: AnalysedResource): number {
  return utilisationAtHighestStep ?? utilisationPerStep?.at(-1) ?? 0;
}

/** Predicts use from the highest tested step to saturation; empty if saturation was reached. */
function predictionOf(
  { resource, node, utilisationPerStep = [], saturationTps }: AnalysedResource,
  steps: Analysis['steps'],
  strings: Strings,
): Series | undefined {
  const driven = steps
    .map(({ achievedTps }, index) => ({ x: achievedTps, y: utilisationPerStep[index] }))
    .filter((point): point is Point => point.y !== undefined)
    .toSorted((a, b) => b.x - a.x);
  const [last] = driven;
  if (last === undefined || saturationTps === undefined || saturationTps.value <= last.x) return undefined;
  return {
    label: `${strings.predicted}${strings.colon}${describeLimit({ resource, node }, strings)}`,
    points: [last, { x: saturationTps.value, y: 1 }],
  };
}

/** Draws one line for resources with the same limit. */
function limitLines(resources: readonly AnalysedResource[], strings: Strings): ChartData['limits'] {
  const byRatio = Map.groupBy(resources, ({ policyLimit }) => policyLimit);
  return [...byRatio].map(([ratio, sharing]) => ({
    label: `${strings.policy}${strings.colon}${[...new Set(sharing.map(({ resource }) => strings.names[resource]))].join(strings.list)}`,
    ratio,
  }));
}
