// Renders the list of consumer groups with their lag.

import { html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { namedLink } from '../layout.ts';
import {
  figureColumn,
  figuresOf,
  renderTableAlone,
  textColumn,
  briefColumn,
  numberColumn,
  type Column,
} from '../tables.ts';
import type { View } from '../view.ts';
import { clusterPath, renderClusterFrame } from './cluster-frame.ts';
import type { SharedBy } from '../../../core/client-cost.ts';
import type { GroupRow } from './cluster-view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { renderListFilter, renderListPage } from './list-filter.ts';
import type { ClusterList } from './list-query.ts';

export const groupSorts = ['lag', 'load', 'name'] as const;
export type GroupSort = (typeof groupSorts)[number];

export type GroupList = ClusterList<GroupRow, GroupSort>;

export function renderGroupsPage({ cluster, page, query, sharedBy }: GroupList, view: View): string {
  const texts = clusterLanguages[view.language];
  const { groups } = view.strings.pages.cluster;
  const table = renderTableAlone(groups, page.rows, groupColumns(cluster, page.rows, view, sharedBy));
  return renderClusterFrame(
    { cluster, page: 'groups', title: groups, dashboard: { uid: 'plimsoll-lag' } },
    html`${renderListFilter(query, texts.groupSorts, view)}
      <div data-live="groups">${renderListPage(page, texts.noGroups, table, view)}</div>
      ${sharedBy !== undefined && html`<p class="quiet">${texts.sharesExplained[sharedBy]}</p>`}`,
    view,
  );
}

export function groupColumns(
  cluster: string,
  rows: readonly GroupRow[],
  view: View,
  sharedBy?: SharedBy,
): (Column<GroupRow> | false)[] {
  const { strings, numbers, language } = view;
  const texts = clusterLanguages[language];
  const { cluster: shared } = strings.pages;
  const has = (known: (row: GroupRow) => unknown) => rows.some((row) => known(row) !== undefined);
  return [
    textColumn(shared.group, ({ name }) => namedLink(clusterPath(cluster, 'groups', name), name, view)),
    // RocketMQ has no states of groups.
    has(({ state }) => state) && briefColumn(strings.pages.fleet.state, ({ state }) => state),
    has(({ kind }) => kind) && briefColumn(texts.kind, ({ kind }) => kind && texts.groupKinds[kind]),
    numberColumn(shared.members, ({ members }) => ifKnown(members, numbers.plain)),
    has(({ lagSeconds }) => lagSeconds) && lagTimeColumn(view),
    numberColumn(shared.lag, ({ lag }) => (lag === undefined ? strings.unknown : numbers.plain(lag))),
    numberColumn(shared.consumed, ({ consumeTps }) => ifKnown(consumeTps, numbers.rate)),
    sharedBy !== undefined && figuresOf(rows)(texts.shares[sharedBy], (row) => row.share, numbers.percent),
    rows.some(({ clientVersions }) => clientVersions.length > 0) &&
      textColumn(shared.clientVersions, ({ clientVersions }) =>
        clientVersions.length === 0 ? '–' : html`<bdi>${clientVersions.join(strings.list)}</bdi>`,
      ),
  ];
}

/** Shows how late messages are, which is comparable across topics with different rates. */
export const lagTimeColumn = <Row extends { lagSeconds?: number }>({ strings, numbers }: View): Column<Row> =>
  figureColumn(strings.pages.cluster.lagTime, ({ lagSeconds }) => lagSeconds, numbers.seconds, strings.unknown);
