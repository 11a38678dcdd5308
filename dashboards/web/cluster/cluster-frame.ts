// Renders the heading and navigation that all pages of a cluster share, and builds their paths.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { dashboardLink } from '../dashboard-link.ts';
import { gcLanguages } from '../gc/gc-texts.ts';
import { named, renderPage } from '../layout.ts';
import { statusBadge } from '../status-text.ts';
import type { View } from '../view.ts';
import { whatIfLanguages } from '../what-if/what-if-texts.ts';
import { clusterLanguages } from './cluster-texts.ts';

export const clusterPages = ['overview', 'topics', 'groups', 'clients', 'producers', 'settings', 'load-test'] as const;
export type ClusterPageName = (typeof clusterPages)[number];

export const clusterPath = (cluster: string, page: ClusterPageName = 'overview', name?: string): string =>
  `/clusters/${encodeURIComponent(cluster)}${page === 'overview' ? '' : `/${page}`}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;

/** Pages of a cluster with a separate path in the site. */
export const pagesBeside = ['gc', 'what-if'] as const;
type PageBeside = (typeof pagesBeside)[number];

export const messagesPath = (cluster: string, topic: string): string =>
  `${clusterPath(cluster, 'topics', topic)}/messages`;

export const messageTailPath = (cluster: string, topic: string): string => `${messagesPath(cluster, topic)}/tail`;

export const brokerPath = (cluster: string, broker: string): string =>
  `${clusterPath(cluster)}/brokers/${encodeURIComponent(broker)}`;

/** A Grafana dashboard with details on the subject of a page. */
interface DashboardOfPage {
  uid: string;
  variables?: Readonly<Record<string, string>>;
}

export const dashboardOfBroker: ByKind<string> = { kafka: 'plimsoll-kafka', rocketmq: 'plimsoll-rocketmq' };

interface ClusterFrame {
  cluster: string;
  page: ClusterPageName;
  title: string;
  /** Topic, group or broker of the page. */
  of?: string;
  dashboard?: DashboardOfPage;
}

export function renderClusterFrame(
  { cluster, page, title, of, dashboard }: ClusterFrame,
  body: Content,
  view: View,
  scripts: readonly string[] = [],
): string {
  return renderPage(
    view,
    `${title}${of === undefined ? '' : ` ${of}`} · ${cluster}`,
    html`${renderCrumbs(cluster, view)}
      <h1>${title}${of !== undefined && html` ${named(of)}`}</h1>
      ${renderClusterPages(cluster, page, view, dashboard)} ${body}`,
    scripts,
  );
}

/** Renders the link back to the cluster, with its state. */
export function renderCrumbs(cluster: string, view: View): Html {
  const { strings, link, fleet = [] } = view;
  const status = fleet.find((each) => each.cluster === cluster);
  return html`<nav class="crumbs" aria-label="${strings.cluster}">
    <a href="${link('/')}">${strings.pages.fleet.title}</a> ›
    <a href="${link(clusterPath(cluster))}">${named(cluster)}</a>
    <span data-live="state">${status !== undefined && statusBadge(status, view)}</span>
  </nav>`;
}

/** Renders tabs for the pages of a cluster, including those beside its path. */
export function renderClusterPages(
  cluster: string,
  here: ClusterPageName | PageBeside,
  view: View,
  dashboard?: DashboardOfPage,
): Content {
  const { language, link } = view;
  const texts = clusterLanguages[language];
  const tab = (page: ClusterPageName | PageBeside, to: string, title: string) =>
    html`<a href="${to}" ${page === here && html`aria-current="page"`}>${title}</a>`;
  return html`<nav class="tabs" aria-label="${texts.pagesLabel}">
    ${clusterPages.map((page) => tab(page, link(clusterPath(cluster, page)), texts.pages[page]))}
    ${tab('gc', link('/gc', { cluster }), gcLanguages[language].title)}
    ${tab('what-if', link('/what-if', { cluster }), whatIfLanguages[language].title)}
    ${dashboard && dashboardLink(view, dashboard.uid, { cluster, ...dashboard.variables })}
  </nav>`;
}
