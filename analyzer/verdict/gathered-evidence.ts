// What does a run give evidence of? Its steps measured and judged, what each took of every resource, and the laws through them.

import type { Finding } from '../../core/documents/analysis.ts';
import { shapedLimit, withCardCeiling } from './limits/card-ceiling.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { reachedTps } from './limits/driven-limit.ts';
import type { Evidence } from './evidence.ts';
import { askedTps, measureStep, type MeasuredStep } from './steps/measured-step.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { fitResources } from './fit/resource-fit.ts';
import { resourceUse, surroundingsOf, type ResourceUse, type Surroundings } from './limits/resource-use.ts';
import { sloLimits } from './limits/slo-limit.ts';
import { judgeStep } from './steps/step-verdict.ts';
import { unmonitoredIn } from './limits/unmonitored.ts';

export interface GatheredEvidence extends Evidence {
  measured: readonly MeasuredStep[];
  surroundings: Surroundings;
  uses: readonly ResourceUse[];
  findings: Readonly<Record<'ofModels' | 'ofFits' | 'ofSlos', readonly Finding[]>>;
}

export function gatherEvidence(run: LoadTestRun, policy: Policy): GatheredEvidence {
  const asStated = gatherAsStated(run, policy);
  const shaped = shapedLimit(run, asStated);
  return shaped === undefined ? asStated : { ...gatherAsStated(withCardCeiling(run, shaped), policy), shaped };
}

function gatherAsStated(run: LoadTestRun, policy: Policy): GatheredEvidence {
  const measured = run.steps.map((step) => measureStep(run, step, policy.step.settleSeconds.value));
  const surroundings = surroundingsOf(run);
  const { uses, unknown, findings: ofModels } = resourceUse(measured, surroundings, policy);
  const { calibration } = run.document;
  const brokers = [...surroundings.brokers, ...surroundings.hostless];
  const steps = measured.map((step, index) => {
    const carriedLower = measured.flatMap((other, place) => (isCarriedByHalf(other, step, policy) ? [place] : []));
    return judgeStep(step, { index, uses, carriedLower, brokers, calibration }, policy);
  });
  const reached = reachedTps({ steps, resources: uses, policy });
  const fits = fitResources(uses, { steps, reached, policy });
  const slos = sloLimits(steps, policy);
  return {
    measured,
    surroundings,
    uses,
    steps,
    resources: fits.map(({ fitted }) => fitted),
    slos: slos.limits,
    unknown,
    unmonitored: unmonitoredIn(run),
    status: run.status,
    policy,
    findings: { ofModels, ofFits: fits.flatMap((each) => each.findings), ofSlos: slos.findings },
  };
}

function isCarriedByHalf(other: MeasuredStep, step: MeasuredStep, { step: { achievedShare } }: Policy): boolean {
  const asked = askedTps(other);
  return asked > 0 && asked <= askedTps(step) / 2 && other.tps >= achievedShare.value * asked;
}
