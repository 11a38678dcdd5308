// Describes the steps of a change for approvers.

import { textIn } from '../../core/text/bilingual.ts';
import { undoText, type Step, type Undo } from '../../ops/change/step.ts';
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
    steps: steps.map(({ by, description, zh, undo }) => ({
      en: `${by === 'operator' ? 'by hand: ' : ''}${description} (${undoLine(undo).en})`,
      zh: `${by === 'operator' ? '人工执行：' : ''}${zh}（${undoLine(undo).zh}）`,
    })),
    exact,
  };
}

export const undoLine = (undo: Undo) => ({ en: `undo: ${undoText(undo)}`, zh: `回滚：${undoText(undo, 'zh')}` });
