// Renders the link from a page to its Grafana dashboard.

import { html, type Content } from '../../core/text/html.ts';
import type { View } from './view.ts';

/** @returns undefined if no Grafana is configured */
export function dashboardLink(view: View, uid: string, variables: Readonly<Record<string, string>> = {}): Content {
  const address = view.dashboard(uid, variables);
  return address !== undefined && html`<a href="${address}">Grafana ↗</a>`;
}
