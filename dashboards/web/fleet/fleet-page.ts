// Renders the list of all clusters with safe maximum, current rate and headroom, worst first.

import { type FleetStatus, clusterStates } from '../../../core/documents/cluster-status.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { dashboardLink } from '../dashboard-link.ts';
import { attentionKey, renderAcknowledgement, unacknowledgedFirst } from '../acknowledge.ts';
import { attentionOf } from '../cluster/attention.ts';
import { choiceField, emptyState, keptFields, named, renderPage, scrollable } from '../layout.ts';
import { renderPager } from '../pager.ts';
import { stateBadge } from '../status-text.ts';
import type { View } from '../view.ts';
import { fleetSorts, orders, readFleetQuery, selectClusters, type FleetQuery } from './fleet-query.ts';
import { type TrendOf, renderFleetTable } from './fleet-table.ts';

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
  const cluster = (name: string) =>
    html`<a href="${view.link(`/clusters/${encodeURIComponent(name)}`)}">${named(name)}</a>`;
  const items = clusters.flatMap((status) => attentionOf(status, [], view));
  // Acknowledged items are below both kinds.
  const byKind = items.toSorted((one, other) => Number(one.kind === 'lag') - Number(other.kind === 'lag'));
  const incidents = unacknowledgedFirst(byKind).map(
    (item) =>
      html`<li class="${item.look}" data-key="${attentionKey(item)}">
        ${item.badge} ${cluster(item.status.cluster)} ${item.text} ${renderAcknowledgement(item, view)}
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
      ${choiceField(texts.broker, 'broker', [all, ['kafka', 'Kafka'], ['rocketmq', 'RocketMQ']], query.broker ?? '')}
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
