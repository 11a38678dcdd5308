// Describes the steps of a change for approvers.

import { textIn } from '../../core/text/bilingual.ts';
import { undoText, type Step } from '../../ops/change/step.ts';
import type { PlannedSteps } from './require-approval.ts';

/** Approves the text of each step and not its facts, which also contain measurements. */
export function plannedSteps(steps: readonly Step<object>[]): PlannedSteps {
  const exact = steps.map(({ id, by = 'plimsoll', description, how, undo }) => ({
    id,
    by,
    says: description,
    how: how?.map((line) => textIn(line, 'en')),
    undo: undoText(undo),
  }));
  return {
    steps: steps.map(
      ({ by, description, undo }) => `${by === 'operator' ? 'by hand: ' : ''}${description} (undo: ${undoText(undo)})`,
    ),
    stepsZh: steps.map(
      ({ by, zh, undo }) => `${by === 'operator' ? '人工执行：' : ''}${zh}（回滚：${undoText(undo, 'zh')}）`,
    ),
    exact,
  };
}
