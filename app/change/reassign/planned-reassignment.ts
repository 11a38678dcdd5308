// Builds the values of a reassignment, and describes them for approval.

import { movesUndo } from '../../../ops/kafka/execute/carry-out.ts';
import type { ReassignFacts } from '../../../ops/kafka/execute/reassign-facts.ts';
import { defaultMovesPerBroker } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { undoLine } from '../planned-steps.ts';
import type { PlannedSteps } from '../require-approval.ts';
import type { RequestedCut } from './retention-cut.ts';
import type { LivePlan } from './live-plan.ts';
import type { ReassignCaller } from './reassign-request.ts';

export function factsOf({ options }: ReassignCaller, made: LivePlan, cut: RequestedCut | undefined): ReassignFacts {
  const { plan, remove, toElect, minInSync, networkBytesPerSecond, handOvers, snapshot } = made;
  const { throttle } = options;
  const { quorum } = snapshot.kafka ?? {};
  const voters = new Set(quorum?.voters.map(({ id }) => Number(id)));
  const leavingVoters = remove.filter((id) => voters.has(id));
  const unread = quorum === undefined ? snapshot.sections.find(({ section }) => section === 'quorum') : undefined;
  const placed = [...plan.rollback.partitions, ...toElect];
  return {
    original: placed.map(({ topic, partition, replicas }) => ({ topic, partition, replicas })),
    target: [...plan.plan.partitions, ...toElect],
    leaving: [...remove],
    ...(leavingVoters.length > 0 && { leavingVoters }),
    ...(unread && remove.length > 0 && { votersUnread: unread.reason ?? 'no answer' }),
    movesPerBroker: options['moves-per-broker'] ?? defaultMovesPerBroker,
    minInSync: Object.fromEntries([...minInSync].filter(([, least]) => least > 1)),
    ...(networkBytesPerSecond !== undefined && { networkBytesPerSecond }),
    ...(throttle !== undefined && { throttleBytesPerSecond: throttle }),
    ...(cut !== undefined &&
      cut.topics.length > 0 && { cutRetention: { retentionMs: cut.retentionMs, topics: [...cut.topics] } }),
    ...(handOvers && { handOvers }),
  };
}

/** Omits facts that are read from the cluster again at execution. */
export function plannedReassignment(facts: ReassignFacts): PlannedSteps {
  const { minInSync: _, leavingVoters: __, votersUnread: ___, handOvers, ...planned } = facts;
  const { original, target, cutRetention } = planned;
  const cuts = cutRetention?.topics.map((topic) => ({
    en: `retention of ${topic}: ${cutRetention.retentionMs} ms until the end`,
    zh: `${topic} 的保留时间：${cutRetention.retentionMs} ms，变更结束后恢复`,
  }));
  const moves = target.map(({ topic, partition, replicas }, index) => {
    const [before, after] = [original[index]?.replicas.join(), replicas.join()];
    return {
      en: `${topic}-${partition}: replicas ${before} to ${after}`,
      zh: `${topic}-${partition}：副本 ${before} → ${after}`,
    };
  });
  const steps = [...(cuts ?? []), ...moves, ...(moves.length > 0 ? [undoLine(movesUndo)] : [])];
  return { steps, exact: { ...planned, delayedShare: handOvers?.share } };
}
