// Renders how to roll back a plan: a link to the file for Kafka's tool, or why there is no rollback.

import { html, type Content } from '../../../core/text/html.ts';
import type { RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import type { View } from '../view.ts';
import { isWhole } from './kafka-assignment.ts';
import type { PlanEntry } from './plan-title.ts';
import { planLanguages, type PlanTexts } from './plan-texts.ts';

export function renderRollback(entry: PlanEntry, operation: RecordedOperation, view: View): Content {
  const texts = planLanguages[view.language];
  return html`<section>
    <h2 id="rollback">${texts.rollback}</h2>
    ${wayBack(entry, operation, texts, view)}
  </section>`;
}

function wayBack(entry: PlanEntry, operation: RecordedOperation, texts: PlanTexts, { link }: View): Content {
  switch (operation.operation) {
    case 'reassignment': {
      const address = (name: string) => link(`/plans/${entry.id}/${name}.json`);
      return isWhole(operation)
        ? html`<p>${texts.rollbackWith}</p>
            <p>
              <code
                >kafka-reassign-partitions.sh --bootstrap-server HOST:PORT --reassignment-json-file rollback.json
                --execute</code
              >
            </p>
            <p class="ways">
              <a href="${address('rollback')}" download>${texts.rollbackFile}</a>
              <a href="${address('plan')}" download>${texts.planFile}</a>
            </p>`
        : html`<p>${texts.rollbackElsewhere} <bdi>${entry.evidence ?? '–'}</bdi></p>`;
    }
    case 'partitions':
      return html`<p>${texts.rollbackNever}</p>`;
    default:
      return html`<p>${texts.rollbackSteps}</p>`;
  }
}
