// States what a reassignment does, for those who approve it.

import { movesUndo } from '../../ops/kafka/execute/carry-out.ts';
import { defaultMovesPerBroker } from '../../ops/kafka/reassign/plan-reassignment.ts';
import type { PlannedSteps } from '../change/require-approval.ts';
import type { CommandIo } from '../command.ts';
import type { LivePlan } from './live-plan.ts';
import { paceOptions, positive } from './made-plan.ts';

export const targetOf = ({ plan, toElect }: LivePlan) => [...plan.plan.partitions, ...toElect];

export interface RetentionCut {
  retentionMs: number;
  topics: readonly string[];
}

/** Sizes and rates are measured again when it is executed, and are not part of it. */
export function plannedReassignment(io: CommandIo, made: LivePlan, cut: RetentionCut | undefined): PlannedSteps {
  const { plan, remove, networkBytesPerSecond, handOvers } = made;
  const before = new Map(plan.rollback.partitions.map((each) => [`${each.topic}-${each.partition}`, each.replicas]));
  const target = targetOf(made).map(({ topic, partition, replicas }) => {
    const from = before.get(`${topic}-${partition}`) ?? replicas;
    return { topic, partition, from, to: replicas };
  });
  const exact = {
    target,
    leaving: [...remove],
    movesPerBroker: paceOptions(io.options).movesPerBroker ?? defaultMovesPerBroker,
    throttleBytesPerSecond: positive(io.options, 'throttle'),
    networkBytesPerSecond,
    delayedShare: handOvers?.share,
    cutRetention: cut && { retentionMs: cut.retentionMs, topics: [...cut.topics] },
  };
  const cuts = cut?.topics.map((topic) => `retention of ${topic}: ${cut.retentionMs} ms until the end`) ?? [];
  const moves = target.map(
    ({ topic, partition, from, to }) => `${topic}-${partition}: replicas ${from.join()} to ${to.join()}`,
  );
  const steps = [...cuts, ...moves];
  return { steps: steps.length === 0 ? [] : [...steps, `undo: ${movesUndo}`], exact };
}
