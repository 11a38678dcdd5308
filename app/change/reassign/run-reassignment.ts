// Plans a reassignment from files or of a live cluster, executes the plan, or controls a running one.

import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { AppError } from '../../../core/errors.ts';
import { journalFile } from '../../../ops/change/journal.ts';
import { reassignFolder } from '../../../ops/kafka/execute/reassign-facts.ts';
import { clusterOfKind, isAddressed, pointToStatus, verifyLive } from '../../observe/named-cluster.ts';
import { offerForApproval } from '../require-approval.ts';
import { onlyOneOf, otherChanges } from '../run-change.ts';
import { stateFolderOf } from '../../caller.ts';
import type { ReassignView } from './carry-on.ts';
import { controlChange, type Controlled } from './control-change.ts';
import { changeName, executePlan, refuseUnable, subjectOf, type Executed } from './execute-plan.ts';
import { leftBehind } from './left-behind.ts';
import { planLive } from './live-plan.ts';
import { readInput, type MadePlan } from './made-plan.ts';
import { factsOf, plannedReassignment } from './planned-reassignment.ts';
import { reassignControls, paceOf, toleranceOf, type ReassignCaller } from './reassign-request.ts';
import { requestedCut } from './retention-cut.ts';
import { balanceFindings } from '../../../ops/kafka/reassign/balance-findings.ts';
import { buildProblem } from '../../../ops/kafka/reassign/build-problem.ts';
import { Assignment, Brokers, Sizes } from '../../../ops/kafka/reassign/files.ts';
import { planFindings } from '../../../ops/kafka/reassign/plan-findings.ts';
import { planReassignment } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { factorOf, requestedGoal } from './goal.ts';
import { requestedTopics } from './topics.ts';

export type Reassigned =
  { kind: 'controlled'; controlled: Controlled } | { kind: 'planned'; made: MadePlan; executed?: Executed };

/**
 * @param show `plan` is called before the plan is executed
 * @throws AppError usage, reassignment-unreadable, reassignment-impossible, wrong-cluster, change-refused; lease errors
 */
export async function runReassignment(
  io: ReassignCaller,
  show: { view: () => ReassignView; plan: (made: MadePlan) => void },
): Promise<Reassigned> {
  const { options } = io;
  const action = onlyOneOf(['execute', ...reassignControls], options);
  const control = action === 'execute' ? undefined : action;
  const isLive = [options.cluster, options.config, options.bootstrap].some((value) => value !== undefined);
  if (!isLive && control === undefined) {
    if (!options.execute) return { kind: 'planned', made: await planOffline(io) };
    throw new AppError('usage', '--execute needs a cluster: files are a plan only', {
      hint: 'give --cluster or --bootstrap',
    });
  }
  const { name, config } = await clusterOfKind(io, 'kafka');
  const named = { name, config };
  await using changes = openKafkaChanges(name, config, { clock: io.clock });
  const { clusterId, brokers } = await changes.describe(io).catch(pointToStatus(io, name));
  const path = journalFile(stateFolderOf(io), reassignFolder, [clusterId ?? name]);
  const live = { name, kind: config.broker, ...(clusterId && { clusterId }), brokers };
  if (control !== undefined) {
    const typed = control === 'status' ? name : verifyLive(named, live, { isRequired: false });
    const controlled = await controlChange(io, changes, { ...named, path, typed, control, view: show.view() });
    return { kind: 'controlled', controlled };
  }
  if (options.execute) {
    verifyLive(named, live, { isRequired: !isAddressed(io) });
    await refuseUnable(changes, path, io);
  }
  const plan = await planLive(io, named, changes);
  const cut = await requestedCut(io, plan, changes);
  const facts = factsOf(io, plan, cut);
  const identity = { change: changeName, subject: subjectOf(facts) };
  const others = await otherChanges(io, { ...identity, cluster: name });
  const made = { ...plan, findings: [...plan.findings, ...(cut?.findings ?? []), ...others] };
  await offerForApproval(io, named, identity, plannedReassignment(facts));
  if (!options.execute) return { kind: 'planned', made };
  if (facts.target.length === 0) {
    const left = await leftBehind(io, { ...named, typed: clusterId ?? name }, changes);
    return { kind: 'planned', made: { ...made, findings: [...made.findings, ...left] } };
  }
  show.plan(made);
  const executed = await executePlan(io, changes, made, { name, config, path, facts, view: show.view() });
  return { kind: 'planned', made, executed };
}

/** @throws AppError usage, reassignment-unreadable, reassignment-impossible */
async function planOffline(io: Pick<ReassignCaller, 'options' | 'signal'>): Promise<MadePlan> {
  const { options, signal } = io;
  const pace = paceOf(options);
  const { goal, add, remove } = requestedGoal(options);
  const assignment = await readInput(options, 'assignment', Assignment, signal);
  const brokers = await readInput(options, 'brokers', Brokers, signal);
  const sizes = options.sizes === undefined ? undefined : await readInput(options, 'sizes', Sizes, signal);
  const isChosen = await requestedTopics(io, assignment);
  const factor = factorOf(goal);
  const { problem, leftBehind } = buildProblem({ assignment, brokers, sizes, add, remove, isChosen, factor });
  const tolerance = toleranceOf(options);
  const plan = planReassignment(problem, { ...pace, goal, tolerance });
  const { incoming, throttle } = pace;
  const findings = [
    ...planFindings(problem, plan, { leftBehind, incoming, throttle }),
    ...balanceFindings(problem, plan, goal, { tolerance }),
  ];
  return { plan, findings };
}
