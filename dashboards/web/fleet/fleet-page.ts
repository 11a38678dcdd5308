// Renders the list of all clusters with safe maximum, current rate and headroom, worst first.

import { brokerKinds } from '../../../core/cluster.ts';
import { clusterStates, type ClusterStatus, type FleetStatus } from '../../../core/documents/cluster-status.ts';
import { type Content, html, type Html } from '../../../core/text/html.ts';
import { dashboardLink } from '../dashboard-link.ts';
import { attentionKey, renderAcknowledgement, unacknowledgedFirst } from '../acknowledge.ts';
import { attentionOf } from '../cluster/attention.ts';
import { choiceField, clusterLink, emptyState, keptFields, named, renderPage, scrollable } from '../layout.ts';
import { renderPager } from '../pager.ts';
import {
  afterLossText,
  bindingText,
  brokersText,
  headroomText,
  nowText,
  currentSafeMaxText,
  stateBadge,
  statusBadge,
  toLimitText,
} from '../status-text.ts';
import type { View } from '../view.ts';
import { type FleetQuery, type FleetSort, fleetSorts, orders, readFleetQuery, selectClusters } from './fleet-query.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import type { SlotValues } from '../readings/readings-view.ts';
import { renderTrend } from '../readings/trend.ts';
import { labelledTrust } from '../trust-text.ts';

const mostIncidents = 5;

/** @param trendOf produced messages of the last three hours, by cluster */
export function renderFleetPage(fleet: FleetStatus, trendOf: TrendOf, view: View): string {
  const { strings, numbers } = view;
  const texts = strings.pages.fleet;
  const query = readFleetQuery(view.query);
  const page = selectClusters(fleet.clusters, query);
  const none = fleet.clusters.length === 0 ? texts.none : texts.noneMatch;
  return renderPage(
    view,
    texts.title,
    html`<h1>${texts.title}</h1>
      <div data-live="fleet">
        ${renderIncidents(fleet, view)} ${renderStates(fleet, query, view)} ${renderPromotion(fleet, view)}
        <p class="quiet">${strings.pages.updated(numbers.moment(fleet.at))} ${dashboardLink(view, 'plimsoll-fleet')}</p>
      </div>
      ${renderFilter(query, view)}
      <div data-live="clusters">
        <p class="quiet">${texts.count(numbers.plain(page.found), numbers.plain(fleet.clusters.length))}</p>
        ${page.rows.length === 0 ? emptyState(none) : scrollable(texts.title, renderFleetTable(page.rows, { query, trendOf }, view))}
        ${renderPager(page, view)}
      </div>
      <p class="quiet">${texts.explained}</p>`,
  );
}

export function renderPromotion({ promotion }: Pick<FleetStatus, 'promotion'>, { strings, numbers }: View): Content {
  if (promotion === undefined) return undefined;
  const { promotion: written, promotionOn, promotionNext } = strings.pages;
  const { name, from, to, isOn } = promotion;
  return html`<p class="promotion">
    <span class="kind">${isOn ? promotionOn : promotionNext}</span>
    <bdi>${written(name, numbers.moment(from), numbers.moment(to))}</bdi>
  </p>`;
}

/** Renders the items of the fleet that need attention, before any table: clusters by state, then groups with growing lag. */
function renderIncidents({ clusters }: FleetStatus, view: View): Content {
  const texts = view.strings.pages.fleet;
  const items = clusters.flatMap((status) => attentionOf(status, [], view));
  // Acknowledged items are below both kinds.
  const byKind = items.toSorted((one, other) => Number(one.kind === 'lag') - Number(other.kind === 'lag'));
  const incidents = unacknowledgedFirst(byKind).map(
    (item) =>
      html`<li class="${item.look}" data-key="${attentionKey(item)}">
        ${item.badge} ${clusterLink(item.status.cluster, view)} ${item.text} ${renderAcknowledgement(item, view)}
      </li>`,
  );
  if (incidents.length === 0) return undefined;
  const rest = incidents.length - mostIncidents;
  return html`<ul class="incidents" data-key="incidents" aria-label="${texts.incidents}">
    ${incidents.slice(0, mostIncidents)}
    ${rest > 0 && html`<li class="quiet">${texts.moreIncidents(view.numbers.plain(rest))}</li>`}
  </ul>`;
}

/** Renders the number of clusters by state, with links to them. */
function renderStates({ clusters }: FleetStatus, query: FleetQuery, view: View): Content {
  const counts = clusterStates
    .map((state) => ({ state, count: clusters.filter((each) => each.state === state).length }))
    .filter(({ count }) => count > 0);
  if (counts.length < 2) return undefined;
  return html`<ul class="states">
    ${counts.map(({ state, count }) => {
      const isChosen = query.state === state;
      const to = view.here({ state: isChosen ? undefined : state, page: undefined });
      return html`<li>
        <a href="${to}" ${isChosen && html`aria-current="true"`}
          >${stateBadge(state, view)} <strong>${view.numbers.plain(count)}</strong></a
        >
      </li>`;
    })}
  </ul>`;
}

function renderFilter(query: FleetQuery, { strings, path, prefix, query: parameters }: View): Html {
  const texts = strings.pages.fleet;
  const all = ['', strings.pages.all] as const;
  const isFiltered = query.q !== '' || query.state !== undefined || query.broker !== undefined;
  return html`<details class="filters" ${isFiltered && html`open`}>
    <summary>${texts.filter}</summary>
    <form class="filter" method="get" action="${prefix}${path}" role="search">
      ${keptFields(parameters, ['q', 'state', 'broker', 'sort', 'order', 'page'])}
      <label
        >${strings.pages.search}
        <input type="search" name="q" value="${query.q}" placeholder="${texts.searchHint}" maxlength="249" dir="auto"
      /></label>
      ${choiceField(
        texts.state,
        'state',
        [all, ...clusterStates.map((state) => [state, strings.pages.states[state]] as const)],
        query.state ?? '',
      )}
      ${choiceField(texts.broker, 'broker', [all, ...brokerKinds.map((kind) => [kind, traitsOf(kind).displayName] as const)], query.broker ?? '')}
      ${choiceField(
        texts.sort,
        'sort',
        fleetSorts.map((sort) => [sort, texts.sorts[sort]]),
        query.sort,
      )}
      ${choiceField(
        texts.order,
        'order',
        orders.map((order) => [order, texts.orders[order]]),
        query.order,
      )}
      <button>${strings.pages.apply}</button>
    </form>
  </details>`;
}

interface FleetColumn {
  title: string;
  sort?: FleetSort;
  isFigure?: boolean;
  cell(row: ClusterStatus): Content;
}

function columnsOf(trendOf: TrendOf, view: View): FleetColumn[] {
  const { strings, numbers } = view;
  const { pages } = strings;
  const texts = pages.fleet;
  const rate = (title: string) => `${title}${strings.inPerSecond}`;
  return [
    {
      title: strings.cluster,
      sort: 'name',
      cell: (row) => {
        const { cluster, broker, brokers, domains } = row;
        const { colon, comma, list, semicolon } = punctuation[view.language];
        return html`${clusterLink(cluster, view)}
          <span class="quiet"
            >${traitsOf(broker).displayName}${brokers !== undefined && html`${comma}${brokersText(row, view)}`}${domains.length > 0 && html`${semicolon}${strings.pages.domains}${colon}${domains.map((domain, index) => html`${index > 0 && list}${named(domain)}`)}`}</span
          >`;
      },
    },
    { title: texts.state, cell: (row) => statusBadge(row, view) },
    { title: rate(strings.safeMax), sort: 'safe', isFigure: true, cell: (row) => currentSafeMaxText(row, view) },
    {
      title: rate(readingsLanguages[view.language].nowAndLastHours),
      sort: 'now',
      isFigure: true,
      cell: (row) => html`${nowText(row, view)} ${trendCell(row, trendOf, view)}`,
    },
    {
      title: pages.headroom,
      sort: 'headroom',
      isFigure: true,
      cell: (row) => html`${headroomText(row, view)} ${afterLoss(row, view)}`,
    },
    {
      title: strings.limitedBy,
      cell: (row) =>
        row.safeMaxTps === undefined
          ? '–'
          : html`<a href="${view.link(`/clusters/${encodeURIComponent(row.cluster)}#binds`)}"
              >${bindingText(row, view)}</a
            >`,
    },
    { title: texts.toLimit, sort: 'limit', cell: (row) => toLimitText(row, view) },
    {
      title: texts.verdict,
      sort: 'age',
      cell: ({ verdict, trust }) =>
        verdict === undefined
          ? html`<span class="quiet">${pages.noVerdict}</span>`
          : html`<a href="${view.link(`/ledger/${verdict.entry}`)}">${pages.ago(numbers.span(verdict.ageSeconds))}</a
              >${trust && html` <span class="quiet">${labelledTrust({ trust }, view)}</span>`}`,
    },
  ];
}

function afterLoss(row: ClusterStatus, view: View): Content {
  const left = afterLossText(row, view);
  return left !== undefined && html`<span class="quiet">N-1${view.strings.colon}${left}</span>`;
}

export type TrendOf = (cluster: string) => SlotValues;

function trendCell(
  { cluster, safeMaxTps }: ClusterStatus,
  trendOf: TrendOf,
  { strings, numbers, language }: View,
): Html | undefined {
  const texts = readingsLanguages[language];
  const limit = safeMaxTps && safeTpsOf(safeMaxTps);
  const label = texts.trend(limit === undefined ? undefined : strings.safeMax);
  return renderTrend({ values: trendOf(cluster), limit, label, format: numbers.rate });
}

export function renderFleetTable(
  rows: readonly ClusterStatus[],
  { query, trendOf }: { query: FleetQuery; trendOf: TrendOf },
  view: View,
): Html {
  const columns = columnsOf(trendOf, view);
  return html`<table class="fleet">
    <thead>
      <tr>
        ${columns.map((column) => renderHead(column, query, view))}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr class="${row.state}">
            ${columns.map(({ title, cell, isFigure }, index) => {
              const content = cell(row);
              if (index === 0) return html`<th scope="row">${content}</th>`;
              return html`<td class="${isFigure && 'number'}" data-title="${title}"><div>${content}</div></td>`;
            })}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function renderHead({ title, sort, isFigure }: FleetColumn, query: FleetQuery, { here }: View): Html {
  const kind = isFigure && 'number';
  if (sort === undefined) return html`<th scope="col" class="${kind}">${title}</th>`;
  const isSorted = query.sort === sort;
  const next = isSorted && query.order === 'asc' ? 'desc' : undefined;
  const direction = query.order === 'asc' ? 'ascending' : 'descending';
  return html`<th scope="col" class="${kind}" ${isSorted && html`aria-sort="${direction}"`}>
    <a href="${here({ sort, order: next, page: undefined })}"
      >${title}${isSorted && (query.order === 'asc' ? ' ↑' : ' ↓')}</a
    >
  </th>`;
}
