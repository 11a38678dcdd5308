// Predicts the safe maximum of a changed cluster from the measured steps, with their use converted to the change.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import { quantityNames, type QuantityName, type WhatIfDocument } from '../../../core/documents/what-if.ts';
import { AppError } from '../../../core/errors.ts';
import {
  explainedCeiling,
  isFull,
  isOf,
  isWithinReach,
  reachedTps,
  safeCeilings,
} from '../../verdict/limits/ceilings.ts';
import { firstCeilingOf } from '../../verdict/limits/first-ceiling.ts';
import type { Evidence } from '../../verdict/evidence.ts';
import { type GatheredEvidence, gatherEvidence } from '../../verdict/analyze-run.ts';
import { passGate } from '../../verdict/gate/gate.ts';
import type { ResourceUse } from '../../verdict/limits/resource-use.ts';
import { circumstancesOf, type GroupCeiling, withGroups } from '../../verdict/limits/consumer-groups/ceiling.ts';
import { loadTestGroupsOf } from '../../verdict/limits/consumer-groups/groups.ts';
import { dataDisksOf } from '../../verdict/limits/resources/data-disks.ts';
import { safeMaxBySearch } from '../../verdict/limits/search-verdict.ts';
import { unexplainedInTest } from '../../verdict/limits/unexplained-use.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { fitResources } from '../../verdict/fit/resource-fit.ts';
import { bindingOf } from '../../verdict/assemble-verdict.ts';
import { safeMaxOf, withoutStopped } from '../../verdict/safe-max.ts';
import type { Alternative } from './alternative.ts';
import { extrapolationsOf, measuredQuantities } from './extrapolations.ts';
import { changedBytes } from './changed-bytes.ts';
import { type ChangedLoad, changedUse, type Spreading } from './changed-use.ts';

type Answer = WhatIfDocument['alternatives'][number];
type ResourceLimits = NonNullable<Answer['limits']>;

export interface WhatIf extends Answer {
  limits: ResourceLimits;
  /** Known facts of the workload. */
  measured: Alternative;
}

/** @throws AppError usage if the cost of a message is unknown, or no such cluster is possible */
export function whatIf(run: LoadTestRun, policy: Policy, alternatives: readonly Alternative[]): WhatIf[] {
  const evidence = gatherEvidence(run, policy);
  const gate = passGate({ run, steps: evidence.steps, uses: evidence.uses, policy });
  const measured = safeMaxOf(evidence);
  const left = gate.safe(measured);
  const doubtful: SafeMaxTps | undefined =
    left === measured
      ? undefined
      : left.kind === 'unknown'
        ? left
        : { kind: 'unknown', missing: [{ what: 'a run whose figures agree', node: 'cluster' }] };
  const stopped: SafeMaxTps | undefined =
    withoutStopped(measured, run, evidence) === measured
      ? undefined
      : { kind: 'unknown', missing: [{ what: 'a run that the guard did not stop', node: 'cluster' }] };
  const bySearch = safeMaxBySearch(run, evidence, measured);
  const tested = bySearch === measured ? undefined : bySearch;
  // A core follows the load, which the change may move; other use does not.
  const isOpen = unexplainedInTest(evidence, bySearch).some(({ code }) => code !== 'hottest-core');
  const { ceilings } = loadTestGroupsOf(run, policy);
  return alternatives.map((alternative) => {
    // Without groups no group is a limit.
    const answer = oneOf(run, evidence, alternative, { tested, groups: alternative.groups === 0 ? [] : ceilings });
    const open = doubtful ?? stopped ?? (isOpen ? closerSteps : undefined);
    return open === undefined ? answer : { ...answer, safeMaxTps: open, binding: [], limits: [] };
  });
}

function oneOf(
  run: LoadTestRun,
  evidence: GatheredEvidence,
  alternative: Alternative,
  { tested, groups }: { tested: SafeMaxTps | undefined; groups: readonly GroupCeiling[] },
): WhatIf {
  const spreading = spreadingOf(run, alternative);
  const bytes = changedBytes(run, evidence, alternative);
  const { replicas } = bytes.after;
  if (traitsOf(bytes.after.broker).copies === 'any-broker' && replicas > spreading.brokers.after) {
    throw new AppError('usage', `--what-if: replicas=${replicas} on ${spreading.brokers.after} brokers cannot be`, {
      hint: 'each replica needs a separate broker: add brokers',
    });
  }
  const measured = { run, evidence, bytes, spreading };
  const quantitiesBefore = measuredQuantities(measured);
  // Latency cannot be converted: what an SLO allows holds for a lighter load, and nothing is known above it for another.
  const slos = evidence.slos.filter(({ limit }) => limit.slo !== 'consumer-lag' || alternative.groups !== 0);
  const isLighter = isRelief({ alternative, measured: quantitiesBefore });
  // CPU depends on messages or on bytes; one message size cannot show which, so both are computed.
  const [slow, fast] = [true, false]
    .map((cpuByBytes) => {
      const changed = changedEvidence({ ...evidence, slos: isLighter ? slos : [] }, alternative, {
        bytes,
        spreading,
        cpuByBytes,
      });
      return { changed, safe: predictedOnly(safeMaxOf(changed)) };
    })
    .toSorted((a, b) => rankOf(a.safe) - rankOf(b.safe)) as [Answered, Answered];
  const first = firstCeilingOf(safeCeilings(slow.changed), evidence.policy);
  const { resources } = slow.changed;
  const explained = explainedCeiling(evidence);
  const full = evidence.resources.find((each) => isFull(each, explained));
  // Its law is wrong at saturation, and without that step nothing shows it.
  const isLawless =
    full?.law !== undefined &&
    full.safe === undefined &&
    [slow, fast].every(({ changed }) => changed.steps.length < evidence.steps.length);
  const ofLaws: SafeMaxTps = isLawless
    ? { kind: 'unknown', missing: [{ what: 'steps closer to the limit', node: full.node }] }
    : between(slow.safe, fast.safe);
  const isPromised = (tps: number) => isLighter || slos.every(({ crossing }) => !crossing || tps <= crossing.low);
  const answered = 'tps' in ofLaws && !isPromised(ofLaws.tps) ? notTested : ofLaws;
  const ofBrokers = predictedOnly(withSearch(answered, tested, { alternative, measured: quantitiesBefore, resources }));
  // As in a verdict: consumer groups do not become faster with more brokers.
  const ofLimits = withGroups(ofBrokers, groups, circumstancesOf(slow.changed));
  const isUnexplained = unexplainedInTest(slow.changed, ofLimits).length > 0;
  const safeMaxTps: SafeMaxTps = isUnexplained ? closerSteps : ofLimits;
  return {
    alternative,
    safeMaxTps,
    binding: bindingOf(safeMaxTps, isLawless || isUnexplained || first === undefined ? { shares: [] } : first),
    limits: isLawless || isUnexplained ? [] : limitsOf(slow.changed),
    carried: extrapolationsOf(alternative, measured),
    measured: quantitiesBefore,
  };
}

function limitsOf(evidence: Evidence): ResourceLimits {
  const { policy } = evidence;
  const reached = reachedTps(evidence);
  return safeCeilings(evidence)
    .map(({ limit, value, low, high, kind }) => ({
      limitedBy: limit,
      estimateTps: value,
      interval: { low, ...(high !== undefined && { high }), confidence: policy.fit.confidence.value },
      isBeyondReach: !isWithinReach({ value, kind }, reached, policy),
    }))
    .toSorted((a, b) => a.estimateTps - b.estimateTps);
}

interface Answered {
  changed: Evidence;
  safe: SafeMaxTps;
}

function changedEvidence(evidence: GatheredEvidence, alternative: Alternative, load: ChangedLoad): Evidence {
  const { policy } = evidence;
  const { before, after } = load.bytes;
  const { canLead } = traitsOf(after.broker).brokerId;
  // With a single copy of each message there are no slaves.
  const measured = evidence.resources.filter(
    ({ node }) => after.replicas > 1 || before.replicas === 1 || canLead(node),
  );
  const uses = measured.map((each) => changedUse(each, alternative, load));
  const explained = explainedCeiling(evidence);
  // If the saturated resource is used differently or is gone, that step is no evidence. A resource without measured use stays the limit.
  const isMoved =
    explained !== undefined &&
    ('group' in explained.limit
      ? alternative.groups === 0
      : evidence.resources.some((each) => isFull(each, explained)) &&
        !uses.some((use, index) => isFull(use, explained) && isSame(use, measured[index])));
  const kept = evidence.steps.map(({ verdict }) => !isMoved || verdict.kind !== 'saturated');
  const steps = evidence.steps.filter((_, index) => kept[index]);
  const left = uses.map((use) => ({ ...use, uses: use.uses.filter((_, index) => kept[index]) }));
  const { resources } = fitResources(left, { steps, policy });
  const slos = evidence.slos.map((slo) => ({
    ...slo,
    isKept: slo.isKept.filter((_, index) => kept[index]),
    measured: slo.measured.filter((_, index) => kept[index]),
  }));
  const { shaped: _, ...others } = evidence;
  return { ...others, steps, resources, slos };
}

const isSame = ({ uses, capacity }: ResourceUse, before: ResourceUse | undefined) =>
  uses.every((use, index) => use === before?.uses[index]) && capacity.value === before?.capacity.value;

/** An untested rate is not confirmed. */
function predictedOnly(safe: SafeMaxTps): SafeMaxTps {
  return safe.kind === 'confirmed' ? { ...safe, kind: 'predicted' } : safe;
}

/** A known limit takes precedence over none. */
function rankOf(safe: SafeMaxTps): number {
  if (safe.kind === 'unknown') return -1;
  return safe.kind === 'predicted' ? safe.tps : Number.POSITIVE_INFINITY;
}

/** The lower of both results, with an interval that covers both. */
function between(slow: SafeMaxTps, fast: SafeMaxTps): SafeMaxTps {
  if (slow.kind !== 'predicted') return slow;
  const { low, high, confidence } = slow.interval;
  const most = fast.kind === 'predicted' ? fast.interval.high : undefined;
  return {
    ...slow,
    interval: { low, ...(high !== undefined && most !== undefined && { high: Math.max(high, most) }), confidence },
  };
}

function spreadingOf({ document, hosts }: LoadTestRun, { brokers }: Alternative): Spreading {
  const all = document.environment.brokers;
  const names = new Set(all.map(({ id }) => traitsOf(document.broker)?.brokerId.group(id) ?? id));
  const before = Math.max(1, names.size);
  return {
    brokers: { before, after: brokers ?? before },
    disksOf(node) {
      const host = all.find(({ id, host: name }) => id === node || name === node)?.host;
      const series = host === undefined ? undefined : hosts.get(host);
      return Math.max(1, series === undefined ? 0 : dataDisksOf(series.intervals).length);
    },
  };
}

/** Direction in which a quantity makes the load lighter, or the machines stronger. */
const relief = {
  messageBytes: 'less',
  groups: 'less',
  replicas: 'less',
  compression: 'less',
  nic: 'more',
  disks: 'more',
  brokers: 'more',
} as const satisfies Record<Exclude<QuantityName, 'acks'>, 'less' | 'more'>;

interface Change {
  alternative: Alternative;
  /** Measured values; absent if unknown. */
  measured: Alternative;
  resources: Evidence['resources'];
}

/** @param tested result of the search for the unchanged cluster; absent if it equals that of the steps */
function withSearch(predicted: SafeMaxTps, tested: SafeMaxTps | undefined, change: Change): SafeMaxTps {
  if (tested === undefined || tested.kind === 'unknown') return predicted;
  const { alternative, measured } = change;
  const isChanged = quantityNames.some(
    (each) => alternative[each] !== undefined && alternative[each] !== measured[each],
  );
  if (isChanged && predicted.kind !== 'unknown' && !isPastLimit(predicted.tps, tested, change)) return predicted;
  if (isRelief(change)) return tested;
  if (predicted.kind === 'unknown') return predicted;
  return notTested;
}

const closerSteps: SafeMaxTps = {
  kind: 'unknown',
  missing: [{ what: 'steps closer to the limit', node: 'cluster' }],
};

const notTested: SafeMaxTps = {
  kind: 'unknown',
  missing: [{ what: 'a load test of the change: the limit that came first is not predicted for it', node: 'cluster' }],
};

/** Above a rate confirmed by the search, the limit it reached comes first, unless the resource laws include it. */
function isPastLimit(tps: number, tested: SafeMaxTps, { alternative, resources }: Change): boolean {
  if (tested.kind !== 'confirmed' || tps <= tested.tps) return false;
  const { limitedBy } = tested;
  if ('group' in limitedBy && alternative.groups === 0) return false;
  return !resources.some((each) => isOf(limitedBy, each));
}

/** Whether a previously sustained rate is still sustained after the change. */
function isRelief({ alternative, measured }: Pick<Change, 'alternative' | 'measured'>): boolean {
  return quantityNames.every((quantity) => {
    const [before, after] = [measured[quantity], alternative[quantity]];
    if (after === undefined || after === before) return true;
    if (quantity === 'acks' || typeof before !== 'number' || typeof after !== 'number') return false;
    return relief[quantity] === 'less' ? after < before : after > before;
  });
}
