// Renders the producers of a cluster with their addresses and client versions.

import type { ProducerClient } from '../../../core/cluster.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { renderQueries, type SourceQuery } from '../chart-tools.ts';
import { emptyState, named } from '../layout.ts';
import { renderTableAlone, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { renderLookup, renderNotices, type LookupAnswer } from './lookup-notice.ts';
import { renderClusterFrame } from './cluster-frame.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { renderListFilter, renderListPage } from './list-filter.ts';
import type { ListPage, ListQuery } from './list-query.ts';

/** A client of a group, which may be connected to several brokers. */
export interface ProducerRow extends ProducerClient {
  brokers: readonly string[];
}

export interface ProducersContent {
  cluster: string;
  query: ListQuery<'name'>;
  /** `not-kept`: brokers of this kind store no list of producers. */
  answer: { kind: 'not-kept' } | LookupAnswer<{ page: ListPage<ProducerRow>; notices: readonly string[] }>;
  /** Kafka: client software of connections, from the monitoring system; absent without one. */
  software?: LookupAnswer<{ rows: readonly ClientSoftware[]; query: SourceQuery }>;
}

/** Number of connections of one client version, to all brokers and between brokers. */
export interface ClientSoftware {
  name: string;
  version: string;
  connections: number;
}

export function renderProducersPage({ cluster, query, answer, software }: ProducersContent, view: View): string {
  const texts = clusterLanguages[view.language];
  return renderClusterFrame(
    { cluster, page: 'producers', title: texts.pages.producers },
    answer.kind === 'not-kept'
      ? html`<p>${texts.noProducerList}</p>
          ${renderSoftware(software, view)}`
      : html`${renderListFilter(query, { name: texts.groupSorts.name }, view)}
          <div data-live="producers">${renderLookup(answer, view)} ${renderRows(answer, view)}</div>`,
    view,
  );
}

function renderSoftware(answer: ProducersContent['software'], view: View): Content {
  const texts = clusterLanguages[view.language];
  if (answer === undefined) return undefined;
  const heading = html`<h2 id="software">${texts.software}</h2>`;
  if (answer.kind === 'unanswered') return html`${heading} ${renderLookup(answer, view)}`;
  const { rows, query } = answer.value;
  return html`${heading} ${renderLookup(answer, view)}
  ${
    rows.length === 0
      ? emptyState(texts.noSoftware)
      : html`<p class="quiet">${texts.softwareExplained}</p>
          ${renderTableAlone<ClientSoftware>(texts.software, rows, [
            textColumn(texts.client, ({ name }) => named(name)),
            textColumn(texts.version, ({ version }) => html`<bdi>${version}</bdi>`),
            numberColumn(texts.connections, ({ connections }) => view.numbers.plain(connections)),
          ])}`
  }
  ${renderQueries([query], view)}`;
}

function renderRows(answer: Exclude<ProducersContent['answer'], { kind: 'not-kept' }>, view: View): Content {
  if (answer.kind === 'unanswered') return undefined;
  const texts = clusterLanguages[view.language];
  const { page, notices } = answer.value;
  const table = renderTableAlone<ProducerRow>(texts.pages.producers, page.rows, [
    textColumn(texts.producerGroup, ({ group }) => named(group)),
    textColumn(texts.client, ({ clientId }) => named(clientId)),
    textColumn(view.strings.host, ({ address }) => html`<bdi>${address ?? '–'}</bdi>`),
    textColumn(texts.version, ({ version }) => html`<bdi>${version ?? texts.notReported}</bdi>`),
    textColumn(texts.language, ({ language }) => html`<bdi>${language ?? '–'}</bdi>`),
    textColumn(
      view.strings.pages.cluster.brokers,
      ({ brokers }) => html`<bdi>${brokers.join(view.strings.list)}</bdi>`,
    ),
  ]);
  return html`${renderListPage(page, texts.noProducers, table, view)} ${renderNotices(notices, view)}`;
}
