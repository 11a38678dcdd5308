// Predicts the interval with one more step, with every step repeated, or with longer steps, by refitting their expected results.

import { safeCeilings } from '../../verdict/limits/ceilings.ts';
import { firstCeilingOf } from '../../verdict/limits/first-ceiling.ts';
import type { Evidence } from '../../verdict/evidence.ts';
import type { MeasuredStep } from '../../verdict/steps/measured-step.ts';
import type { Use } from '../../verdict/limits/resources/model.ts';
import { scaledUse } from '../../verdict/limits/resources/use.ts';
import { fitResources, type FittedResource } from '../../verdict/fit/resource-fit.ts';
import type { ResourceUse } from '../../verdict/limits/resource-use.ts';
import type { JudgedStep } from '../../verdict/steps/step-verdict.ts';
import { useAt } from '../../verdict/fit/use-law.ts';

export type Hypothesis = { kind: 'step'; tps: number } | { kind: 'repeat' } | { kind: 'longer' };

/** @returns width of the interval of the first limit over its estimate; undefined if no limit is reached or it is open */
export function widthOf(evidence: Evidence): number | undefined {
  const binding = firstCeilingOf(safeCeilings(evidence), evidence.policy);
  if (binding?.high === undefined || !(binding.value > 0)) return undefined;
  return (binding.high - binding.low) / binding.value;
}

/**
 * Places a further step above the law of each resource by the scatter of its steps, and in a second fit below: a
 * point on the law would be too optimistic. Returns the mean of both.
 */
export function expectedWidth(evidence: Evidence, hypothesis: Hypothesis): number | undefined {
  const widths = [1, -1].map((sign) => widthOf(withHypothesis(evidence, hypothesis, sign)));
  const [above, below] = widths;
  return above === undefined || below === undefined ? undefined : (above + below) / 2;
}

function withHypothesis(evidence: Evidence, hypothesis: Hypothesis, sign: number): Evidence {
  const sustained = evidence.steps.flatMap(({ verdict }, index) => (verdict.kind === 'sustained' ? [index] : []));
  const added = hypothesis.kind === 'step' ? [hypothesis.tps] : [];
  const again = hypothesis.kind === 'repeat' ? sustained : [];
  const nearest = (tps: number) =>
    sustained.toSorted((a, b) => Math.abs(tpsAt(evidence, a) - tps) - Math.abs(tpsAt(evidence, b) - tps))[0] ?? 0;
  const isLonger = hypothesis.kind === 'longer';
  const steps = [
    ...evidence.steps.map((judged) => (isLonger ? { ...judged, step: twiceAsLong(judged.step) } : judged)),
    ...added.map((tps) => atRate(evidence.steps[nearest(tps)] as JudgedStep, tps)),
    ...again.map((index) => evidence.steps[index] as JudgedStep),
  ];
  const uses = evidence.resources.map((resource) => ({
    ...bare(resource),
    uses: [
      ...resource.uses.map((use) => (isLonger ? twice(use) : use)),
      ...added.map((tps) => useAtRate(resource, resource.uses[nearest(tps)], tps, sign)),
      ...again.map((index) => moved(resource, resource.uses[index], index, evidence)),
    ],
  }));
  return { ...evidence, steps, resources: fitResources(uses, { steps, policy: evidence.policy }).resources };
}

const tpsAt = ({ steps }: Evidence, index: number) => steps[index]?.step.tps ?? 0;

function bare(fitted: FittedResource): ResourceUse {
  const { law: _, safe: __, saturation: ___, peak: ____, surePeaks: _____, ...use } = fitted;
  return use;
}

function atRate(judged: JudgedStep, tps: number): JudgedStep {
  const { step } = judged;
  const factor = step.tps > 0 ? tps / step.tps : 1;
  const { requestsPerSecond } = step;
  return {
    ...judged,
    step: {
      ...step,
      tps,
      recorded: { ...step.recorded, targetTps: tps },
      ...(requestsPerSecond !== undefined && { requestsPerSecond: requestsPerSecond * factor }),
    },
  };
}

function useAtRate({ law }: FittedResource, near: Use, tps: number, sign: number): Use {
  if (law === undefined || near === undefined) return near;
  const rms = Math.sqrt(law.sse / Math.max(1, law.degreesOfFreedom) / Math.max(law.sse, useAt(law, tps)));
  const off = Math.min(law.holdOutError, Number.isFinite(rms) ? rms : law.holdOutError);
  return scaledTo(near, Math.max(0, useAt(law, tps) * (1 + sign * off)));
}

/** A repetition is at the same distance on the other side of the law. */
function moved({ law }: FittedResource, use: Use, index: number, evidence: Evidence): Use {
  if (law === undefined || use === undefined) return use;
  return scaledTo(use, Math.max(0, 2 * useAt(law, tpsAt(evidence, index)) - use.mean));
}

const scaledTo = (use: NonNullable<Use>, mean: number): Use => scaledUse(use, use.mean > 0 ? mean / use.mean : 1);

function twiceAsLong(step: MeasuredStep): MeasuredStep {
  const { from, to } = step.window;
  return { ...step, window: { from, to: to + (to - from) }, rates: [...step.rates, ...step.rates] };
}

function twice(use: Use): Use {
  if (use?.series === undefined) return use;
  const { moments, values } = use.series;
  const length = (moments.at(-1) ?? 0) + (moments[0] ?? 0);
  return {
    ...use,
    samples: 2 * use.samples,
    series: { moments: [...moments, ...moments.map((moment) => moment + length)], values: [...values, ...values] },
  };
}
