// Renders the age of an answer from brokers, or the reason for its absence.

import { html, type Content } from '../../../core/text/html.ts';
import { translated } from '../layout.ts';
import type { View } from '../view.ts';
import { renderReason } from '../broker-reason.ts';
import { clusterLanguages } from './cluster-texts.ts';

export type LookupAnswer<Value> =
  /** `trouble`: why a later request failed, so that this older answer is shown. */
  | { kind: 'answered'; value: Value; at: Date; trouble?: string }
  | { kind: 'unanswered'; reason: string; reasonZh?: string };

export function renderLookup<Value>(answer: LookupAnswer<Value>, view: View): Content {
  const texts = clusterLanguages[view.language];
  if (answer.kind === 'unanswered') {
    const { reason, reasonZh } = answer;
    const why =
      reasonZh === undefined ? renderReason(reason, view) : html`<bdi>${translated(reason, reasonZh, view)}</bdi>`;
    return html`<p class="verdict invalid">${texts.notAvailable} ${why}</p>`;
  }
  const { at, trouble } = answer;
  return html`<p class="quiet">${texts.readAt(view.numbers.moment(at.getTime()))}</p>
    ${trouble !== undefined && html`<p class="verdict invalid">${texts.olderAnswer} ${renderReason(trouble, view)}</p>`}`;
}

/** Renders notices as the brokers reported them, on Chinese pages after their known causes. */
export const renderNotices = (notices: readonly string[], view: Pick<View, 'language'>): Content =>
  notices.length > 0 &&
  html`<ul class="quiet">
    ${notices.map((notice) => html`<li class="name">${renderReason(notice, view)}</li>`)}
  </ul>`;
