// States what a change of a RocketMQ cluster does, for those who approve it.

import { undoText, type Step } from '../../../ops/change/step.ts';
import type { PlannedSteps } from '../require-approval.ts';

/** Facts hold what was measured, too: what is approved is what each step says. */
export function plannedSteps(steps: readonly Step<object>[]): PlannedSteps {
  const exact = steps.map(({ id, by, says, how, undo }) => ({ id, by, says, how, undo: undoText(undo) }));
  return {
    steps: steps.map(
      ({ by, says, undo }) => `${by === 'operator' ? 'by hand: ' : ''}${says} (undo: ${undoText(undo)})`,
    ),
    exact,
  };
}
