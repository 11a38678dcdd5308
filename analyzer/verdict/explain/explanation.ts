// Explains an answer: one line for each figure on the way from samples to the safe maximum, with what it was made of.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { ExplainedFigure } from '../../../core/documents/explained-figure.ts';
import { drawCount } from '../fit/crossing.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import type { Evidence } from '../evidence.ts';
import type { UseLaw } from '../fit/use-law.ts';
import { isSameLimit } from '../limits/ceilings.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

type Answered = Extract<Analysis['safeMaxTps'], { kind: 'confirmed' | 'predicted' }>;

const perSecond = 'messages/s';

/** Where the figures of a step come from. */
interface ExplanationSources {
  rate(step: JudgedStep['step']): Pick<ExplainedFigure, 'formula' | 'source'>;
  /** Of the samples of each resource. */
  samples: string;
}

const ofLoadTest: ExplanationSources = {
  rate: ({ window }) => ({
    formula: 'acknowledged messages over settled seconds',
    source: `journal, seconds ${window.from.toFixed(0)} to ${window.to.toFixed(0)}`,
  }),
  samples: 'one-second samples',
};

/** @returns nothing for a run without a number: the verdict itself names what is missing */
export function explanationOf(
  evidence: Evidence,
  safe: Analysis['safeMaxTps'],
  sources = ofLoadTest,
): ExplainedFigure[] {
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return [];
  const { limitedBy } = safe;
  if (!('resource' in limitedBy)) return ofPromise(evidence, safe);
  const resource = evidence.resources.find(
    (each) => each.resource === limitedBy.resource && each.node === limitedBy.node,
  );
  if (resource === undefined) return [];
  const law = resource.safe === undefined ? [] : lawLines(resource, evidence, sources);
  const lines = [...samplesOf(resource, evidence, sources), ...law, ...limitLines(resource, evidence)];
  // Without a law the limit lies between steps.
  const from = law.length > 0 ? [...law.map(({ id }) => id), 'limit'] : lines.map(({ id }) => id);
  return [...lines, ...answerLines(safe, from, law.length > 0 ? 'x with u(x) · seconds.p99 = limit' : betweenSteps)];
}

const betweenSteps = 'between the highest step within the limit and the first beyond';

const rateOf = (n: number, tps: number): Omit<ExplainedFigure, 'source'> => ({
  id: `step.${n}.rate`,
  name: `messages acknowledged in step ${n}`,
  value: tps,
  unit: perSecond,
  from: [],
});

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
      { ...rateOf(n, step.tps), ...sources.rate(step) },
      {
        id: `step.${n}.use`,
        name: `mean use in step ${n}`,
        value: use.mean,
        unit: capacity.unit,
        formula: `mean of ${use.samples} samples`,
        from: [],
        source: `telemetry of ${node}: ${capacity.source}`,
      },
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

function surchargeLine(k: number, from: string[]): ExplainedFigure {
  return {
    id: 'law.k',
    name: 'how much more a message costs on idle cores than on full ones',
    value: k,
    unit: 'ratio',
    formula: 'median of k, by the steps and by what was known of brokers before',
    from,
    source: 'docs/verdict.md, CPU',
  };
}

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
  return [
    ...Array.from(law.coefficients, (value, i) => ({
      id: `law.${names[i]}`,
      name: `coefficient ${names[i]} of the law`,
      value,
      unit: units[i] ?? capacity.unit,
      formula: lawForms[law.model],
      from,
      source: leastSquaresSource,
    })),
    ...(law.model === 'cores' ? [surchargeLine(law.k, from)] : []),
    {
      id: 'law.hold-out-error',
      name: 'leave-one-out error',
      value: law.holdOutError,
      unit: 'ratio',
      formula: 'root mean square of (u − û) / û, each step predicted by the others',
      from,
      source: 'Allen 1974 (PRESS)',
    },
    ...(peak === undefined
      ? []
      : [
          {
            id: 'seconds.p99',
            name: 'p99 of the seconds over the mean of their step',
            value: 1 + peak,
            unit: 'ratio',
            formula: 'p99 of all seconds of all steps, each over the mean of its step',
            from: places.map((n) => `step.${n}.use`),
            source: sources.samples,
          },
        ]),
  ];
}

function limitLines({ resource, capacity, policyLimit }: FittedResource, { policy }: Evidence): ExplainedFigure[] {
  return [
    {
      id: 'capacity',
      name: `capacity of ${resource}`,
      value: capacity.value,
      unit: capacity.unit,
      from: [],
      source: capacity.source,
    },
    {
      id: 'policy.share',
      name: 'share that the policy allows',
      value: policyLimit,
      unit: 'ratio',
      from: [],
      source: policy.limits[resource].source,
    },
    {
      id: 'limit',
      name: 'use at the limit',
      value: policyLimit * capacity.value,
      unit: capacity.unit,
      formula: 'policy.share · capacity',
      from: ['policy.share', 'capacity'],
      source: 'arithmetic',
    },
  ];
}

function answerLines(
  { estimateTps, interval, tps, kind }: Answered,
  from: string[],
  formula = betweenSteps,
): ExplainedFigure[] {
  return [
    {
      id: 'estimate',
      name: 'estimate',
      value: estimateTps,
      unit: perSecond,
      formula,
      from,
      source: 'the limit that is reached first',
    },
    {
      id: 'interval.low',
      name: 'lower end of the interval',
      value: interval.low,
      unit: perSecond,
      formula: `quantile ${((1 - interval.confidence) / 2).toPrecision(2)} of ${drawCount} draws, and no step that was surely within the limits`,
      from,
      source: 'joint bootstrap over all limits, docs/verdict.md',
    },
    ...(interval.high === undefined
      ? []
      : [
          {
            id: 'interval.high',
            name: 'upper end of the interval',
            value: interval.high,
            unit: perSecond,
            formula: `quantile ${((1 + interval.confidence) / 2).toPrecision(3)} of the draws`,
            from,
            source: 'joint bootstrap over all limits, docs/verdict.md',
          },
        ]),
    {
      id: 'answer',
      name: kind === 'confirmed' ? 'safe maximum, sustained for the confirmation time' : 'safe maximum',
      value: tps,
      unit: perSecond,
      formula: 'interval.low',
      from: ['interval.low'],
      source: 'docs/verdict.md',
    },
  ];
}

function ofPromise({ slos, steps }: Evidence, safe: Answered): ExplainedFigure[] {
  const { limitedBy } = safe;
  const slo = slos.find(({ limit }) => isSameLimit(limit, limitedBy));
  if (slo === undefined) return answerLines(safe, []);
  const samples = steps.flatMap(({ step }, index): ExplainedFigure[] => {
    const measured = slo.measured[index];
    const n = index + 1;
    if (measured === undefined) return [];
    return [
      { ...rateOf(n, step.tps), source: 'journal' },
      {
        id: `step.${n}.use`,
        name: `measured in step ${n}`,
        value: measured,
        unit: slo.unit,
        from: [],
        source: 'journal',
      },
    ];
  });
  const bound = {
    id: 'limit',
    name: 'promised',
    value: slo.bound.value,
    unit: slo.unit,
    from: [],
    source: slo.bound.source,
  };
  return [...samples, bound, ...answerLines(safe, [...samples.map(({ id }) => id), 'limit'])];
}
