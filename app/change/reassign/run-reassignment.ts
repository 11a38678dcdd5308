// Plans a reassignment from files or of a live cluster, executes the plan, or controls a running one.

import { openKafkaChanges, type KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { AnyFacts, journalFile, readJournal } from '../../../ops/change/journal.ts';
import { reassignFolder, type ReassignFacts } from '../../../ops/kafka/execute/reassign-facts.ts';
import { clusterOfKind, isAddressed, pointToStatus, verifyLive, clusterArgs } from '../../observe/named-cluster.ts';
import { offerForApproval, type PlannedSteps } from '../require-approval.ts';
import { onlyOneOf, otherChanges } from '../run-change.ts';
import { stateFolderOf, lineWriter } from '../../caller.ts';
import type { ReassignView } from './carry-on.ts';
import { controlChange, type Controlled } from './control-change.ts';
import { changeName, executePlan, refuseUnable, subjectOf, type Executed } from './execute-plan.ts';
import { planLive, type LivePlan } from './live-plan.ts';
import { readInput, type MadePlan } from './made-plan.ts';
import { reassignControls, paceOf, toleranceOf, type ReassignCaller } from './reassign-request.ts';
import { balanceFindings } from '../../../ops/kafka/reassign/balance-findings.ts';
import { buildProblem } from '../../../ops/kafka/reassign/build-problem.ts';
import { Assignment, Brokers, Sizes } from '../../../ops/kafka/reassign/files.ts';
import { planFindings } from '../../../ops/kafka/reassign/plan-findings.ts';
import { planReassignment, defaultMovesPerBroker } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { factorOf, requestedGoal } from './goal.ts';
import { requestedTopics } from './topics.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { leaseText } from '../../../core/documents/change-lease.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { named } from '../../../core/text/bilingual.ts';
import { finding } from '../../../ops/change/change-kind.ts';
import { leaseRefusal } from '../../../ops/change/lease-refusal.ts';
import { areThrottled, listsReplicas, settingTexts, visibleChange } from '../../../ops/kafka/execute/visible-change.ts';
import { seeLease } from '../take-lease.ts';
import { movesUndo } from '../../../ops/kafka/execute/carry-out.ts';
import { undoLine } from '../planned-steps.ts';
import { reassignSchemaVersion, type ReassignDocument } from '../../../core/documents/reassignment.ts';
import { cutFindings, cutOf, topicsToCut, unreadUnknownReason } from '../../../ops/kafka/live/retention-cut.ts';
import { partitionKey } from '../../../ops/kafka/live/broker-load.ts';

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
  const isNamed = [options.cluster, options.config, options.bootstrap].some((value) => value !== undefined);
  // As for every other change, the only cluster of the config file needs no name.
  const isLive = isNamed || options.assignment === undefined;
  if (!isLive && control === undefined) {
    if (!options.execute) return { kind: 'planned', made: await planOffline(io) };
    throw new AppError('usage', '--execute needs a cluster: files are a plan only', {
      hint: 'leave out --assignment, or give --cluster or --bootstrap',
    });
  }
  const { name, config, hosts } = await clusterOfKind(io, 'kafka');
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
  const plan = await planLive(io, { ...named, hosts }, changes);
  const cut = await requestedCut(io, plan, changes);
  const facts = factsOf(io, plan, cut);
  const identity = { change: changeName, subject: subjectOf(facts) };
  const others = await otherChanges(io, { ...identity, cluster: name });
  const typed = clusterId ?? name;
  const topics = [...new Set(facts.target.map(({ topic }) => topic))];
  // Moves that are under way have a finding already, and need their throttle.
  const isStill = plan.cluster.moving.length === 0;
  const isThrottled = isStill && topics.length > 0 && (await areThrottled(changes, topics, io));
  const isLookedFor = isThrottled || (options.execute && topics.length === 0);
  const left = isLookedFor ? await leftBehind(io, { ...named, typed, path }, changes) : [];
  const made = { ...plan, findings: [...plan.findings, ...(cut?.findings ?? []), ...others, ...left] };
  await offerForApproval(io, named, identity, plannedReassignment(facts));
  if (!options.execute || topics.length === 0) return { kind: 'planned', made };
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

/** @throws the signal's reason */
async function leftBehind(
  io: ReassignCaller,
  { name, config, typed, path }: { name: string; config: KafkaClusterConfig; typed: string; path: string },
  changes: KafkaChanges,
): Promise<Finding[]> {
  const seen = await seeLease(io, { name, config, typed });
  // Another change is under way, also if another tool began it: its throttles are not left behind.
  if (seen.kind === 'live') return [];
  const visible =
    seen.kind === 'free' || seen.kind === 'expired'
      ? await visibleChange(changes, io).catch((cause: unknown) => faultOf(cause, io))
      : leaseRefusal(typed, seen);
  if (visible instanceof AppError) lineWriter(io)(`throttles that may be left are unknown: ${visible.message}`);
  const found: Finding[] = [];
  if (seen.kind === 'expired') {
    const by = leaseText(seen.holder);
    found.push(
      finding('warning', 'lease-expired', {
        en: `The lease of ${by} has expired. That change may not have ended: \`plimsoll ops status\` on that host lists what it has changed.`,
        zh: `${by} 的变更租约已过期。该变更可能尚未结束：在该主机上运行 \`plimsoll ops status\` 可查看其修改。`,
      }),
    );
  }
  if (!(visible instanceof AppError) && visible.moving.length === 0 && visible.throttles.some(listsReplicas)) {
    const abort = `plimsoll ops kafka reassign${clusterArgs(io.options, name)} --abort${seen.kind === 'expired' ? ' --take-over' : ''}`;
    const begun = await readJournal(path, AnyFacts).catch((cause: unknown) => faultOf(cause, io));
    // Here, --abort rolls that one back, with all moves that have ended.
    const isBegun = begun instanceof AppError || begun?.status === 'running';
    const end = isBegun
      ? {
          en: 'End the unfinished reassignment of this machine first (`plimsoll ops status`)',
          zh: '请先结束本机未完成的副本迁移（`plimsoll ops status`）',
        }
      : { en: `\`${abort}\` removes all throttles`, zh: `可用 \`${abort}\` 移除全部限流` };
    const settings = visible.throttles.flatMap(settingTexts);
    found.push(
      finding('warning', 'throttle-left', {
        en: `No partition is moving, and replication is still throttled: ${named(settings)}. ${end.en}.`,
        zh: `没有分区在迁移，但复制限流仍然存在：${named(settings, 5, 'zh')}。${end.zh}。`,
      }),
    );
  }
  return found;
}

/** Builds the values of a reassignment, and describes them for approval. */
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

/** @param notice in the requested language */
export function reassignDocument(
  { plan, findings }: MadePlan,
  { notice, notices }: { notice?: string | undefined; notices: { en: string; zh: string } },
  executed?: Executed,
): ReassignDocument {
  const { slack: _, bytesByNumber: __, ...shownPlan } = plan;
  return {
    schemaVersion: reassignSchemaVersion,
    ...shownPlan,
    findings,
    ...(notice !== undefined && { notice }),
    notices,
    ...(executed && { executed: outcomeOf(executed) }),
  };
}

/** How the change ended. */
export function outcomeOf({ state, kept }: Executed): NonNullable<ReassignDocument['executed']> {
  const status = state.status === 'running' ? 'paused' : state.status;
  return { status, startedAt: state.startedAt, state: kept, checks: state.checks, log: state.log };
}

interface RequestedCut {
  retentionMs: number;
  topics: readonly string[];
  findings: readonly Finding[];
}

/** @returns nothing if no cut was requested. @throws AppError usage; change-refused if the unread messages are unknown */
async function requestedCut(
  io: ReassignCaller,
  { plan, snapshot, cluster }: LivePlan,
  changes: KafkaChanges,
): Promise<RequestedCut | undefined> {
  const retention = io.options['cut-retention'];
  if (retention === undefined) return undefined;
  const unknown = unreadUnknownReason(snapshot);
  if (unknown !== undefined) {
    throw new AppError(
      'change-refused',
      `--cut-retention could delete messages that a group has not read: ${unknown}; nothing was changed`,
      { hint: 'run it again once brokers answer; docs/reference/permissions.md lists what the user needs' },
    );
  }
  const retentionMs = Math.round(1000 * retention);
  const held = new Map(cluster.assignment.partitions.map((each) => [partitionKey(each), each.replicas]));
  const copied = plan.plan.partitions.filter((each) =>
    each.replicas.some((broker) => !held.get(partitionKey(each))?.includes(broker)),
  );
  const { topics, tiered } = topicsToCut(snapshot, copied, retentionMs);
  const cut = new Set(topics);
  const parts = cluster.assignment.partitions.filter(({ topic }) => cut.has(topic));
  const young = parts.length === 0 ? [] : await changes.offsetsAt(parts, io.clock.now().getTime() - retentionMs, io);
  const throttle = io.options.throttle ?? plan.waves[0]?.throttleBytesPerSecond;
  const found = cutOf({ snapshot, cluster, plan: copied }, { topics, retentionMs, young, throttle });
  return { retentionMs, topics, findings: cutFindings(found, tiered) };
}
