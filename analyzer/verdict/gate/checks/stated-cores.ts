// Compares the stated number of cores of each broker's host with the cores that its counters cover.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { CoresFacts } from '../../../../core/documents/findings/input-findings.ts';
import type { HostSeries } from '../../../evidence/load-test-run.ts';
import { wholeWithin } from '../../limits/resources/use.ts';
import { mean, quantile } from '../../../../core/statistics/statistics.ts';
import { bounded, refused, type Check, type GateContext, type Inconsistency } from '../check.ts';

/** Idle cores are no evidence, because rounding is a large part of their share. */
const leastBusy = 0.2;
const fewestSamples = 5;

export const statedCores: Check = (context) => {
  const { brokers } = context.run.document.environment;
  const seen = new Set<HostSeries>();
  return brokers.flatMap(({ id, host }): Inconsistency[] => {
    const series = host === undefined ? undefined : context.run.hosts.get(host);
    if (series === undefined || seen.has(series)) return [];
    seen.add(series);
    const measured = measuredCores(series, context);
    return measured === undefined ? [] : [contradiction({ node: id, ...measured })];
  });
};

function measuredCores(
  { inventory, intervals }: HostSeries,
  { steps, policy }: GateContext,
): Omit<CoresFacts, 'node'> | undefined {
  const statedCores = inventory?.cores;
  if (statedCores === undefined) return undefined;
  const read = steps.flatMap(({ step }) => wholeWithin(intervals, step.window).flatMap(({ cpu }) => cpu ?? []));
  if (read.length < fewestSamples) return undefined;
  const measuredCores = quantile(
    read.map(({ cores }) => cores),
    0.5,
  );
  if (measuredCores !== statedCores) return { statedCores, measuredCores };
  // Tools print the share of all cores together, which was converted to cores with the stated number.
  const busy = read.flatMap(({ hottestCore, busyCores }) =>
    hottestCore === undefined || hottestCore < leastBusy ? [] : [{ hottestCore, busyCores }],
  );
  if (busy.length < fewestSamples) return undefined;
  const all = mean(busy.map(({ busyCores }) => busyCores));
  const hottest = mean(busy.map(({ hottestCore }) => hottestCore));
  if (all >= hottest * (1 - policy.inputs.coresShare.value)) return undefined;
  return { statedCores, measuredCores: Math.ceil((statedCores * hottest) / all), isLeast: true };
}

/** With fewer cores than stated, the host saturates at a lower rate. */
function contradiction(facts: CoresFacts): Inconsistency {
  const finding = findingOf('stated-cores-contradicted', facts);
  const isFewer = facts.measuredCores < facts.statedCores;
  return isFewer ? refused('the true number of cores', facts.node, finding) : bounded(finding);
}
