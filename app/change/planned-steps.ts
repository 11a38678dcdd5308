// States what the steps of a change do, for those who approve it.

import { undoText, type Step } from '../../ops/change/step.ts';
import type { PlannedSteps } from './require-approval.ts';

/** Facts also hold measurements: the text of each step is what is approved. */
export function plannedSteps(steps: readonly Step<object>[]): PlannedSteps {
  const exact = steps.map(({ id, by = 'plimsoll', description, how, undo }) => ({
    id,
    by,
    says: description,
    how,
    undo: undoText(undo),
  }));
  return {
    steps: steps.map(
      ({ by, description, undo }) => `${by === 'operator' ? 'by hand: ' : ''}${description} (undo: ${undoText(undo)})`,
    ),
    exact,
  };
}
