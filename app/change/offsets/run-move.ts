// Moves a consumer group to other offsets after a backup, with the command that restores it; resumes or rolls back an
// interrupted move.

import type { GroupPosition, Moment } from '../../../brokers/group-offsets.ts';
import { AppError } from '../../../core/errors.ts';
import { textIn } from '../../../core/text/bilingual.ts';
import { carryOut } from '../../../ops/change/carry-out.ts';
import type { HeldChange } from '../../../ops/change/held-journal.ts';
import { readBackup } from '../../../ops/offsets/backup.ts';
import { targetsOf } from '../../../ops/offsets/carry-out.ts';
import { MoveFacts, moveFacts } from '../../../ops/offsets/move-facts.ts';
import { moveSteps } from '../../../ops/offsets/move-steps.ts';
import { partitionText, type MovePlan } from '../../../ops/offsets/plan-move.ts';
import { planAgain, planRestore } from '../../../ops/offsets/plan-restore.ts';
import { refuseMoved, withStartsOfNow } from '../../../ops/offsets/refuse-moved.ts';
import { beginChange, claimsOf, continueBegun } from '../journaled-change.ts';
import { offerForApproval, type PlannedSteps } from '../require-approval.ts';
import { refuseCritical } from '../run-change.ts';
import { type Caller, stateFolderOf } from '../../caller.ts';
import { verifyCluster } from '../../observe/named-cluster.ts';
import type { OpenedGroup } from './open-group.ts';
import { findingsOf, undoCommand, type MoveState } from './move-state.ts';

export interface OffsetMove {
  group: string;
  /** Called again under the lease. */
  plan(): Promise<readonly MovePlan[]>;
  /** The common time of the targets, if they have one. */
  moment?: Moment;
}

type Moved = Pick<MoveState, 'backup'> & { after: Map<string, ReadonlyMap<string, GroupPosition>> };

/** @param beforeMove shows the planned move after the cluster is verified */
export async function runMove(
  io: Caller,
  opened: OpenedGroup,
  move: OffsetMove,
  beforeMove: (move: MoveState) => void,
): Promise<MoveState> {
  const { cluster, broker, named } = opened;
  const { group, moment } = move;
  const plans = await move.plan();
  const factsOf = (planned: readonly MovePlan[]) =>
    // A broker moves all partitions of a topic to a time, or none.
    moveFacts({ group, broker }, planned, planned.every(({ isWhole }) => isWhole) ? moment : undefined);
  const claims = claimsOf(io, namesOf(opened, group));
  await offerForApproval(io, named, claims, plannedMove(move, plans));
  if (!io.options.execute) return { cluster, group, plans, status: 'planned' };
  refuseCritical(`${claims.change} of ${claims.subject}`, findingsOf(plans));
  if (plans.every((plan) => targetsOf(plan).length === 0)) {
    throw new AppError('change-refused', 'nothing was moved: there is no partition to move');
  }
  const typed = await verifyCluster(named, io);
  beforeMove({ cluster, group, plans, status: 'about-to-move' });
  const moved: Moved = { after: new Map() };
  let current = plans;
  const begun = {
    ...claims,
    summary: `Group ${group} is moved to other offsets.`,
    facts: factsOf(plans),
    isLeaseNeeded: true,
    async prepare() {
      const again = await move.plan();
      refuseMoved(plans, again, { isByMoment: moment !== undefined });
      current = moment === undefined ? withStartsOfNow(plans, again) : again;
      return { facts: factsOf(current) };
    },
  };
  await beginChange(io, { ...named, name: cluster, typed }, begun, (held) => travel(io, opened, held, moved));
  return { cluster, group, plans: current, status: 'moved', ...moved };
}

/** Resumes or aborts an interrupted move. @throws AppError usage if there is none; errors of its steps */
export async function continueMove(
  io: Caller,
  opened: OpenedGroup,
  { group, isBack }: { group: string; isBack: boolean },
): Promise<MoveState> {
  const { cluster, broker, named, offsets } = opened;
  const moved: Moved = { after: new Map() };
  const begun = {
    ...claimsOf(io, namesOf(opened, group)),
    schema: MoveFacts,
    action: isBack ? ('abort' as const) : ('resume' as const),
    undoSummary: `Group ${group} is restored to its former offsets.`,
    isLeaseNeeded: true,
  };
  const { result: plans } = await continueBegun(io, named, begun, async (held) => {
    const { facts } = held.journal;
    const planned = isBack ? await plansBack(facts) : await planAgain(offsets, facts, io);
    await travel(io, opened, held, moved);
    return planned;
  });
  return { cluster, group, plans, status: isBack ? 'rolled-back' : 'moved', ...moved };

  async function plansBack({ backup }: MoveFacts): Promise<readonly MovePlan[]> {
    if (backup === undefined) return [];
    return planRestore(offsets, await readBackup(backup, { cluster, broker, group }), io, { isUnderWay: true });
  }
}

/** Names for the journal: one move of a group at a time, for all commands. */
const namesOf = ({ cluster }: OpenedGroup, group: string) => ({
  cluster,
  change: 'offsets',
  subject: `group ${group}`,
});

async function travel(
  io: Caller,
  { cluster, offsets }: OpenedGroup,
  held: HeldChange<MoveFacts>,
  moved: Moved,
): Promise<void> {
  const { facts } = held.journal;
  const { clock, tell } = held;
  const steps = moveSteps(facts, {
    offsets,
    cluster,
    stateFolder: stateFolderOf(io),
    clock,
    tell,
    backedUp(path) {
      const undo = undoCommand(io, facts.group, path);
      tell(`backup: ${path}\nundo:   ${undo}`);
      moved.backup = { path, undo };
    },
    moved: (topic, after) => void moved.after.set(topic, after),
  });
  await carryOut({ ...held, steps, endsWhenRefused: held.isNew });
}

/** A move to a time is approved as a time, because end offsets grow until the approval. */
function plannedMove({ group, moment }: OffsetMove, plans: readonly MovePlan[]): PlannedSteps {
  const moving = plans.filter((plan) => targetsOf(plan).length > 0);
  const steps = moving.flatMap((plan) =>
    moment === undefined
      ? targetsOf(plan).map((each) => ({
          en: `group ${group}, ${plan.topic} ${partitionText(each)}: to offset ${each.offset}`,
          zh: `消费组 ${group}，${plan.topic} ${partitionText(each)}：重置到位点 ${each.offset}`,
        }))
      : [movedTo(group, plan, moment)],
  );
  const topics = moving.map((plan) => ({
    topic: plan.topic,
    ...(moment === undefined && { targets: targetsOf(plan) }),
    ...(moment !== undefined && !plan.isWhole && { partitions: targetsOf(plan).map(partitionText) }),
  }));
  return { steps, exact: { group, topics, ...(moment && { moment }) } };
}

const ends = { start: { en: 'the start', zh: '最早位点' }, end: { en: 'the end', zh: '最新位点' } };

function movedTo(group: string, plan: MovePlan, moment: Moment) {
  const at = moment.kind === 'time' ? new Date(moment.atMs).toISOString() : ends[moment.kind];
  const parts = `${plan.topic} ${targetsOf(plan).map(partitionText).join(', ')}`;
  return {
    en: `group ${group}, ${plan.isWhole ? `all of ${plan.topic}` : parts}: to ${textIn(at, 'en')}`,
    zh: `消费组 ${group}，${plan.isWhole ? `${plan.topic} 全部分区` : parts}：重置到 ${textIn(at, 'zh')}`,
  };
}
