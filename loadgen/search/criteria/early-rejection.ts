// Ends a trial early once its outcome is certain, to avoid overloading the cluster for longer.

import type { Percentiles } from '../../../core/documents/analysis.ts';
import type { SloCriterion } from '../../../core/documents/search-certificate.ts';
import type { Breach, TrialOutcome } from '../trial.ts';
import type { Criteria } from './criteria-options.ts';
import { breachOf, growing, hostBreach, isOfBroker, outcomeOf, sloBreach } from './judge.ts';
import type { TrialFigures } from './trial-figures.ts';

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

/** Yields limits with a mean that stays above the bound even if it is 0 for the rest of the trial. */
function* reachedForGood(figures: TrialFigures, { reachedLimit }: Criteria): Iterable<Breach> {
  const { reached, elapsed, reachedWithin = elapsed, duration } = figures;
  if (!isOfBroker(reached) || reachedLimit === 'explains') return;
  if ((reached.measured * reachedWithin) / duration > reached.bound) yield breachOf(reached);
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
