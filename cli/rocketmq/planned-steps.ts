// States what a change of a RocketMQ cluster does, for those who approve it.

import type { PlannedSteps } from '../change/require-approval.ts';

export interface SaidStep {
  id: string;
  by: string;
  says: string;
  how?: readonly string[];
  undo?: { says: string };
}

/** Facts hold what was measured, too: what is approved is what each step says. */
export function plannedSteps(steps: readonly SaidStep[]): PlannedSteps {
  const exact = steps.map(({ id, by, says, how, undo }) => ({ id, by, says, how, undo: undo?.says }));
  return { steps: steps.map(({ by, says }) => (by === 'operator' ? `by hand: ${says}` : says)), exact };
}
