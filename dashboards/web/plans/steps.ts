// Renders the steps of a plan in order, with their commands and states.

import { html, type Content } from '../../../core/text/html.ts';
import type { OperationStep, RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { renderTable, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { planLanguages } from './plan-texts.ts';

export function renderSteps({ steps = [] }: RecordedOperation, { language }: View): Content {
  if (steps.length === 0) return undefined;
  const texts = planLanguages[language];
  return renderTable('steps', texts.steps, steps, [
    textColumn(texts.step, ({ id }) => html`<bdi>${id}</bdi>`),
    textColumn(texts.who, ({ by }) => texts.by[by]),
    textColumn(texts.state, ({ state }) => texts.stepStates[state]),
    textColumn(texts.what, whatIsDone),
    textColumn(texts.back, ({ undo }) => (undo === undefined ? texts.noBack : html`<bdi lang="en">${undo}</bdi>`)),
  ]);
}

function whatIsDone({ says, how = [], evidence }: OperationStep): Content {
  return html`<bdi lang="en">${says}</bdi> ${how.map((line) => html`<br /><code><bdi>${line}</bdi></code>`)}
    ${evidence.map((line) => html`<span class="quiet" lang="en"><bdi>${line}</bdi></span>`)}`;
}
