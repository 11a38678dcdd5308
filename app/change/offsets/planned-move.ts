// States what a move of a group does, for those who approve it.

import type { Moment } from '../../../brokers/group-offsets.ts';
import { targetsOf } from '../../../ops/offsets/carry-out.ts';
import { partitionText, type MovePlan } from '../../../ops/offsets/plan-move.ts';
import type { PlannedSteps } from '../require-approval.ts';

/** What is moved to a moment is approved as that: ends grow while somebody thinks about it. */
export function plannedMove({
  group,
  plans,
  moment,
}: {
  group: string;
  plans: readonly MovePlan[];
  moment?: Moment;
}): PlannedSteps {
  const moving = plans.filter((plan) => targetsOf(plan).length > 0);
  const steps = moving.flatMap((plan) =>
    moment === undefined
      ? targetsOf(plan).map((each) => `group ${group}, ${plan.topic} ${partitionText(each)}: to offset ${each.offset}`)
      : [`group ${group}, ${partsText(plan)}: to ${momentText(moment)}`],
  );
  const topics = moving.map((plan) => ({
    topic: plan.topic,
    ...(moment === undefined && { targets: targetsOf(plan) }),
    ...(moment !== undefined && !plan.isWhole && { partitions: targetsOf(plan).map(partitionText) }),
  }));
  return { steps, exact: { group, topics, ...(moment && { moment }) } };
}

const partsText = (plan: MovePlan): string =>
  plan.isWhole ? `all of ${plan.topic}` : `${plan.topic} ${targetsOf(plan).map(partitionText).join(', ')}`;

const momentText = (moment: Moment): string =>
  moment.kind === 'time' ? new Date(moment.atMs).toISOString() : `the ${moment.kind}`;
