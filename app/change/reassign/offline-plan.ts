// Plans a reassignment from files; contacts no broker.

import { buildProblem } from '../../../ops/kafka/reassign/build-problem.ts';
import { Assignment, Brokers, Sizes } from '../../../ops/kafka/reassign/files.ts';
import { planFindings } from '../../../ops/kafka/reassign/plan-findings.ts';
import { planReassignment } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { factorOf, requestedGoal } from './goal.ts';
import { requestedTopics } from './topics.ts';
import { readInput, type MadePlan } from './made-plan.ts';
import { paceOf, type ReassignCaller } from './reassign-request.ts';

/** @throws AppError usage, reassignment-unreadable, reassignment-impossible */
export async function planOffline(io: Pick<ReassignCaller, 'options' | 'signal'>): Promise<MadePlan> {
  const { options, signal } = io;
  const pace = paceOf(options);
  const { goal, add, remove } = requestedGoal(options);
  const assignment = await readInput(options, 'assignment', Assignment, signal);
  const brokers = await readInput(options, 'brokers', Brokers, signal);
  const sizes = options.sizes === undefined ? undefined : await readInput(options, 'sizes', Sizes, signal);
  const isChosen = await requestedTopics(io, assignment);
  const factor = factorOf(goal);
  const { problem, leftBehind } = buildProblem({ assignment, brokers, sizes, add, remove, isChosen, factor });
  const plan = planReassignment(problem, { ...pace, goal });
  const { incoming, throttle } = pace;
  return { plan, findings: planFindings(problem, plan, { leftBehind, incoming, throttle }) };
}
