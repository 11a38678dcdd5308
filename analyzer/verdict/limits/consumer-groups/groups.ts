// Computes the capacity of each consumer group of a load test or of production.

import type { LoadTestRun, Span } from '../../../evidence/load-test-run.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { SourceTelemetry } from '../../../evidence/sources/source-telemetry.ts';
import { groupCapacity } from './capacity.ts';
import type { GroupHistory } from './episodes.ts';
import { loadTestGroups, productionGroups } from './histories.ts';
import { groupCeilings, withShare } from './ceiling.ts';

/** Commits and traffic have separate gaps, so a share is computed only from times when both are known. */
export function groupsOf(telemetry: Pick<SourceTelemetry, 'lag' | 'commits' | 'traffic'>, policy: Policy) {
  return groupsIn(productionGroups(telemetry), policy, (history) => {
    const traffic = within(telemetry.traffic, history.commits);
    const seconds = traffic.reduce((sum, { from, to }) => sum + to - from, 0);
    const messages = traffic.reduce((sum, { from, to, messagesPerSecond }) => sum + (to - from) * messagesPerSecond, 0);
    return { read: { ...history, commits: within(history.commits, telemetry.traffic) }, produced: messages / seconds };
  });
}

/** @returns the spans whose middle is within one of the others; both in time order */
function within<Each extends Span>(spans: readonly Each[], others: readonly Span[]): Each[] {
  let place = 0;
  return spans.filter(({ from, to }) => {
    const middle = (from + to) / 2;
    while ((others[place]?.to ?? Number.POSITIVE_INFINITY) <= middle) place += 1;
    return (others[place]?.from ?? Number.POSITIVE_INFINITY) <= middle;
  });
}

/**
 * Only for a run in which consumers were paused and caught up. In other runs a group has lag because the cluster was
 * saturated, so its rate is the limit of the cluster and not of the group.
 */
export function loadTestGroupsOf(run: LoadTestRun, policy: Policy): ReturnType<typeof groupsIn> {
  if (!run.steps.some(({ hasBacklog }) => hasBacklog)) return { capacities: [], ceilings: [] };
  const histories = loadTestGroups(run);
  const acknowledged = run.produced.reduce((sum, line) => sum + line.acknowledged, 0);
  const seconds = Math.max(0, ...histories.flatMap(({ commits }) => commits.at(-1)?.to ?? []));
  return groupsIn(histories, policy, (read) => ({ read, produced: acknowledged / seconds }));
}

/** @param comparedOf returns the read rate of a group and the produced rate, messages per second, over the same time */
function groupsIn(
  histories: readonly GroupHistory[],
  policy: Policy,
  comparedOf: (history: GroupHistory) => { read: GroupHistory; produced: number },
) {
  const capacities = histories.map((history) => {
    const { read, produced } = comparedOf(history);
    return withShare(groupCapacity(history, policy.fit.confidence.value), read, produced);
  });
  return { capacities, ceilings: groupCeilings(capacities) };
}
