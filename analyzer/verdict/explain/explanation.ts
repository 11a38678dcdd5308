// Explains a result: one line per figure on the way from samples to the safe maximum, with its formula and source.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { ExplainedFigure } from '../../../core/documents/explained-figure.ts';
import { drawCount } from '../fit/crossing.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import type { Evidence } from '../evidence.ts';
import type { UseLaw } from '../fit/use-law.ts';
import { isOf, isSameLimit } from '../limits/ceilings.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

type Answered = Extract<Analysis['safeMaxTps'], { kind: 'confirmed' | 'predicted' }>;

const perSecond = 'messages/s';

/** Formula, source and inputs of a figure. */
type Origin = Pick<ExplainedFigure, 'formula' | 'source'> & { from?: string[] };

/** Origins of the figures of a step. */
interface ExplanationSources {
  rate(step: JudgedStep['step']): Origin;
  /** Origin of the samples of each resource. */
  samples: string;
}

const ofLoadTest: ExplanationSources = {
  rate: ({ window }) => ({
    formula: 'acknowledged messages over settled seconds',
    source: `journal, seconds ${window.from.toFixed(0)} to ${window.to.toFixed(0)}`,
  }),
  samples: 'one-second samples',
};

/** @returns an empty list for a run without a number, whose verdict names what is missing */
export function explanationOf(
  evidence: Evidence,
  safe: Analysis['safeMaxTps'],
  sources = ofLoadTest,
): ExplainedFigure[] {
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return [];
  const { limitedBy } = safe;
  if (!('resource' in limitedBy)) return ofPromise(evidence, safe);
  const resource = evidence.resources.find((each) => isOf(limitedBy, each));
  if (resource === undefined) return [];
  const law = resource.safe === undefined ? [] : lawLines(resource, evidence, sources);
  const lines = [...samplesOf(resource, evidence, sources), ...law, ...limitLines(resource, evidence)];
  // Without a law, the limit is between two steps.
  const from = law.length > 0 ? [...law.map(({ id }) => id), 'limit'] : lines.map(({ id }) => id);
  return [...lines, ...answerLines(safe, from, law.length > 0 ? 'x with u(x) · seconds.p99 = limit' : betweenSteps)];
}

const betweenSteps = 'between the highest step within the limit and the first beyond';

function figure(
  id: string,
  name: string,
  [value, unit]: readonly [value: number, unit: string],
  { formula, from = [], source }: Origin,
): ExplainedFigure {
  return { id, name, value, unit, ...(formula !== undefined && { formula }), from, source };
}

const rateOf = (n: number, tps: number, origin: Origin): ExplainedFigure =>
  figure(`step.${n}.rate`, `messages acknowledged in step ${n}`, [tps, perSecond], origin);

function samplesOf(
  { uses, capacity, node }: FittedResource,
  { steps }: Evidence,
  sources: ExplanationSources,
): ExplainedFigure[] {
  return steps.flatMap(({ step, verdict }, index): ExplainedFigure[] => {
    const use = uses[index];
    if (verdict.kind !== 'sustained' || use === undefined) return [];
    const n = index + 1;
    return [
      rateOf(n, step.tps, sources.rate(step)),
      figure(`step.${n}.use`, `mean use in step ${n}`, [use.mean, capacity.unit], {
        formula: `mean of ${use.samples} samples`,
        source: `telemetry of ${node}: ${capacity.source}`,
      }),
    ];
  });
}

const lawForms = {
  line: 'u(x) = a + b·x',
  batches: 'u(x) = a + b·x + c·q(x), q the requests at x',
  convex: 'u(x) = a + b·x + c·x²',
  cores: 'e(x) = a + b·x, or a + b·q(x), u(x) = n·(1 + k)·e(x) / (n + k·e(x)), n the cores',
} as const satisfies Record<UseLaw['model'], string>;

const leastSquaresSource = 'weighted least squares, Draper and Smith, Applied Regression Analysis, 3rd ed.';

const surchargeLine = (k: number, from: string[]): ExplainedFigure =>
  figure('law.k', 'how much more a message costs on idle cores than on full ones', [k, 'ratio'], {
    formula: 'median of k, by the steps and by what was known of brokers before',
    from,
    source: 'docs/explanation/verdict.md, CPU',
  });

function lawLines(
  { law, uses, peak, capacity }: FittedResource,
  { steps }: Evidence,
  sources: ExplanationSources,
): ExplainedFigure[] {
  if (law === undefined) return [];
  const places = steps.flatMap(({ verdict }, index) =>
    verdict.kind === 'sustained' && uses[index] ? [index + 1] : [],
  );
  const from = places.flatMap((n) => [`step.${n}.rate`, `step.${n}.use`]);
  const names = ['a', 'b', 'c'];
  const units = [
    capacity.unit,
    `${capacity.unit} per ${law.model === 'cores' && law.batching ? 'request' : 'message'}/s`,
    law.model === 'convex' ? `${capacity.unit} per (message/s)²` : `${capacity.unit} per request/s`,
  ];
  const ofLaw = { formula: lawForms[law.model], from, source: leastSquaresSource };
  const lines = [
    ...Array.from(law.coefficients, (value, i) =>
      figure(`law.${names[i]}`, `coefficient ${names[i]} of the law`, [value, units[i] ?? capacity.unit], ofLaw),
    ),
    ...(law.model === 'cores' ? [surchargeLine(law.k, from)] : []),
    figure('law.hold-out-error', 'leave-one-out error', [law.holdOutError, 'ratio'], {
      formula: 'root mean square of (u − û) / û, each step predicted by the others',
      from,
      source: 'Allen 1974 (PRESS)',
    }),
  ];
  if (peak === undefined) return lines;
  const ofSeconds = figure('seconds.p99', 'p99 of the seconds over the mean of their step', [1 + peak, 'ratio'], {
    formula: 'p99 of all seconds of all steps, each over the mean of its step',
    from: places.map((n) => `step.${n}.use`),
    source: sources.samples,
  });
  return [...lines, ofSeconds];
}

function limitLines({ resource, capacity, policyLimit }: FittedResource, { policy }: Evidence): ExplainedFigure[] {
  const { value, unit, source } = capacity;
  return [
    figure('capacity', `capacity of ${resource}`, [value, unit], { source }),
    figure('policy.share', 'share that the policy allows', [policyLimit, 'ratio'], {
      source: policy.limits[resource].source,
    }),
    figure('limit', 'use at the limit', [policyLimit * value, unit], {
      formula: 'policy.share · capacity',
      from: ['policy.share', 'capacity'],
      source: 'arithmetic',
    }),
  ];
}

function answerLines({ estimateTps, interval, tps, kind }: Answered, from: string[], formula = betweenSteps) {
  const { low, high, confidence } = interval;
  const byDraws = { from, source: 'joint bootstrap over all limits, docs/explanation/verdict.md' };
  const answer = kind === 'confirmed' ? 'safe maximum, sustained for the confirmation time' : 'safe maximum';
  return [
    figure('estimate', 'estimate', [estimateTps, perSecond], {
      formula,
      from,
      source: 'the limit that is reached first',
    }),
    figure('interval.low', 'lower end of the interval', [low, perSecond], {
      formula: `quantile ${((1 - confidence) / 2).toPrecision(2)} of ${drawCount} draws, and no step that was surely within the limits`,
      ...byDraws,
    }),
    ...(high === undefined
      ? []
      : [
          figure('interval.high', 'upper end of the interval', [high, perSecond], {
            formula: `quantile ${((1 + confidence) / 2).toPrecision(3)} of the draws`,
            ...byDraws,
          }),
        ]),
    figure('answer', answer, [tps, perSecond], {
      formula: 'interval.low',
      from: ['interval.low'],
      source: 'docs/explanation/verdict.md',
    }),
  ];
}

function ofPromise({ slos, steps }: Evidence, safe: Answered): ExplainedFigure[] {
  const { limitedBy } = safe;
  const slo = slos.find(({ limit }) => isSameLimit(limit, limitedBy));
  if (slo === undefined) return answerLines(safe, []);
  const { unit, bound } = slo;
  const samples = steps.flatMap(({ step }, index): ExplainedFigure[] => {
    const measured = slo.measured[index];
    const n = index + 1;
    if (measured === undefined) return [];
    const source = 'journal';
    return [
      rateOf(n, step.tps, { source }),
      figure(`step.${n}.use`, `measured in step ${n}`, [measured, unit], { source }),
    ];
  });
  const promised = figure('limit', 'promised', [bound.value, unit], { source: bound.source });
  return [...samples, promised, ...answerLines(safe, [...samples.map(({ id }) => id), 'limit'])];
}
