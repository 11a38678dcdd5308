// What do the two charts draw? Plain series for the script in assets/, chosen so that a cluster of many nodes stays readable.

import type { AnalysedResource, Analysis, Limit } from '../../core/analysis.ts';
import { describeLimit, type Strings } from './strings.ts';

type Point = { x: number; y: number };
type Series = { label: string; points: Point[] };

export interface ChartData {
  labels: { rate: string; latency: string; utilisation: string };
  latency: { name: string; points: (Point & { verdict: string })[] }[];
  utilisation: Series[];
  fit?: Series;
  limits: { label: string; ratio: number }[];
  marks: { label: string; rate: number; role: 'safe' | 'full' }[];
  /** The load axis ends here in both charts. */
  highestRate: number;
}

export function chartData(analysis: Analysis, strings: Strings): ChartData {
  const { steps, safeMaxTps, saturationTps } = analysis;
  const marks: ChartData['marks'] = [];
  if (safeMaxTps.kind === 'confirmed' || safeMaxTps.kind === 'predicted') {
    marks.push({ label: strings.safeMax, rate: safeMaxTps.tps, role: 'safe' });
  }
  if (saturationTps.kind === 'confirmed' || saturationTps.kind === 'predicted') {
    marks.push({ label: strings.saturation, rate: saturationTps.estimateTps, role: 'full' });
  }
  const highestRate = Math.max(...steps.map(({ achievedTps }) => achievedTps), ...marks.map(({ rate }) => rate)) * 1.06;

  const measured = analysis.resources.filter(({ utilisationPerStep }) => utilisationPerStep?.length === steps.length);
  // One line per resource, of its fullest node: more cannot be told apart, and the table has the others.
  const fullestFirst = measured.toSorted((a, b) => lastUse(b) - lastUse(a));
  const shown = fullestFirst.filter(
    (candidate, index) => fullestFirst.findIndex((other) => isSameLine(candidate, other)) === index,
  );
  const binding = bindingResource(analysis);
  const fit =
    binding === undefined
      ? undefined
      : fitOf(binding, marks.find(({ role }) => role === 'full')?.rate ?? highestRate, strings);

  return {
    labels: { rate: strings.rateAxis, latency: strings.latencyAxis, utilisation: strings.utilisationAxis },
    latency: (['p50', 'p99', 'p999'] as const)
      .map((name) => ({
        name: name === 'p999' ? 'p99.9' : name,
        points: steps.flatMap(({ achievedTps, latencySeconds, verdict }) =>
          latencySeconds === undefined ? [] : [{ x: achievedTps, y: latencySeconds[name], verdict: verdict.kind }],
        ),
      }))
      .filter(({ points }) => points.length > 0),
    utilisation: shown.map((resource) => ({
      label: strings.ofNode(strings.names[resource.resource], resource.node),
      points: (resource.utilisationPerStep ?? []).map((y, index) => ({ x: steps[index]?.achievedTps ?? 0, y })),
    })),
    ...(fit !== undefined && { fit }),
    limits: limitLines(shown, strings),
    marks,
    highestRate,
  };
}

/** What stops the cluster; where no safe rate could be told, what it was driven into. */
export function firstLimit({ safeMaxTps, saturationTps }: Analysis): Limit | undefined {
  return [safeMaxTps, saturationTps].flatMap((verdict) => ('limitedBy' in verdict ? [verdict.limitedBy] : [])).at(0);
}

export function bindingResource(analysis: Analysis): AnalysedResource | undefined {
  const limit = firstLimit(analysis);
  if (limit === undefined || !('resource' in limit)) return undefined;
  return analysis.resources.find(({ resource, node }) => resource === limit.resource && node === limit.node);
}

/** The generator is no part of the cluster: its own use is always worth a line. */
function isSameLine(a: AnalysedResource, b: AnalysedResource): boolean {
  return a.resource === b.resource && (a.node === 'generator') === (b.node === 'generator');
}

function lastUse({ utilisationPerStep, utilisationAtHighestStep }: AnalysedResource): number {
  return utilisationAtHighestStep ?? utilisationPerStep?.at(-1) ?? 0;
}

function fitOf(
  { fit, capacity, saturationTps, resource, node }: AnalysedResource,
  until: number,
  strings: Strings,
): Series | undefined {
  // A line too poor to estimate from is none to draw.
  if (fit === undefined || capacity === undefined || saturationTps === undefined) return undefined;
  const use = (rate: number) => (fit.intercept + fit.slopePerMessage * rate) / capacity.value;
  return {
    label: `${strings.fitLine}: ${describeLimit({ resource, node }, strings)}`,
    points: [0, until].map((x) => ({ x, y: use(x) })),
  };
}

/** Resources with the same limit share one line. */
function limitLines(resources: readonly AnalysedResource[], strings: Strings): ChartData['limits'] {
  const byRatio = Map.groupBy(resources, ({ policyLimit }) => policyLimit);
  return [...byRatio].map(([ratio, sharing]) => ({
    label: `${strings.policy}: ${[...new Set(sharing.map(({ resource }) => strings.names[resource]))].join(', ')}`,
    ratio,
  }));
}
