// Renders the steps of a plan in order, with the commands to type and their state.

import { html, type Content } from '../../../core/text/html.ts';
import type { OperationStep, RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import { planLanguages } from './plan-texts.ts';

export function renderSteps({ steps = [] }: RecordedOperation, { language }: View): Content {
  if (steps.length === 0) return undefined;
  const texts = planLanguages[language];
  return renderTable('steps', texts.steps, steps, [
    { title: texts.step, text: true, cell: ({ id }) => html`<bdi>${id}</bdi>` },
    { title: texts.who, text: true, cell: ({ by }) => texts.by[by] },
    { title: texts.state, text: true, cell: ({ state }) => texts.stepStates[state] },
    { title: texts.what, text: true, cell: whatIsDone },
    {
      title: texts.back,
      text: true,
      cell: ({ undo }) => (undo === undefined ? texts.noBack : html`<bdi lang="en">${undo}</bdi>`),
    },
  ]);
}

function whatIsDone({ says, how = [], evidence }: OperationStep): Content {
  return html`<bdi lang="en">${says}</bdi> ${how.map((line) => html`<br /><code><bdi>${line}</bdi></code>`)}
    ${evidence.map((line) => html`<span class="quiet" lang="en"><bdi>${line}</bdi></span>`)}`;
}
