// Begins a planned change of a live cluster, unless a finding blocks it.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { AppError, exitCodes } from '../../../core/errors.ts';
import type { Arrival } from '../../../ops/change/carry-out.ts';
import { copiesReplicas, isRateUnknown } from '../../../ops/kafka/live/copy-rate.ts';
import { refuseChanged } from '../../../ops/kafka/execute/refuse-changed.ts';
import type { ReassignFacts } from '../../../ops/kafka/execute/reassign-facts.ts';
import { beginChange, refuseBegun, type Carried } from '../journaled-change.ts';
import { refuseCritical } from '../run-change.ts';
import type { ReassignCaller } from './reassign-request.ts';
import { carryOn, type CarriedOn } from './carry-on.ts';
import type { LivePlan } from './live-plan.ts';

/** Findings with which a change would make things worse, or would not end. */
const blocking: ReadonlySet<string> = new Set([
  'move-under-way',
  'broker-absent',
  'broker-cordoned',
  'log-dir-offline',
  'no-leader',
  'below-min-in-sync',
  'removes-in-sync',
  'factor-below-min-in-sync',
  'disk-too-small',
  'no-room-to-move',
  'retention-unread',
]);

/** @throws AppError unsupported-broker before Kafka 2.4, change-under-way while another change has not ended */
export async function refuseUnable(changes: KafkaChanges, path: string, io: ReassignCaller): Promise<void> {
  if (!(await changes.canReassign(io))) {
    throw new AppError(
      'unsupported-broker',
      '--execute needs Kafka 2.4 or later: older brokers have no API for reassignments',
      {
        hint: '--files DIR writes plan, rollback and checks for kafka-reassign-partitions.sh',
      },
    );
  }
  await refuseBegun(path);
}

export type Executed = Carried<ReassignFacts, Arrival>;

/** @throws AppError change-refused, usage, change-under-way and other lease errors, change-stopped */
export async function executePlan(
  io: ReassignCaller,
  changes: KafkaChanges,
  made: LivePlan,
  { name, facts, ...how }: CarriedOn & { name: string; facts: ReassignFacts },
): Promise<Executed> {
  const { plan, findings, cluster } = made;
  refuseCritical(
    'the change',
    findings.filter(({ code }) => blocking.has(code)),
  );
  const { original, target } = facts;
  if (isRateUnknown(facts) && copiesReplicas(original, target)) {
    const whose = plan.moves.replicas === 0 ? ' of a rollback' : '';
    throw new AppError('usage', `the copy rate for replicas${whose} is unknown: nothing was changed`, {
      hint: 'give --network with the speed of a broker’s link, such as 10gbit, or state network.speed of the hosts of all brokers in the config file; or give --throttle with bytes per second',
    });
  }
  const removed = plan.moves.removed === undefined ? '' : `; to remove: ${plan.moves.removed}`;
  const start = {
    change: changeName,
    subject: subjectOf(facts),
    path: how.path,
    placesReplicas: true,
    summary: `Replicas to copy in cluster ${name}: ${plan.moves.replicas}${removed}; partitions to change: ${facts.target.length}.`,
    facts,
    before: findings,
    prepare: () => refuseChanged(changes, facts.original, io),
  };
  const typed = cluster.metadata.clusterId ?? name;
  return await beginChange(io, { name, config: how.config, typed }, start, (held) => carryOn(io, changes, held, how));
}

/** Returns a failure if another command paused or rolled back the change, so that a script does not run its next command. */
export function exitOf(
  { result, state }: Pick<Executed, 'result' | 'state'>,
  wanted: 'done' | 'rolled-back' = 'done',
): number {
  if (result.kind !== wanted) return exitCodes.threshold;
  const isBroken = state.checks.after?.findings.some(
    ({ severity, code }) => severity === 'critical' && code !== 'removal-unsafe',
  );
  return isBroken ? exitCodes.threshold : exitCodes.answered;
}

export const changeName = 'reassign';

export const subjectOf = ({ target }: Pick<ReassignFacts, 'target'>): string => {
  const topics = [...new Set(target.map(({ topic }) => topic))];
  return topics.length === 1 ? `topic ${topics[0]}` : `${topics.length} topics`;
};
