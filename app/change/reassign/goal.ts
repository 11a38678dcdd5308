// Chooses the goal of a reassignment from its options.

import { AppError } from '../../../core/errors.ts';
import type { Goal } from '../../../ops/kafka/reassign/goal.ts';
import type { ReassignRequest } from './reassign-request.ts';

export interface RequestedGoal {
  goal: Goal;
  add: readonly number[];
  remove: readonly number[];
}

/** @throws AppError usage */
export function requestedGoal({
  add,
  remove,
  replace,
  leaders,
  'replication-factor': replicas,
}: ReassignRequest): RequestedGoal {
  const changesBrokers = add.length + remove.length > 0;
  const given = [changesBrokers || replicas !== undefined, replace !== undefined, leaders].filter(Boolean);
  if (given.length > 1) {
    throw new AppError(
      'usage',
      '--replace and --leaders cannot be combined, nor with --add, --remove or --replication-factor',
    );
  }
  if (leaders) return { goal: { kind: 'leaders' }, add, remove };
  if (replace !== undefined) return { goal: { kind: 'replace', ...replace }, add, remove: [replace.from] };
  if (replicas === undefined) return { goal: { kind: 'even' }, add, remove };
  return { goal: { kind: 'factor', replicas }, add, remove };
}

/** @returns the new replication factor, if the plan changes it */
export const factorOf = (goal: Goal): number | undefined => (goal.kind === 'factor' ? goal.replicas : undefined);
