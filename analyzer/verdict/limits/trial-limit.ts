// Names the limit that a trial of a rate search reached; the load generator calls this judge during the search.

import type { BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import {
  hostCriteria,
  type HostUse,
  type LimitJudge,
  type LimitVerdict,
  type ReachedLimit,
  type TrialEvidence,
} from '../../../core/limit-judge.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { isConfigured, isInsideBroker } from '../../../core/resource.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { nodeText, percentText, quantityText } from '../../../core/text/quantity-text.ts';
import { brokerLimit, hostLimit } from './explained-limit.ts';
import { consumedOf, producedOf } from '../../evidence/importers/journal-intervals.ts';
import { noEvents } from '../../evidence/importers/run-events.ts';
import { TelemetryFold } from '../../evidence/importers/telemetry.ts';
import type { HostInterval, LoadTestRun, RunDescription } from '../../evidence/load-test-run.ts';
import { measureStep, type MeasuredStep } from '../steps/measured-step.ts';
import type { NodeSeries } from './resources/model.ts';
import { mostOfBroker, useOf, useOfBroker, wholeWithin } from './resources/use.ts';
import {
  generatorNode,
  hostOfNode,
  limitOf,
  peakShare,
  resourceUse,
  surroundingsOf,
  utilisation,
  wholeCluster,
  type ResourceUse,
  type Surroundings,
} from './resource-use.ts';
import { unmonitoredIn } from './unmonitored.ts';
import { isOf } from './ceilings.ts';

/** Facts about the run before its first message. */
export type SearchedRun = Omit<RunDescription, 'environment'>;

/**
 * A limit counts as reached if it explains a missed rate, as for a step of a load test, or if its use in the trial
 * exceeds the limit of the policy.
 */
export const createLimitJudge =
  (about: SearchedRun, policy: Policy): LimitJudge =>
  (evidence) =>
    judgeTrial(evidence, about, policy);

function judgeTrial(evidence: TrialEvidence, about: SearchedRun, policy: Policy): LimitVerdict {
  const run = runOfTrial(evidence, about);
  const [recorded] = run.steps;
  if (recorded === undefined) return { kind: 'within' };
  const step = measureStep(run, recorded, policy.step.settleSeconds.value);
  const refused = refusedSends(evidence, policy);
  if (step.rates.length < policy.step.minimumSteadySeconds.value) {
    if (refused !== undefined) return { kind: 'reached', ...refused };
    return { kind: 'unknown', reason: 'the trial is too short to be judged' };
  }
  const surroundings = surroundingsOf(run);
  const brokers = [...surroundings.brokers, ...surroundings.hostless];
  const { uses } = resourceUse([step], surroundings, policy);
  const found = { step, uses, brokers, policy };
  const known = { index: 0, uses, lowerAchieved: [], brokers };
  const hosts = [...modelledUses(uses, evidence), ...readUses(step, surroundings)];
  const ofBrokers = brokerLimit(step, known, policy);
  if (ofBrokers === undefined && refused !== undefined) return { kind: 'reached', ...refused, hosts };
  const explained = ofBrokers ?? hostLimit(step, known, policy);
  if (explained !== undefined) return { kind: 'reached', limit: explained, ...measuredAt(explained, found), hosts };
  const past = pastPolicy(uses);
  if (past !== undefined) return { kind: 'reached', limit: limitOf(past), ...ofPeak(past), hosts };
  const missing = unmonitoredIn(run).map(({ resource, node }) => `${resource} of ${nodeText(node)}`);
  return missing.length === 0
    ? { kind: 'within', hosts }
    : { kind: 'unknown', reason: `not monitored: ${missing.join(', ')}`, hosts };
}

/** iowait is a symptom, and the model of memory needs write-back that a trial may not show, so both are judged as read. */
const shares = {
  iowait: ({ cpu }: HostInterval) => cpu && cpu.iowaitCores / cpu.cores,
  memory: ({ memory }: HostInterval) => memory && memory.usedBytes / memory.totalBytes,
};

const modelledUses = (uses: readonly ResourceUse[], { environment }: TrialEvidence): HostUse[] =>
  uses.flatMap((use) => {
    const [mean, peak] = [utilisation(use, 0), peakShare(use, 0)];
    const resource = hostCriteria.find((each) => each === use.resource && !Object.hasOwn(shares, each));
    if (mean === undefined || peak === undefined || resource === undefined || use.node === generatorNode) return [];
    return [{ host: hostOfNode(environment, use.node), resource, mean, peak }];
  });

const readUses = (step: MeasuredStep, { brokers, proxies }: Surroundings): HostUse[] =>
  [...brokers, ...proxies].flatMap(({ host: { host, intervals } }) =>
    (['iowait', 'memory'] as const).flatMap((resource) => {
      const use = useOf({ step, intervals: wholeWithin(intervals, step.window) }, shares[resource]);
      return use === undefined ? [] : [{ host, resource, mean: use.mean, peak: use.p99 }];
    }),
  );

/** Returns a run with one step. */
function runOfTrial(
  { targetTps, from, to, durationSeconds, environment, lines, telemetry }: TrialEvidence,
  about: SearchedRun,
): LoadTestRun {
  const fold = new TelemetryFold('telemetry of the trial', environment);
  for (const [index, record] of telemetry.entries()) fold.add(index, record);
  return {
    document: { ...about, environment },
    steps: [{ index: 0, targetTps, plannedSeconds: durationSeconds, from, to, cutOff: false }],
    produced: lines.flatMap((line) => (line.kind === 'produced' ? [producedOf(line)] : [])),
    consumed: lines.flatMap((line) => (line.kind === 'consumed' ? [consumedOf(line)] : [])),
    status: 'completed',
    durationSeconds: to,
    events: noEvents(),
    ...fold.finish(),
  };
}

interface Found {
  step: MeasuredStep;
  uses: readonly ResourceUse[];
  brokers: readonly NodeSeries[];
  policy: Policy;
}

type LimitedBy = ReachedLimit['limit'];

/** Returns the resource that exceeds its policy limit most. */
function pastPolicy(uses: readonly ResourceUse[]): ResourceUse | undefined {
  const [first] = uses
    // The criteria of the search judge hosts.
    .filter(({ resource }) => isInsideBroker(resource))
    .map((use) => ({ use, over: (peakShare(use, 0) ?? 0) / use.policyLimit }))
    .filter(({ over }) => over > 1)
    .toSorted((a, b) => b.over - a.over);
  return first?.use;
}

/** A RocketMQ broker refuses sends that waited too long, even if every reading of its queue was low. */
function refusedSends({ lines, environment: { brokers } }: TrialEvidence, policy: Policy): ReachedLimit | undefined {
  const busy = lines.flatMap((line) => (line.kind === 'error' && line.code === 'broker-busy' ? [line] : []));
  const intended = lines.reduce((sum, line) => sum + (line.kind === 'produced' ? line.intended : 0), 0);
  const share = intended === 0 ? 0 : busy.reduce((sum, { count }) => sum + count, 0) / intended;
  const bound = policy.step.failedShare.value;
  if (share <= bound) return undefined;
  const [only, ...others] = brokers;
  const node = only !== undefined && others.length === 0 ? only.id : wholeCluster;
  const resource = busy.every(({ cause }) => cause === 'page-cache-busy') ? 'flush' : 'send-queue';
  const refused = share < 0.01 ? 'less than 1%' : percentText(share);
  return { limit: { resource, node }, ...shareOf(share, bound, `${refused} of sends refused`) };
}

type Measured = Omit<ReachedLimit, 'limit'>;

const shareOf = (measured: number, bound: number, detail: string): Measured => ({
  measured,
  bound,
  unit: 'ratio',
  detail,
});

function measuredAt(place: LimitedBy, found: Found): Measured {
  const { policy } = found;
  const throttled = throttledShare(place, found);
  if (throttled !== undefined) {
    const bound = policy.cause.throttledShare.value;
    return shareOf(throttled, bound, `throttled ${percentText(throttled)} of the time`);
  }
  const use = found.uses.find((each) => isOf(place, each));
  const share = use && utilisation(use, 0);
  if (use !== undefined && share !== undefined && place.resource !== 'heap') return ofUse(use, share);
  return ofBroker(place, found);
}

/** Throttled share of all responses to the run's clients; absent if the broker throttled them too little to count. */
function throttledShare({ resource }: LimitedBy, { step, policy }: Found): number | undefined {
  if (!isConfigured(resource)) return undefined;
  const seconds = step.window.to - step.window.from;
  const { produce, fetch } = step.throttled ?? {};
  const answers = resource === 'fetch-quota' ? fetch : (produce ?? fetch);
  const share = answers === undefined ? 0 : Math.min(1, answers.seconds / seconds);
  return share >= policy.cause.throttledShare.value ? share : undefined;
}

function ofPeak(use: ResourceUse): Measured {
  const [mean = 0, peak = 0] = [utilisation(use, 0), peakShare(use, 0)];
  return { ...ofUse(use, peak), mean: ofUse(use, mean).measured };
}

function ofUse({ resource, capacity, policyLimit }: ResourceUse, share: number): Measured {
  const { value, unit } = capacity;
  if (unit === 's') {
    const measured = share * value;
    return { measured, bound: policyLimit * value, unit, detail: `requests waited ${durationText(measured)}` };
  }
  const isPool = resource === 'request-handlers' || resource === 'network-threads';
  return shareOf(share, policyLimit, `${percentText(share)} ${isPool ? 'busy' : 'used'}`);
}

/** Broker metrics that are no use of a capacity. */
function ofBroker({ resource, node }: LimitedBy, { step, brokers, policy: { cause } }: Found): Measured {
  const series = brokers.find((broker) => broker.node === node);
  const mean = (figure: keyof BrokerFigures) => (series && useOfBroker({ step }, series, figure)?.mean) ?? 0;
  const most = (figure: keyof BrokerFigures) => (series && mostOfBroker({ step }, series, figure)) ?? 0;
  switch (resource) {
    case 'heap': {
      const paused = mean('gcPauseShare');
      const detail = `paused ${percentText(paused)} of the time for garbage collection`;
      return shareOf(paused, cause.gcPauseShare.value, detail);
    }
    case 'flush': {
      const flushing = mean('flushSecondsPerSecond');
      if (flushing >= cause.flushShare.value)
        return shareOf(flushing, cause.flushShare.value, `${quantityText(flushing)} s per second in flushes`);
      const locked = most('pageCacheLockSeconds');
      const detail = `a write to the page cache held its lock for ${durationText(locked)}`;
      return { measured: locked, bound: cause.pageCacheLockSeconds.value, unit: 's', detail };
    }
    case 'replication': {
      const measured = most('underMinIsrPartitions');
      return { measured, bound: 0, detail: `${quantityText(measured)} partitions under min ISR` };
    }
    default: {
      const measured = mean('throttledSeconds');
      return { measured, bound: 0, unit: 's', detail: `requests throttled for ${durationText(measured)} on average` };
    }
  }
}
