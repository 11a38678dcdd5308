// Renders how well predictions of a cluster matched measurements.

import { punctuation } from '../../core/text/punctuation.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { html, type Html } from '../../core/text/html.ts';
import { trustOf } from '../../core/trust.ts';
import { eventLanguages } from './event-texts.ts';
import type { View } from './view.ts';

export function trustText({ trust }: Pick<ClusterStatus, 'trust'>, { language, numbers }: View): Html {
  const texts = eventLanguages[language];
  const { level, graded, held } = trustOf(trust ?? { graded: 0, held: 0 });
  // Shows no level for few predictions, because all or none may have held by chance.
  return html`${level === 'untested' && graded > 0 ? texts.tooFewTested : texts.trustLevels[level]}${graded > 0 && html`<span class="quiet">${texts.trustOf(numbers.plain(held), numbers.plain(graded))}</span>`}`;
}

/** For places without a heading. */
export const labelledTrust = (status: Pick<ClusterStatus, 'trust'>, view: View): Html =>
  html`${eventLanguages[view.language].trust}${punctuation[view.language].colon}${trustText(status, view)}`;
