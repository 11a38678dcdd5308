// Renders one line with the worst cluster and the number of clusters that need attention, for every page.

import { incidentsOf } from '../../core/documents/cluster-status.ts';
import { html, type Content } from '../../core/text/html.ts';
import { frameLanguages } from './frame-texts.ts';
import { statusBadge } from './status-text.ts';
import type { View } from './view.ts';

/** Empty without incidents; a script fills it when incidents occur. */
export function renderIncidentStrip(view: View): Content {
  const { fleet, language, link, path } = view;
  // The list of clusters already starts with all incidents.
  if (fleet === undefined || path === '/') return undefined;
  const incidents = incidentsOf(fleet);
  const [worst] = incidents;
  return html`<div data-live="strip">
    ${
      worst !== undefined &&
      html`<p class="strip">
        ${statusBadge(worst, view)}
        <a href="${link(`/clusters/${encodeURIComponent(worst.cluster)}`)}"
          ><bdi title="${worst.cluster}">${worst.cluster}</bdi></a
        >
        <a class="all" href="${link('/')}">${frameLanguages[language].attention(incidents.length)}</a>
      </p>`
    }
  </div>`;
}
