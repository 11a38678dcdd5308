// Judges whether the brokers and every SLO were monitored.

import { generatorNode } from '../../../verdict/limits/resource-use.ts';
import { isOwnTraffic, isWhole, verdictsOfCluster, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';
import { proofsOf } from '../proofs.ts';
import { judgeFound } from './evidence.ts';

export function judgeMonitoring(case_: MeasuredCase): Judged {
  const { measured } = case_;
  const withoutSlo = measured.filter((each) => isSloUnmeasured(each) && !(isOwnTraffic(each) && isSloTested(case_)));
  const unmonitored = new Set([
    ...measured.flatMap(unmonitoredOf),
    ...(withoutSlo.length > 0 ? ['latency or lag of the SLO'] : []),
  ]);
  return judgeFound('monitoring', unmonitored, (subjects) => ({ code: 'not-monitored', subjects }), 'unknown');
}

const isSloUnmeasured = ({ analysis }: Measured): boolean =>
  analysis.findings.some(({ code }) => code === 'slo-unmeasured');

/** Live traffic shows no SLO. Tests that measured it count instead, unless only live traffic reached the rate. */
function isSloTested(case_: MeasuredCase): boolean {
  const { measured, isProven, neededTps } = case_;
  const tests = measured.filter(
    (each) => !isOwnTraffic(each) && !isSloUnmeasured(each) && each.analysis.steps.length > 0,
  );
  const { best } = proofsOf(tests, case_, verdictsOfCluster(case_).filter(isWhole));
  return isProven ? best !== undefined && best.tps >= neededTps : tests.length > 0;
}

function unmonitoredOf({ analysis }: Measured): readonly string[] {
  const { held, degraded, steps } = analysis;
  // Without any measured step, no loss is shown.
  const isOfNoLoss = degraded !== undefined && steps.length === 0;
  return held?.unmonitored ?? (isOfNoLoss ? [] : withoutCapacity(analysis));
}

/** A limit without capacity had no metrics, or a card with unknown speed. */
function withoutCapacity({ resources }: Measured['analysis']): string[] {
  const ofHosts = resources.filter(
    ({ resource, node }) => node !== generatorNode && (resource === 'cpu' || resource.startsWith('network-')),
  );
  // Files without host metrics name no resource.
  if (ofHosts.length === 0) return ['hosts of the brokers'];
  return ofHosts.filter(({ capacity }) => capacity === undefined).map(({ resource, node }) => `${resource} of ${node}`);
}
