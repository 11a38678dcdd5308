// Renders the GC page of a cluster: one row per log, or the full logs of one broker.

import { type Content, html, type Html } from '../../../core/text/html.ts';
import { renderClusterPages, renderCrumbs } from '../cluster/cluster-frame.ts';
import { dashboardLink } from '../dashboard-link.ts';
import { renderFindingList } from '../findings.ts';
import { emptyState, named, prose, renderPage, scrollable } from '../layout.ts';
import { linesBlock } from '../line-charts.ts';
import type { View } from '../view.ts';
import { chartsOf, renderDeeper, renderLog } from './gc-log.ts';
import type { GcContent, GcHostView, GcLogView } from './gc-view.ts';
import { gcLanguages, type GcTexts } from './gc-texts.ts';
import { longestText, stoppedText } from './gc-figures.ts';
import { binaryBytesText } from '../../../core/text/quantity-text.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { bySeverity } from '../../../core/severity.ts';

export function renderGcPage(content: GcContent, view: View): string {
  const { cluster, broker, hosts } = content;
  const texts = gcLanguages[view.language];
  const isOne = broker !== undefined;
  const charts = isOne
    ? hosts.flatMap((host, at) => host.logs.flatMap((log, index) => chartsOf(log, `${at}-${index}`, view)))
    : [];
  return renderPage(
    view,
    texts.titleOf(broker ?? cluster),
    html`${renderCrumbs(cluster, view)}
      <h1>${broker === undefined ? texts.title : html`${texts.titleOf('')}${named(broker)}`}</h1>
      ${renderClusterPages(cluster, 'gc', view)}
      <p class="quiet">${texts.explained}</p>
      <details class="printed">
        <summary>${texts.howToRead}</summary>
        <ul>
          ${texts.reading.map((each) => html`<li>${each}</li>`)}
        </ul>
      </details>
      ${renderBrokers(content, view)}
      <div data-live="gc">
        ${hosts.length === 0 && emptyState(isOne ? texts.noHost : texts.noHosts)}
        ${isOne ? hosts.map((host, at) => renderHost(host, at, content, view)) : hosts.length > 0 && renderAll(content, texts, view)}
      </div>
      ${renderTested(content, texts, view)} ${!isOne && renderDeeper('ssh://HOST/PATH', view)}
      <div hidden data-live="gc-data">${charts.length > 0 && linesBlock('lines-data', { charts })}</div>`,
    isOne ? ['chart.js', 'lines.js'] : [],
  );
}

/** Renders a choice of clusters, because a page with the logs of all clusters would be too long. */
export function renderGcClusters(clusters: readonly string[], view: View): string {
  const texts = gcLanguages[view.language];
  return renderPage(
    view,
    texts.title,
    html`<h1>${texts.title}</h1>
      ${clusters.length === 0 ? emptyState(view.strings.pages.fleet.none) : html`<p>${view.strings.cluster}</p>`}
      <ul>
        ${clusters.map((cluster) => html`<li><a href="${view.link('/gc', { cluster })}">${named(cluster)}</a></li>`)}
      </ul>`,
  );
}

function renderBrokers({ cluster, broker, brokers }: GcContent, { link, strings: { pages } }: View): Content {
  if (brokers.length === 0) return undefined;
  const choice = (id: string | undefined, text: Content) =>
    html`<a href="${link('/gc', { cluster, broker: id })}" ${id === broker && html`aria-current="page"`}>${text}</a>`;
  return html`<nav class="ways" aria-label="${pages.cluster.brokers}">
    ${choice(undefined, pages.all)} ${brokers.map((id) => choice(id, named(id)))}
  </nav>`;
}

function renderAll(content: GcContent, texts: GcTexts, view: View): Html {
  const rows = content.hosts.flatMap((host) => overviewRow(host, content, view));
  return scrollable(texts.title, renderOverview(rows, view));
}

function renderHost(host: GcHostView, at: number, content: GcContent, view: View): Html {
  const texts = gcLanguages[view.language];
  return html`<section data-key="${host.host}">
    <h2>${view.strings.host} ${named(host.host)}</h2>
    <p>${dashboardLink(view, 'plimsoll-jvm', { host: host.host })}</p>
    <p class="quiet">
      <bdi>${texts.carries(host.brokers.join(view.strings.list))}</bdi
      >${punctuation[view.language].space}${hostState(host, content, view)}
    </p>
    ${host.readAt !== undefined && host.whyNot === undefined && host.logs.length === 0 && emptyState(texts.noLog)}
    ${host.logs.map((log, index) => renderLog(log, host.host, `${at}-${index}`, view))}
  </section>`;
}

function renderTested({ tested }: GcContent, texts: GcTexts, view: View): Content {
  const { link, numbers } = view;
  return html`<section>
    <h2>${texts.tested}</h2>
    ${
      tested === undefined
        ? emptyState(texts.notTested)
        : html`<p class="quiet">
              <a href="${link(`/ledger/${tested.entry}`)}">${texts.testedAt(numbers.moment(tested.at))}</a
              >${punctuation[view.language].space}${tested.findings.length === 0 && texts.testedNothing}
            </p>
            ${tested.findings.length > 0 && renderFindingList(tested.findings, view)}`
    }
  </section>`;
}

interface OverviewRow {
  host: GcHostView;
  link: string;
  log?: GcLogView;
  /** Why no log is available. */
  state?: Content;
}

/** Renders the overview of the JVMs of a cluster, one row per GC log. */
function overviewRow(host: GcHostView, content: GcContent, view: View): OverviewRow[] {
  const texts = gcLanguages[view.language];
  const link = view.link('/gc', { cluster: content.cluster, broker: host.brokers[0] });
  if (host.logs.length > 0) return host.logs.map((log) => ({ host, link, log }));
  const isEmpty = host.readAt !== undefined && host.whyNot === undefined;
  return [{ host, link, state: isEmpty ? prose(texts.noLog) : hostState(host, content, view) }];
}

function renderOverview(rows: readonly OverviewRow[], view: View): Html {
  const texts = gcLanguages[view.language];
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${view.strings.pages.cluster.brokers}</th>
        <th scope="col">${texts.log}</th>
        <th scope="col">${texts.worst}</th>
        <th scope="col" class="number">${texts.stopped}</th>
        <th scope="col" class="number">${texts.longest}</th>
        <th scope="col" class="number">${texts.fullCollections}</th>
        <th scope="col" class="number">${texts.afterLast}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ host, link, log, state }) =>
          html`<tr>
            <th scope="row">
              <a href="${link}">${named(host.brokers.join(view.strings.list))}</a>
              <span class="quiet">${named(host.host)}</span>
            </th>
            ${log === undefined ? html`<td colspan="6" class="quiet">${state}</td>` : renderCells(log, view)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function renderCells({ reading, findings, whole }: GcLogView, view: View): Content {
  const { strings, numbers } = view;
  const texts = gcLanguages[view.language];
  const [worst] = findings.toSorted(bySeverity);
  const { totals, unreadBytes } = reading;
  return html`<td>${named(reading.name)}</td>
    <td>
      ${
        worst !== undefined && worst.severity !== 'info'
          ? html`<span class="state ${worst.severity === 'critical' ? 'over' : 'near'}"
                >${strings.severity[worst.severity]}</span
              >
              <code>${worst.code}</code>`
          : totals === undefined
            ? texts.isRead(binaryBytesText(unreadBytes))
            : texts.none
      }
    </td>
    <td class="number">${stoppedText(whole, 'gcSeconds', view) ?? strings.unknown}</td>
    <td class="number">${longestText(whole, totals, view) ?? strings.unknown}</td>
    <td class="number">
      ${whole?.fullCollections === undefined ? strings.unknown : numbers.plain(whole.fullCollections)}
    </td>
    <td class="number">
      ${totals?.heap === undefined ? strings.unknown : binaryBytesText(totals.heap.afterBytes)}
      ${totals?.heapMaxBytes !== undefined && html`<span class="quiet">/ ${binaryBytesText(totals.heapMaxBytes)}</span>`}
    </td>`;
}

/** Renders when a host was last read, and why data is missing. */
function hostState({ readAt, whyNot, trouble }: GcHostView, { at }: Pick<GcContent, 'at'>, view: View): Content {
  const texts = gcLanguages[view.language];
  const { numbers, strings } = view;
  const failed =
    trouble && html`${texts.failed(numbers.moment(trouble.at))} <bdi lang="en">${prose(trouble.reason)}</bdi>`;
  if (readAt === undefined) return failed ?? prose(texts.neverRead);
  const age = (Date.parse(at) - Date.parse(readAt)) / 1000;
  const when = texts.readAt(numbers.moment(readAt), strings.pages.ago(numbers.span(age)));
  return html`${when}${whyNot !== undefined && html`${punctuation[view.language].space}${texts.whyNot}${strings.colon}<bdi>${typeof whyNot === 'string' ? html`<span lang="en">${prose(whyNot)}</span>` : prose(whyNot[view.language])}</bdi>`}
  ${failed}`;
}
