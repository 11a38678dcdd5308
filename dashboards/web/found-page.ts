// Renders search results: clusters, topics, groups and brokers, each with its cluster.

import { html } from '../../core/text/html.ts';
import { frameLanguages } from './frame-texts.ts';
import { clusterLink, emptyState, named, namedLink, renderPage } from './layout.ts';
import { renderTableAlone, textColumn, briefColumn } from './tables.ts';
import type { View } from './view.ts';

export type FoundKind = 'cluster' | 'topic' | 'group' | 'broker';

export interface Found {
  text: string;
  /** The best hits of each kind, clusters first. */
  hits: readonly { kind: FoundKind; name: string; cluster: string; path: string }[];
  /** Number of all hits, including those not listed. */
  all: number;
}

export function renderFoundPage({ text, hits, all }: Found, view: View): string {
  const { language, numbers, strings } = view;
  const texts = frameLanguages[language];
  return renderPage(
    view,
    texts.found,
    html`<h1>${text === '' ? texts.found : html`${texts.foundFor}${named(text)}`}</h1>
      ${
        hits.length === 0
          ? emptyState(texts.nothingFound)
          : html`<p class="quiet">${texts.countFound(numbers.plain(hits.length), numbers.plain(all))}</p>
              ${renderTableAlone(texts.found, hits, [
                textColumn(texts.name, ({ name, path }) => namedLink(path, name, view)),
                briefColumn(strings.pages.entries.kind, ({ kind }) => texts.foundKinds[kind]),
                textColumn(strings.cluster, ({ cluster }) => clusterLink(cluster, view)),
              ])}`
      }`,
  );
}
