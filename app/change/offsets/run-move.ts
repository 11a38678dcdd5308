// Moves a consumer group to other offsets after a backup, with the command that restores it.

import type { GroupPosition, Moment } from '../../../brokers/group-offsets.ts';
import { AppError } from '../../../core/errors.ts';
import { textIn } from '../../../core/text/bilingual.ts';
import { readBackup } from '../../../ops/offsets/backup.ts';
import { targetsOf } from '../../../ops/offsets/carry-out.ts';
import { moveFacts } from '../../../ops/offsets/move-facts.ts';
import { offsetMove } from '../../../ops/offsets/move-steps.ts';
import { partitionText, type MovePlan } from '../../../ops/offsets/plan-move.ts';
import { planAgain, planRestore } from '../../../ops/offsets/plan-restore.ts';
import { refuseMoved, withStartsOfNow } from '../../../ops/offsets/refuse-moved.ts';
import type { PlannedSteps } from '../require-approval.ts';
import { runChange, type AnyChangeRequest } from '../run-change.ts';
import { type Caller, lineWriter, stateFolderOf } from '../../caller.ts';
import type { OpenedGroup } from './open-group.ts';
import { findingsOf, undoCommand, type MoveState } from './move-state.ts';

export interface OffsetMove {
  group: string;
  /** Called again under the lease. */
  plan(): Promise<readonly MovePlan[]>;
  /** The common time of the targets, if they have one. */
  moment?: Moment;
}

/**
 * @param beforeMove shows the planned move after the cluster is verified
 * @throws AppError as `app/change/run-change.ts`
 */
export async function runMove(
  io: Caller<AnyChangeRequest>,
  opened: OpenedGroup,
  move: OffsetMove,
  beforeMove: (move: MoveState) => void,
): Promise<MoveState> {
  const { cluster, broker, named, offsets } = opened;
  const { group, moment } = move;
  const after = new Map<string, ReadonlyMap<string, GroupPosition>>();
  const moved: Pick<MoveState, 'plans' | 'backup'> & Partial<Pick<MoveState, 'findings'>> = { plans: [] };
  const tell = lineWriter(io);
  const { status, findings } = await runChange(io, named, {
    kind: offsetMove,
    subject: `group ${group}`,
    folder: 'changes',
    isLeaseNeeded: true,
    tools: {
      offsets,
      cluster,
      stateFolder: stateFolderOf(io),
      clock: io.clock,
      tell,
      backedUp(path) {
        const undo = undoCommand(io, group, path);
        tell(`backup: ${path}\nundo:   ${undo}`);
        moved.backup = { path, undo };
      },
      moved: (topic, positions) => void after.set(topic, positions),
    },
    async plan(_, shown) {
      const plans = await move.plan();
      if (shown !== undefined) refuseMoved(moved.plans, plans, { isByMoment: moment !== undefined });
      moved.plans = shown === undefined || moment !== undefined ? plans : withStartsOfNow(moved.plans, plans);
      // A broker moves all partitions of a topic to a time, or none.
      const isWhole = moved.plans.every((each) => each.isWhole);
      const facts = moveFacts({ group, broker }, moved.plans, isWhole ? moment : undefined);
      return { facts, findings: findingsOf(plans) };
    },
    approval: () => plannedMove(move, moved.plans),
    show(shown) {
      if (moved.plans.every((plan) => targetsOf(plan).length === 0)) {
        throw new AppError('change-refused', 'nothing was moved: there is no partition to move');
      }
      beforeMove({ cluster, group, plans: moved.plans, findings: shown, status: 'about-to-move' });
    },
    summary: () => `Group ${group} is moved to other offsets.`,
    undoSummary: `Group ${group} is restored to its former offsets.`,
    async continues(facts, action) {
      if (action === 'resume') moved.plans = await planAgain(offsets, facts, io);
      else if (facts.backup !== undefined) {
        const backup = await readBackup(facts.backup, { cluster, broker, group });
        moved.plans = await planRestore(offsets, backup, io, { isUnderWay: true });
      }
      // Those of the plan in the journal were about other positions, in another direction.
      moved.findings = findingsOf(moved.plans);
    },
  });
  const state = { cluster, group, findings, ...moved };
  if (status === 'planned') return { ...state, status };
  return { ...state, status: status === 'rolled-back' ? status : 'done', after };
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
