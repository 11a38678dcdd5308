// Judges a trial by its criteria: it passes, fails, or is excluded because the load generator was the cause.

import { sloCriteria, type SloCriterion, type Violation } from '../../../core/documents/search-certificate.ts';
import { type Constraint, isInsideBroker } from '../../../core/resource.ts';
import { countText, nodeText, percentText } from '../../../core/text/quantity-text.ts';
import type { Breach, TrialOutcome } from '../trial.ts';
import type { Criteria } from './criteria-options.ts';
import type { ReachedLimit } from '../../../core/limit-judge.ts';
import { growthOf, riseOf } from './growth.ts';
import type { GeneratorFigures, TrialFigures } from './trial-figures.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import type { Percentiles } from '../../../core/documents/analysis.ts';

/**
 * A trial that met every criterion passes, however busy the generator was: generator delay is part of the latencies and
 * only makes passing harder. A trial that failed because of the generator is excluded, unless the guard stopped it:
 * that rate is not tested again.
 *
 * @returns the first breach, causes before symptoms; others are in `also`
 */
export function judge(figures: TrialFigures, criteria: Criteria): TrialOutcome {
  return outcomeOf(figures, criteria, [...breachesOf(figures, criteria)]);
}

/** Mean utilization over a whole trial, its start included, from which a resource is named as a hint; not a limit. */
const fullShare = 0.9;

export function outcomeOf(
  { achieved, generator, guard, reached, hosts = [] }: TrialFigures,
  criteria: Criteria,
  [first, ...others]: readonly Breach[],
): TrialOutcome {
  if (first === undefined) return { kind: 'passed', achievedTps: achieved };
  // iowait and memory are no load.
  const loads = hosts.filter(({ resource }) => criteria.generatorHosts[resource] !== undefined);
  const reason = generator && generatorFault(generator, loads, criteria);
  if (reason !== undefined && guard === undefined && !isOfBroker(reached)) return { kind: 'excluded', reason };
  const also = others.map(({ criterion }) => criterion);
  const full = [...loads, ...(generator?.hosts ?? [])]
    .filter(({ utilisation }) => utilisation >= fullShare)
    .toSorted((a, b) => b.utilisation - a.utilisation)
    .map(({ resource, host, utilisation }) => ({ resource, host, utilisation }));
  return {
    kind: 'failed',
    ...(reached && explains(reached, first) && { limitedBy: reached.limit, detail: reached.detail }),
    ...first,
    achievedTps: achieved,
    ...(also.length > 0 && { also }),
    ...(full.length > 0 && { full }),
  };
}

/** A limit explains symptoms, but not that another resource of a host exceeds its limit. */
const explains = ({ limit }: ReachedLimit, { violated }: Breach) =>
  violated.kind !== 'host' || violated.resource === 'iowait' || violated.resource === limit.resource;

/**
 * Limits that a broker reports itself are valid however late the generator was. Host utilization is judged by `hosts`,
 * which a workload file may set; utilization of the generator's host is the generator's fault.
 */
const isReportedByBroker = (name: Constraint) => isInsideBroker(name) || name === 'heap';

export function isOfBroker(reached: ReachedLimit | undefined): reached is ReachedLimit {
  return reached !== undefined && isReportedByBroker(reached.limit.resource);
}

function* breachesOf(figures: TrialFigures, criteria: Criteria): Iterable<Breach> {
  const { target, achieved, duration, failedMessages, drain, latency, endToEnd } = figures;
  if (figures.guard !== undefined) yield figures.guard;
  if (criteria.reachedLimit === 'fails' && isOfBroker(figures.reached)) yield breachOf(figures.reached);
  for (const { host, resource, utilisation, peak: measured = utilisation } of figures.hosts ?? []) {
    const limit = criteria.hosts[resource];
    if (limit !== undefined && measured > limit) yield hostBreach({ resource, host, measured, limit });
  }
  yield* growing(figures, criteria);
  if (drain !== undefined && (drain.left > 0 || drain.took > criteria.drain)) {
    yield sloBreach('drain', drain.took, criteria.drain, 's');
  }
  yield* over('errors', failedMessages / (target * duration), criteria.errors, 'ratio');
  const answerable = achieved / (target * (1 - underWay(duration, criteria)));
  if (answerable < criteria.achieved) yield sloBreach('achieved', answerable, criteria.achieved, 'ratio');
  yield* over('p99', latency?.p99, criteria.p99, 's');
  yield* over('p99.9', latency?.p999, criteria.p999, 's');
  yield* over('end-to-end p99', endToEnd?.p99, criteria.endToEndP99, 's');
}

export const breachOf = ({ limit, measured, bound, unit, detail }: ReachedLimit): Breach => ({
  criterion: `${limit.resource} of ${nodeText(limit.node)}`,
  violated: { kind: 'limit' },
  measured,
  limit: bound,
  ...(unit !== undefined && { unit }),
  limitedBy: limit,
  detail,
});

/**
 * Messages in flight at the end of a trial are not acknowledged and not missing: on a nearly saturated link, the
 * content of its queues, 100 ms each way (those of lab/tbf.ts and of switches), and the broker's own processing time.
 */
const underWaySeconds = 0.25;
export const mostUnderWay = 0.025;

/** @returns share of a trial's messages that may be unacknowledged at its end, including an open transaction */
const underWay = (duration: number, { transaction }: Pick<Criteria, 'transaction'>) =>
  Math.min(mostUnderWay, underWaySeconds / duration) + (transaction ?? 0) / duration;

/**
 * Lag in seconds of messages that a group may build up within a trial without doubt about its rate: the content of a
 * fetch and of link queues. Two groups behind an interface of 110 Mbit/s at 136 % of its capacity fell behind by up to
 * 0.4 s more each second, in bursts of large fetches, for which batches of one second were inconclusive (Kafka 4.3.1,
 * trials of 12 and 15 s).
 */
const riseSeconds = 0.5;

/** Yields a breach if acknowledgements or a group fall behind by a share of the rate. */
export function* growing(
  { target, backlog = [], lags = {} }: TrialFigures,
  { growth, transaction }: Criteria,
): Iterable<Breach> {
  const grows = growthOf(backlog);
  // The first sample may be just after a commit and the last one just before a commit.
  if (grows !== undefined && grows.lowerBound > target * (growth + (transaction ?? 0) / backlog.length)) {
    yield sloBreach('backlog growth', grows.perSecond / target, growth, 'ratio');
  }
  for (const [group, lag] of Object.entries(lags)) {
    const [steady, rise] = [growthOf(lag), riseOf(lag)];
    const least = target * Math.max(growth, riseSeconds / lag.length);
    const isSteady = steady !== undefined && steady.lowerBound > growth * target;
    const isRising = rise !== undefined && rise.lowerBound > least;
    const sure = isSteady ? steady : isRising ? rise : undefined;
    if (sure === undefined) continue;
    const violated = { kind: 'group-lag', group } as const;
    const measured = sure.perSecond / target;
    yield { criterion: `lag growth of ${group}`, violated, measured, limit: growth, unit: 'ratio' };
  }
}

function* over(criterion: SloCriterion, measured: number | undefined, limit: number | undefined, unit: 's' | 'ratio') {
  if (measured !== undefined && limit !== undefined && measured > limit)
    yield sloBreach(criterion, measured, limit, unit);
}

export const sloBreach = (criterion: SloCriterion, measured: number, limit: number, unit: 's' | 'ratio'): Breach => ({
  criterion,
  violated: { kind: 'slo', slo: sloCriteria[criterion] },
  measured,
  limit,
  unit,
});

type OfHost = Omit<Extract<Violation, { kind: 'host' }>, 'kind'>;

export const hostBreach = ({ resource, host, ...found }: OfHost & Pick<Breach, 'measured' | 'limit'>): Breach => ({
  criterion: `${resource} of ${host}`,
  violated: { kind: 'host', resource, host },
  ...found,
  unit: 'ratio',
});

/**
 * A cluster host with at least this share of the utilization of the generator's host also explains a failure:
 * interfaces of equal speed fill together, and namespaces of one machine share its CPU.
 */
const asFull = 0.95;

/**
 * Messages never sent because the broker left no room are the broker's fault; those that were sent show no generator
 * delay.
 */
function generatorFault(
  { lagP99, dropped = 0, limitedBy, hosts = [] }: GeneratorFigures,
  ofCluster: NonNullable<TrialFigures['hosts']>,
  { generatorLag, generatorHosts: limits }: Criteria,
): string | undefined {
  const most = Math.max(0, ...ofCluster.map(({ utilisation }) => utilisation));
  const full = hosts.find(
    ({ resource, utilisation }) => utilisation >= (limits[resource] ?? Infinity) && most < asFull * utilisation,
  );
  const limit = limitedBy ?? (full && `${full.resource} of its host ${percentText(full.utilisation)}`);
  if (limit !== undefined) return `the load generator was the limit: ${limit}`;
  if (lagP99 === undefined || lagP99 <= generatorLag) return undefined;
  const late = `the load generator sent late: p99 ${durationText(lagP99)}, above ${durationText(generatorLag)}`;
  return dropped === 0 ? late : `${late}, and ${countText(dropped)} messages not at all`;
}

/** A start settles within two seconds (`step.settleSeconds` of the policy); ten batches for growth need ten more. */
const leastSeconds = 12;
const settleSamples = 2;

/**
 * Rejects breaches that the rest of the trial cannot undo: a backlog that certainly grows, more failures than the whole
 * trial may have, more late messages than the percentiles allow, or a host with a mean that stays too high even if the
 * host idles from now on. The achieved rate and draining are judged at the end.
 *
 * @param soFar figures of the trial until now
 * @returns undefined to continue
 */
export function shouldReject(soFar: TrialFigures, criteria: Criteria): TrialOutcome | undefined {
  const breaches = [...lost(soFar, criteria)];
  return breaches.length === 0 ? undefined : outcomeOf(soFar, criteria, breaches);
}

function* lost(soFar: TrialFigures, criteria: Criteria): Iterable<Breach> {
  const { target, duration, elapsed, failedMessages, hosts = [], latency, endToEnd } = soFar;
  if (soFar.guard !== undefined) yield soFar.guard;
  if (elapsed >= leastSeconds) {
    yield* reachedForGood(soFar, criteria);
    yield* growing(settled(soFar), criteria);
  }
  const errors = failedMessages / (target * duration);
  if (errors > criteria.errors) yield sloBreach('errors', errors, criteria.errors, 'ratio');
  const share = elapsed / duration;
  yield* late({ criterion: 'p99', allowed: 0.01, limit: criteria.p99 }, latency, latency?.p99, share);
  yield* late({ criterion: 'p99.9', allowed: 0.001, limit: criteria.p999 }, latency, latency?.p999, share);
  yield* late(
    { criterion: 'end-to-end p99', allowed: 0.01, limit: criteria.endToEndP99 },
    endToEnd,
    endToEnd?.p99,
    share,
  );
  for (const { host, resource, utilisation } of hosts) {
    const limit = criteria.hosts[resource];
    if (limit === undefined || utilisation * share <= limit) continue;
    yield hostBreach({ resource, host, measured: utilisation, limit });
  }
}

/** Yields limits whose mean use stays above the bound even if it is 0 for the rest of the trial: a p99 may be a few seconds. */
function* reachedForGood(figures: TrialFigures, { reachedLimit }: Criteria): Iterable<Breach> {
  const { reached, elapsed, reachedWithin = elapsed, duration } = figures;
  if (!isOfBroker(reached) || reachedLimit === 'explains') return;
  const { measured, mean = measured, bound } = reached;
  if ((mean * reachedWithin) / duration > bound) yield breachOf(reached);
}

/**
 * Of the messages so far, half took at least p50 and 1 % at least p99; at a constant rate they are `share` of all
 * messages.
 */
function* late(
  { criterion, allowed, limit }: { criterion: SloCriterion; allowed: number; limit: number | undefined },
  soFar: Percentiles | undefined,
  measured: number | undefined,
  share: number,
): Iterable<Breach> {
  if (soFar === undefined || measured === undefined || limit === undefined) return;
  const lateSoFar = soFar.p50 > limit ? 0.5 : soFar.p99 > limit ? 0.01 : 0;
  if (lateSoFar * share > allowed) yield sloBreach(criterion, measured, limit, 's');
}

function settled(figures: TrialFigures): TrialFigures {
  const { backlog = [], lags = {} } = figures;
  return {
    ...figures,
    backlog: backlog.slice(settleSamples),
    lags: Object.fromEntries(Object.entries(lags).map(([group, lag]) => [group, lag.slice(settleSamples)])),
  };
}
