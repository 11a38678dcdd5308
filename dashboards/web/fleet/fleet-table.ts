// Renders the table of clusters.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { named } from '../layout.ts';
import {
  afterLossText,
  bindingText,
  brokersText,
  headroomText,
  nowText,
  safeMaxText,
  statusBadge,
  toLimitText,
} from '../status-text.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import type { SlotValues } from '../readings/readings-view.ts';
import { renderTrend } from '../readings/trend.ts';
import { labelledTrust } from '../trust-text.ts';
import type { View } from '../view.ts';
import type { FleetQuery, FleetSort } from './fleet-query.ts';

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
  const rate = (title: string) => `${title} (${strings.perSecond})`;
  return [
    {
      title: strings.cluster,
      sort: 'name',
      cell: (row) => {
        const { cluster, broker, brokers, domains } = row;
        const { colon, comma, list, semicolon } = punctuation[view.language];
        return html`<a href="${view.link(`/clusters/${encodeURIComponent(cluster)}`)}">${named(cluster)}</a>
          <span class="quiet"
            >${traitsOf(broker).displayName}${brokers !== undefined && html`${comma}${brokersText(row, view)}`}${domains.length > 0 && html`${semicolon}${strings.pages.domains}${colon}${domains.map((domain, index) => html`${index > 0 && list}${named(domain)}`)}`}</span
          >`;
      },
    },
    { title: texts.state, cell: (row) => statusBadge(row, view) },
    { title: rate(strings.safeMax), sort: 'safe', isFigure: true, cell: (row) => safeMaxText(row, view) },
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
  return left !== undefined && html`<span class="quiet">N-1: ${left}</span>`;
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
