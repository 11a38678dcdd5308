// Renders the search for a cluster, topic, group or broker by name; a cluster opens on the same kind of page as the current one.

import { html, type Content } from '../../core/text/html.ts';
import { frameLanguages } from './frame-texts.ts';
import type { View } from './view.ts';

/** Path that redirects `?name=…&page=…` to that page of the cluster. */
export const clusterSwitchPath = '/go';

/** The cluster of a page, and which of its pages it is. */
interface ClusterPlace {
  cluster: string;
  /** `overview`, or the name in the address. */
  page: string;
}

export function clusterPlace({ path, query }: Pick<View, 'path' | 'query'>): ClusterPlace | undefined {
  const [, first, second, third = 'overview'] = path.split('/');
  if (first === 'clusters' && second !== undefined) {
    const cluster = decoded(second);
    return cluster === undefined ? undefined : { cluster, page: third };
  }
  const cluster = query.get('cluster');
  return cluster !== null && (first === 'gc' || first === 'what-if') ? { cluster, page: first } : undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
}

/** Renders a field with suggestions and a button, because 200 clusters are found by typing, even without scripts. */
export function renderClusterSwitch(view: View): Content {
  const { fleet, language, prefix, chosen } = view;
  if (fleet === undefined || fleet.length === 0) return undefined;
  const texts = frameLanguages[language];
  const place = clusterPlace(view);
  const names = fleet.map(({ cluster }) => cluster).toSorted((one, other) => one.localeCompare(other));
  const hidden = Object.entries({ ...chosen, page: place?.page });
  return html`<form class="switch" method="get" action="${prefix}${clusterSwitchPath}" role="search">
    ${hidden.map(([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}" />`)}
    <input
      name="name"
      list="cluster-names"
      maxlength="249"
      dir="auto"
      autocomplete="off"
      required
      aria-label="${texts.goTo}"
      placeholder="${texts.goToHint}"
    />
    <button aria-label="${texts.go}">→</button>
    <datalist id="cluster-names">${names.map((name) => html`<option value="${name}"></option>`)}</datalist>
  </form>`;
}
