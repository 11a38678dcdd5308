// Renders the topics and groups that use the largest share of a cluster.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { emptyState } from '../layout.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import { clusterPath, type ClusterPageName } from './cluster-frame.ts';
import { clusterLanguages } from './cluster-texts.ts';
import type { Busiest, ClusterView } from './cluster-view.ts';
import { groupColumns } from './groups-page.ts';
import { topicColumns } from './topics-page.ts';

export function renderUsers({ status, topics, groups, sharedBy }: ClusterView, view: View): Html {
  const { cluster } = status;
  const texts = view.strings.pages.cluster;
  const of = sharedBy === undefined ? [] : ([sharedBy] as const);
  return html`${sharedBy !== undefined && html`<p class="quiet">${clusterLanguages[view.language].sharesExplained[sharedBy]}</p>`}
  ${topics.all === 0 ? renderNothing('topics', texts.topics, view) : renderTable('topics', texts.topics, topics.rows, topicColumns(cluster, topics.rows, view, ...of))}
  ${renderRest(cluster, 'topics', topics, view)}
  ${groups.all === 0 ? renderNothing('groups', texts.groups, view) : renderTable('groups', texts.groups, groups.rows, groupColumns(cluster, groups.rows, view, ...of))}
  ${renderRest(cluster, 'groups', groups, view)}`;
}

export function renderNothing(id: string, title: string, { language }: View): Html {
  return html`<h2 id="${id}">${title}</h2>
    ${emptyState(clusterLanguages[language].noReading)}`;
}

function renderRest(cluster: string, page: ClusterPageName, { rows, all }: Busiest<unknown>, view: View): Content {
  if (rows.length >= all) return undefined;
  const { strings, numbers, link } = view;
  return html`<p>
    <a href="${link(clusterPath(cluster, page))}"
      >${strings.pages.cluster.busiest(numbers.plain(rows.length), numbers.plain(all))}</a
    >
  </p>`;
}
