// Renders the steps of a plan in order, with the commands to type and their state.

import { html, type Content } from '../../../core/text/html.ts';
import type { OperationStep, RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import { planLanguages } from './plan-texts.ts';

export function renderSteps({ steps = [] }: RecordedOperation, { language }: View): Content {
  if (steps.length === 0) return undefined;
  const words = planLanguages[language];
  return renderTable(
    'steps',
    words.steps,
    steps,
    [
      { title: words.step, text: true, cell: ({ id }) => html`<bdi>${id}</bdi>` },
      { title: words.who, text: true, cell: ({ by }) => words.by[by] },
      { title: words.state, text: true, cell: ({ state }) => words.stepStates[state] },
      { title: words.what, text: true, cell: whatIsDone },
      {
        title: words.back,
        text: true,
        cell: ({ undo }) => (undo === undefined ? words.noBack : html`<bdi lang="en">${undo}</bdi>`),
      },
    ],
    () => '',
  );
}

function whatIsDone({ says, how = [], evidence }: OperationStep): Content {
  return html`<bdi lang="en">${says}</bdi> ${how.map((line) => html`<br /><code><bdi>${line}</bdi></code>`)}
    ${evidence.map((line) => html`<span class="quiet" lang="en"><bdi>${line}</bdi></span>`)}`;
}
