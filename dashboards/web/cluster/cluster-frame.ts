// Renders the heading and navigation that all pages of a cluster share, and builds their paths.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { named, renderPage } from '../layout.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';

export const clusterPages = ['overview', 'topics', 'groups', 'producers', 'settings'] as const;
export type ClusterPageName = (typeof clusterPages)[number];

export const clusterPath = (cluster: string, page: ClusterPageName = 'overview', name?: string): string =>
  `/clusters/${encodeURIComponent(cluster)}${page === 'overview' ? '' : `/${page}`}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;

export const brokerPath = (cluster: string, broker: string): string =>
  `${clusterPath(cluster)}/brokers/${encodeURIComponent(broker)}`;

/** A Grafana dashboard that shows what a page is about. */
export interface DashboardOfPage {
  uid: string;
  variables?: Readonly<Record<string, string>>;
}

export const dashboardOfBroker: ByKind<string> = { kafka: 'plimsoll-kafka', rocketmq: 'plimsoll-rocketmq' };

export interface ClusterFrame {
  cluster: string;
  page: ClusterPageName;
  title: string;
  /** Topic, group or broker that the page is of. */
  of?: string;
  dashboard?: DashboardOfPage;
}

export function renderClusterFrame(
  { cluster, page, title, of, dashboard }: ClusterFrame,
  body: Content,
  view: View,
  scripts: readonly string[] = [],
): string {
  const { strings, link } = view;
  return renderPage(
    view,
    `${title}${of === undefined ? '' : ` ${of}`} · ${cluster}`,
    html`<nav>
        <a href="${link('/')}">${strings.pages.fleet.title}</a> ›
        <a href="${link(clusterPath(cluster))}">${named(cluster)}</a>
      </nav>
      <h1>${title}${of !== undefined && html` ${named(of)}`}</h1>
      ${renderClusterPages(cluster, page, view, dashboard)} ${body}`,
    scripts,
  );
}

export function renderClusterPages(
  cluster: string,
  here: ClusterPageName,
  view: View,
  dashboard?: DashboardOfPage,
): Content {
  const { language, link } = view;
  const texts = clusterLanguages[language];
  const grafana = dashboard && view.dashboard(dashboard.uid, { cluster, ...dashboard.variables });
  return html`<nav class="ways" aria-label="${texts.pagesLabel}">
    ${clusterPages.map(
      (page) =>
        html`<a href="${link(clusterPath(cluster, page))}" ${page === here && html`aria-current="page"`}
          >${texts.pages[page]}</a
        > `,
    )}
    ${grafana !== undefined && html`<a href="${grafana}">Grafana</a>`}
  </nav>`;
}
