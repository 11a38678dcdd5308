// Uses the tested bounds of a rate search instead of the prediction from the steps.

import { defined } from '../../../core/defined.ts';
import type { Finding, Limit, SafeMaxTps, SaturationTps } from '../../../core/documents/analysis.ts';
import { generatorHostsOf } from '../../../core/documents/evidence/telemetry.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { SoakDoubt } from '../../../core/documents/findings/limit-findings.ts';
import type { SearchCertificate, Violation } from '../../../core/documents/search-certificate.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { LoadTestRun, RunDescription } from '../../evidence/load-test-run.ts';
import { generatorNode, peakShare, proxyNode, utilisation, wholeCluster } from './resource-use.ts';
import { brokersOf, explainedCeiling, isJudgedResource, isProven } from './ceilings.ts';
import { measuredCrossing } from '../fit/crossing.ts';
import type { Ceiling, Evidence } from '../evidence.ts';
import { targetTpsOf } from '../steps/measured-step.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

/**
 * A rate that `find-safe` soaked for the confirmation time is confirmed: tested, not computed. The analysis checks the
 * steps of the soak again: they must be sustained, the use of every resource must be within the policy, as for any other
 * step, and every SLO must be met, since a workload file may have looser limits.
 *
 * @param otherwise the result of the steps alone
 */
export function safeMaxBySearch(run: LoadTestRun, evidence: Evidence, otherwise: SafeMaxTps): SafeMaxTps {
  const { certificate } = run;
  const lower = certificate?.lowerBound;
  if (certificate?.search !== 'find-safe' || lower === undefined) return otherwise;
  if (doubtOf(run, evidence) !== undefined) return belowDoubt(otherwise, lower.tps, evidence);
  const [upper] = certificate.upperBounds;
  if (upper === undefined) return { kind: 'at-least', tps: lower.tps, reason: openEnd(certificate) };
  const limitedBy = upper.limitedBy ?? limitOf(upper.violated, run.document);
  if (limitedBy === undefined) return { kind: 'at-least', tps: lower.tps, reason: 'aborted' };
  if (isOfGenerator(limitedBy)) return { kind: 'at-least', tps: lower.tps, reason: 'generator-limited' };
  if (lower.durationSeconds >= evidence.policy.confirmationSeconds.value) {
    return { kind: 'confirmed', ...bounds(certificate, lower.tps, upper.tps), limitedBy };
  }
  // Ignore a prediction above a rate that was tested and rejected.
  const isPredicted = otherwise.kind === 'predicted' && otherwise.tps < upper.tps;
  return isPredicted ? otherwise : { kind: 'at-least', tps: lower.tps, reason: 'held-too-briefly' };
}

/** A rate in doubt is not safe, nor is any higher rate, which the search rejected or never tried. */
function belowDoubt(otherwise: SafeMaxTps, doubted: number, { steps, slos }: Evidence): SafeMaxTps {
  if (otherwise.kind === 'unknown' || otherwise.tps <= doubted) return otherwise;
  const kept = steps.flatMap(({ step, verdict }, place) => {
    const isKept = verdict.kind === 'sustained' && slos.every((slo) => slo.isKept[place] === true);
    return isKept && targetTpsOf(step) < doubted ? [step.tps] : [];
  });
  if (kept.length > 0) return { kind: 'at-least', tps: Math.max(...kept), reason: 'figures-in-doubt' };
  return { kind: 'unknown', missing: [{ what: 'a sustained rate below the one in doubt', node: wholeCluster }] };
}

/** @returns the limit at which `find-safe` rejected a rate, which laws may not show; undefined if no rate passed */
export function searchCeiling({ certificate, document }: LoadTestRun, { fit }: Policy): Ceiling | undefined {
  const low = certificate?.lowerBound?.tps;
  const upper = certificate?.search === 'find-safe' ? certificate.upperBounds[0] : undefined;
  const limit = upper && (upper.limitedBy ?? limitOf(upper.violated, document));
  if (low === undefined || upper === undefined || limit === undefined || isOfGenerator(limit)) return undefined;
  const crossing = measuredCrossing({ value: low, low, high: upper.tps }, fit.confidence.value, limit);
  return { ...crossing, limit, kind: 'latency' };
}

/** `find-max` tested beyond its lower bound; the steps name the bottleneck, otherwise the failed criterion does. */
export function saturationBySearch(run: LoadTestRun, evidence: Evidence, otherwise: SaturationTps): SaturationTps {
  const { certificate } = run;
  const { steps } = evidence;
  const lower = certificate?.lowerBound;
  if (certificate?.search !== 'find-max' || lower === undefined) return otherwise;
  const [upper] = certificate.upperBounds;
  if (upper === undefined) return { kind: 'at-least', tps: lower.tps, reason: openEnd(certificate) };
  const beyond = stepsOf(run, steps, ({ targetTps, outcome }) => targetTps === upper.tps && outcome.kind === 'failed');
  const full =
    beyond.flatMap(({ verdict }) =>
      verdict.kind === 'saturated' && verdict.bottleneck ? [verdict.bottleneck] : [],
    )[0] ?? fullestIn(beyond, evidence);
  const limitedBy = full ?? upper.limitedBy ?? limitOf(upper.violated, run.document);
  if (limitedBy === undefined) return { kind: 'at-least', tps: lower.tps, reason: 'aborted' };
  const isGenerator = ({ verdict }: JudgedStep) => verdict.kind === 'invalid' && verdict.reason === 'generator-limited';
  if (isOfGenerator(limitedBy) || (full === undefined && beyond.some(isGenerator))) {
    return { kind: 'at-least', tps: lower.tps, reason: 'generator-limited' };
  }
  return { kind: 'confirmed', ...bounds(certificate, lower.tps, upper.tps), limitedBy };
}

/** These trials are known to have failed, so even a trial too short for a separate verdict shows the bottleneck. */
function fullestIn(failed: readonly JudgedStep[], evidence: Evidence) {
  const { steps, resources, policy } = evidence;
  const explained = explainedCeiling(evidence);
  const shares = failed.flatMap((each) =>
    resources.flatMap((use) => {
      const share = utilisation(use, steps.indexOf(each));
      const isFull = share !== undefined && share >= policy.saturation[use.kind].value;
      return isFull && isJudgedResource(use, explained) ? [{ resource: use.resource, node: use.node, share }] : [];
    }),
  );
  const [first] = shares.toSorted((a, b) => b.share - a.share);
  return first && { resource: first.resource, node: first.node };
}

/** The trials of both bounds are independent, so both hold with the product of their confidences. */
function bounds({ confidence }: SearchCertificate, low: number, high: number) {
  const sure = (confidence?.lowerBound ?? 0) * (confidence?.upperBound ?? 0);
  return { tps: low, estimateTps: low, interval: { low, high, confidence: sure } };
}

function openEnd({ endedBecause }: SearchCertificate) {
  if (endedBecause === 'generator-limited') return 'generator-limited';
  return endedBecause === 'highest-rate-held' ? 'no-limit-reached' : 'aborted';
}

/** @returns undefined for an input that is neither resource nor symptom, such as an input of the guard */
function limitOf(violation: Violation, { environment }: RunDescription): Limit | undefined {
  switch (violation.kind) {
    case 'slo':
      return { slo: violation.slo, node: wholeCluster };
    case 'group-lag':
      return { slo: 'consumer-lag', group: violation.group };
    case 'host': {
      const { resource, host: name } = violation;
      const { brokers, proxyHosts = [] } = environment;
      const broker = brokers.find(({ host }) => host === name)?.id;
      const other = generatorHostsOf(environment).includes(name) ? generatorNode : undefined;
      const node = broker ?? (proxyHosts.includes(name) ? proxyNode(name) : other);
      if (node === undefined) return undefined;
      return resource === 'iowait' ? { slo: resource, node } : { resource, node };
    }
    case 'limit':
    case 'guard':
      return undefined;
  }
}

const isOfGenerator = (limit: Limit) => 'node' in limit && limit.node === generatorNode;

type Trial = LoadTestRun['events']['trials'][number];

function stepsOf(run: LoadTestRun, steps: readonly JudgedStep[], isWanted: (trial: Trial) => boolean): JudgedStep[] {
  const begun = new Set(run.events.trials.filter(isWanted).map(({ startedSeconds }) => startedSeconds));
  return steps.filter(({ step }) => begun.has(step.recorded.from));
}

function soaksOf(run: LoadTestRun, { steps }: Evidence): JudgedStep[] {
  const lower = run.certificate?.lowerBound;
  return stepsOf(
    run,
    steps,
    ({ targetTps, durationSeconds, outcome }) =>
      targetTps === lower?.tps && durationSeconds >= lower.durationSeconds && outcome.kind === 'passed',
  );
}

/** @returns why the soak of a certificate does not meet the policy; undefined if it does */
function doubtOf(run: LoadTestRun, evidence: Evidence): SoakDoubt | undefined {
  const lower = run.certificate?.lowerBound;
  if (lower === undefined) return { kind: 'no-rate-held' };
  const { steps, resources, slos } = evidence;
  const soaks = soaksOf(run, evidence);
  const held = soaks.find(({ verdict }) => verdict.kind === 'sustained');
  const [first] = soaks;
  if (held === undefined) {
    return first === undefined ? { kind: 'not-recorded' } : { kind: 'not-sustained', verdict: first.verdict };
  }
  const place = steps.indexOf(held);
  const violated = slos.find(({ isKept }) => isKept[place] !== true);
  if (violated !== undefined) {
    const { limit, measured, bound, unit } = violated;
    return { kind: 'slo', limit, ...defined({ measured: measured[place] }), bound: bound.value, unit };
  }
  const explained = explainedCeiling(evidence);
  const passed = brokersOf(resources).find((each) => !isProven(each, place, explained));
  if (passed === undefined) return undefined;
  const { resource, node, policyLimit } = passed;
  return {
    kind: 'above-limit',
    limit: { resource, node },
    ...defined({ share: peakShare(passed, place) }),
    policyLimit,
  };
}

export function searchFindings(run: LoadTestRun, evidence: Evidence): Finding[] {
  const { certificate } = run;
  const { trials } = run.events;
  const findings: Finding[] = [];
  const excluded = trials.flatMap(({ targetTps, purpose, outcome }) =>
    outcome.kind === 'excluded' ? [{ targetTps, purpose, reason: outcome.reason }] : [],
  );
  if (excluded.length > 0) findings.push(findingOf('trials-excluded', { trials: trials.length, excluded }));
  if (trials.length > 0 && certificate === undefined) {
    findings.push(findingOf('search-open', { trials: trials.length }));
  }
  const lower = certificate?.lowerBound;
  if (certificate?.search !== 'find-safe' || lower === undefined) return findings;
  const { tps, durationSeconds: seconds } = lower;
  const doubt = doubtOf(run, evidence);
  const confirmation = evidence.policy.confirmationSeconds;
  if (doubt !== undefined) findings.push(findingOf('soak-not-safe', { tps, doubt }));
  else if (seconds < confirmation.value) findings.push(findingOf('held-too-briefly', { tps, seconds, confirmation }));
  return findings;
}
