// Lists findings besides the two numbers: their basis, the next limit, and reserves.

import type { Finding, SafeMaxTps, SaturationTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { fingerprintOf } from '../../evidence/fingerprint.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { tlsListeners, usedTls } from '../../evidence/tls-listeners.ts';
import { targetTpsOf } from '../steps/measured-step.ts';
import { nextCeiling } from '../safe-max.ts';
import { limitFindings } from './limit-findings.ts';
import { type Surroundings, utilisation } from '../limits/resource-use.ts';
import {
  brokersOf,
  explainedCeiling,
  highestSustained,
  isFull,
  isBusyByOthers,
  isJudgedResource,
  isOf,
  isWithinReach,
  reachedTps,
  safeCeilings,
  safeShareOf,
  saturationCeilings,
  sustainedTps,
  unexplainedCeiling,
} from '../limits/ceilings.ts';
import { firstCeilingOf } from '../limits/first-ceiling.ts';
import type { Evidence } from '../evidence.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import { defined } from '../../../core/defined.ts';
import { rateAt, useAt } from '../fit/use-law.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';

export function verdictFindings(
  run: LoadTestRun,
  evidence: Evidence,
  surroundings: Surroundings,
  safe: SafeMaxTps,
  saturation: SaturationTps,
): Finding[] {
  return [
    ...sharedHostFinding(surroundings),
    ...unknownHostFinding(run, surroundings, safe),
    ...unknownGeneratorFinding(run, safe),
    ...limitFindings(evidence, surroundings),
    ...pastLimitFindings(evidence, safe),
    ...unreadSteps(evidence, safe),
    ...constantUseFindings(evidence, safe),
    ...nextFinding(evidence, safe),
    ...extrapolatedFinding(evidence, safe),
    ...beyondReach(evidence, saturation),
    ...segmentFinding(evidence, saturation),
    ...unconfirmed(evidence, safe),
    ...marginLedger(evidence, safe, saturation),
    ...replicaFinding(run),
    ...tlsFinding(run.document),
    ...compressionFinding(run.document),
    ...unreadTopicsFinding(run.document),
  ];
}

/** Findings that also apply to production. */
export function productionVerdictFindings(run: LoadTestRun, evidence: Evidence, safe: SafeMaxTps): Finding[] {
  return [...constantUseFindings(evidence, safe), ...nextFinding(evidence, safe), ...replicaFinding(run)];
}

function sharedHostFinding({ brokers, sharesCoresWith }: Surroundings): Finding[] {
  if (sharesCoresWith.length === 0) return [];
  const host = brokers.find(({ node }) => sharesCoresWith.includes(node))?.host.host ?? '';
  return [findingOf('shared-host', { nodes: sharesCoresWith, host })];
}

function unknownHostFinding(run: LoadTestRun, { brokers }: Surroundings, safe: SafeMaxTps): Finding[] {
  const placed = new Set(brokers.map(({ node }) => node));
  const lost = run.document.environment.brokers.filter(({ id }) => !placed.has(id)).map(({ id }) => id);
  if (lost.length === 0) return [];
  // Brokers that cannot deliver faster and consumers that cannot read faster look the same.
  const ofGroup = 'limitedBy' in safe && 'group' in safe.limitedBy ? { group: safe.limitedBy.group } : {};
  return [findingOf('host-unknown', { brokers: lost, cluster: run.document.cluster, ...ofGroup })];
}

function tlsFinding(document: LoadTestRun['document']): Finding[] {
  // Live traffic has the connections of its clients.
  if (document.redline !== undefined) return [];
  const fingerprint = fingerprintOf(document);
  const [listeners, tls] = [tlsListeners(fingerprint), usedTls(fingerprint)];
  return listeners.length === 0 || tls === true
    ? []
    : [findingOf('tls-not-tested', { listeners, isRecorded: tls === false })];
}

/** Topics show no codec of their producers, and live traffic has the codecs of its clients. */
function compressionFinding({ broker, settings, resume, redline }: LoadTestRun['document']): Finding[] {
  const tested = resume?.workload['compression'];
  if (redline !== undefined || settings === undefined || typeof tested !== 'string') return [];
  if (traitsOf(broker)?.hasRecordBatches !== true) return [];
  const { 'compression.type': ofBrokers = 'producer' } = settings.shared;
  const storedWith = (setting: string) => (setting === 'producer' ? tested.replace('none', 'uncompressed') : setting);
  // The topics of the test have the setting of the brokers, so their messages were stored with it.
  const codecs = Object.entries(settings.codecs ?? {})
    .filter(([codec]) => storedWith(codec) !== storedWith(ofBrokers))
    .map(([codec, topic]) => ({ codec, topic }));
  return codecs.length === 0 ? [] : [findingOf('compression-differs', { tested, codecs })];
}

function unreadTopicsFinding({ settings }: LoadTestRun['document']): Finding[] {
  const topics = settings?.unreadTopics;
  return topics === undefined ? [] : [findingOf('topic-settings-unread', { topics })];
}

/** Files of other tools do not state where the tool ran. */
function unknownGeneratorFinding({ document }: LoadTestRun, safe: SafeMaxTps): Finding[] {
  if (document.environment.generatorHost !== undefined) return [];
  if (!('limitedBy' in safe) || !('resource' in safe.limitedBy) || safe.limitedBy.resource !== 'cpu') return [];
  return [findingOf('generator-host-unknown', { node: safe.limitedBy.node })];
}

/** A generator that limits one rate limits every higher one, for the same cause. */
export function stepFindings(evidence: Evidence): Finding[] {
  const { steps } = evidence;
  const isOfGenerator = ({ code }: Finding) => code === 'generator-limited';
  const ofGenerator = steps
    .toSorted((one, other) => targetTpsOf(one.step) - targetTpsOf(other.step))
    .flatMap((judged) => judged.findings.filter(isOfGenerator));
  const byCause = Map.groupBy(ofGenerator, ({ evidence: [figure] }) => figure?.name);
  const lowest = new Set(byCause.values().map(([first]) => first));
  // One finding describes all steps above the sustained rate whose limit is unknown.
  const covered = unexplainedCeiling(evidence)?.steps ?? [];
  return steps
    .flatMap((each) => each.findings.filter(({ code }) => code !== 'limit-cause-unknown' || !covered.includes(each)))
    .filter((finding) => !isOfGenerator(finding) || lowest.has(finding));
}

/** Explains why no sustained step is safe: a limit was already exceeded at the lowest rate. */
function pastLimitFindings(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'unknown') return [];
  const never = safeCeilings(evidence).filter(({ value }) => value === 0);
  return brokersOf(evidence.resources)
    .filter((use) => never.some(({ limit }) => isOf(limit, use)) || isBusyThroughout(use, evidence))
    .flatMap((resource) => pastLimit(resource, evidence));
}

const isBusyThroughout = (use: FittedResource, { steps }: Evidence) =>
  steps.every(({ verdict }, index) => verdict.kind !== 'sustained' || isBusyByOthers(use, index));

function pastLimit({ resource, node, uses, capacity, policyLimit, isShared }: FittedResource, evidence: Evidence) {
  const peaks = evidence.steps.flatMap(({ verdict, step }, index) => {
    const use = uses[index];
    return use && verdict.kind === 'sustained' ? [{ tps: step.tps, share: use.p99 / capacity.value }] : [];
  });
  const [lowest] = peaks.toSorted((a, b) => a.tps - b.tps);
  if (lowest === undefined) return [];
  const { tps, share } = lowest;
  const limit = { value: policyLimit, source: evidence.policy.limits[resource].source };
  return [findingOf('past-limit-from-the-start', { resource, node, tps, share, limit, isShared })];
}

/** Explains why the safe maximum is below the highest sustained rate although no limit is named. */
function unreadSteps(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'at-least') return [];
  const explained = explainedCeiling(evidence);
  const above = evidence.steps.flatMap(({ verdict, step }, index) =>
    verdict.kind === 'sustained' && step.tps > safe.tps ? [index] : [],
  );
  const missing = brokersOf(evidence.resources).filter(
    (each) =>
      isJudgedResource(each, explained) &&
      each.uses.some((use) => use !== undefined) &&
      above.some((index) => each.uses[index] === undefined),
  );
  if (missing.length === 0) return [];
  const highestTps = sustainedTps(highestSustained(evidence.steps));
  const named = missing.map(({ resource, node }) => ({ resource, node }));
  return [findingOf('steps-without-readings', { highestTps, safeTps: safe.tps, missing: named })];
}

function nextFinding(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return [];
  const next = nextCeiling(evidence, safe.limitedBy);
  if (next === undefined) return [];
  return [
    findingOf('next-ceiling', {
      first: safe.limitedBy,
      next: next.limit,
      tps: next.value,
      lowTps: next.low,
      ratio: next.value / safe.estimateTps,
      overlaps: next.low < (safe.interval.high ?? Number.POSITIVE_INFINITY),
    }),
  ];
}

function extrapolatedFinding(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return [];
  const reached = reachedTps(evidence);
  const { flagged } = evidence.policy.extrapolation;
  if (reached <= 0 || safe.estimateTps <= flagged.value * reached) return [];
  return [
    findingOf('extrapolated', {
      basis: 'test',
      factor: safe.estimateTps / reached,
      reachedTps: reached,
      wantedTps: safe.estimateTps / flagged.value,
      flaggedFrom: flagged,
    }),
  ];
}

function beyondReach(evidence: Evidence, saturation: SaturationTps): Finding[] {
  const highest = highestSustained(evidence.steps);
  const binding = firstCeilingOf(saturationCeilings(evidence), evidence.policy);
  if (saturation.kind !== 'at-least' || highest === undefined) return [];
  if (binding === undefined || isWithinReach(binding, highest.step.tps, evidence.policy)) return [];
  const { limit, value: tps } = binding;
  const bound = evidence.policy.extrapolation[binding.kind];
  return [findingOf('beyond-reach', { limit, tps, ratio: tps / highest.step.tps, bound })];
}

/** Least reported saving; smaller ones are within the noise of the steps. */
const leastSpared = 0.01;

/** The saturation of a card assumes full segments, which the test did not reach. */
function segmentFinding({ resources }: Evidence, saturation: SaturationTps): Finding[] {
  if (saturation.kind !== 'predicted') return [];
  const { limitedBy } = saturation;
  const { spared = 0 } = resources.find((each) => isOf(limitedBy, each)) ?? {};
  return spared < leastSpared ? [] : [findingOf('segments-fill', { limit: limitedBy, spared })];
}

function unconfirmed({ steps, policy }: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'predicted') return [];
  const longestStepSeconds = Math.max(...steps.map(({ step }) => step.recorded.to - step.recorded.from));
  return [findingOf('unconfirmed', { tps: safe.tps, longestStepSeconds, confirmation: policy.confirmationSeconds })];
}

/** Each reserve counts once: the policy, and the low end of the interval. */
function marginLedger(evidence: Evidence, safe: SafeMaxTps, saturation: SaturationTps): Finding[] {
  if ((safe.kind !== 'confirmed' && safe.kind !== 'predicted') || !('resource' in safe.limitedBy)) return [];
  const { resource } = safe.limitedBy;
  const full = saturation.kind === 'confirmed' || saturation.kind === 'predicted' ? saturation.estimateTps : 0;
  return [
    findingOf('margin-ledger', {
      resource,
      limit: safeShareOf(safe.limitedBy, evidence),
      interval: safe.estimateTps > 0 ? safe.tps / safe.estimateTps : 0,
      confidence: evidence.policy.fit.confidence.value,
      ...(full > 0 && { product: safe.tps / full }),
    }),
  ];
}

function replicaFinding(run: LoadTestRun): Finding[] {
  const partitions = run.underReplicated.reduce((most, each) => Math.max(most, each.partitions), 0);
  return partitions === 0 ? [] : [findingOf('under-replicated', { partitions })];
}

/** @returns evidence that the run reached the limit, for readers of the steps */
export function explainedCeilingFinding(evidence: Evidence): Finding[] {
  const explained = explainedCeiling(evidence);
  if (explained === undefined) return [];
  const { step } = explained.step;
  const full = evidence.resources.find((each) => isFull(each, explained));
  // The limit may be above the rate of this step, if more was sustained at a lower target.
  const tps = Math.min(explained.value, step.tps);
  return [
    findingOf('driven-into-limit', {
      limit: explained.limit,
      targetTps: targetTpsOf(step),
      tps,
      ...defined({ share: full && utilisation(full, evidence.steps.indexOf(explained.step)) }),
    }),
  ];
}

/** Least reported share of the safe use; idle brokers and hosts use less. */
const worthTelling = 0.25;

/** Reports how much of the bottleneck is used by work that does not follow the load and may be freed. */
function constantUseFindings({ resources }: Evidence, safe: SafeMaxTps): Finding[] {
  if ((safe.kind !== 'confirmed' && safe.kind !== 'predicted') || !('resource' in safe.limitedBy)) return [];
  const { resource, node } = safe.limitedBy;
  const fitted = resources.find((each) => each.resource === resource && each.node === node);
  if (fitted?.law === undefined || fitted.safe === undefined || fitted.law.model === 'batches') return [];
  const { law } = fitted;
  const standing = useAt(law, 0);
  const limit = fitted.policyLimit * fitted.capacity.value;
  const share = standing / limit;
  if (share < worthTelling || share >= 1) return [];
  const throughOrigin = Float64Array.from(law.coefficients, (value, i) => (i === 0 ? 0 : value));
  const without = rateAt(law, limit / (1 + Math.max(0, fitted.peak ?? 0)), throughOrigin);
  const isLine = law.model === 'line' || law.model === 'cores';
  const { unit } = fitted.capacity;
  const otherwise = isLine && { otherwiseTps: without };
  return [findingOf('standing-use', { limit: safe.limitedBy, standing, safe: limit, unit, ...otherwise })];
}
