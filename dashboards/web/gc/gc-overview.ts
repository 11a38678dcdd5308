// Renders the overview of the JVMs of a cluster, one row per GC log.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { named, prose } from '../layout.ts';
import type { View } from '../view.ts';
import { longestText, stoppedText } from './gc-figures.ts';
import { hostState } from './gc-host-state.ts';
import type { GcContent, GcHostView, GcLogView } from './gc-view.ts';
import { gcLanguages } from './gc-texts.ts';
import { binaryBytesText } from '../../../core/text/quantity-text.ts';
import { bySeverity } from '../../../core/documents/analysis.ts';

interface OverviewRow {
  host: GcHostView;
  link: string;
  log?: GcLogView;
  /** Why no log is available. */
  state?: Content;
}

export function overviewRow(host: GcHostView, content: GcContent, view: View): OverviewRow[] {
  const texts = gcLanguages[view.language];
  const link = view.link('/gc', { cluster: content.cluster, broker: host.brokers[0] });
  if (host.logs.length > 0) return host.logs.map((log) => ({ host, link, log }));
  const isEmpty = host.readAt !== undefined && host.whyNot === undefined;
  return [{ host, link, state: isEmpty ? prose(texts.noLog) : hostState(host, content, view) }];
}

export function renderOverview(rows: readonly OverviewRow[], view: View): Html {
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
              <a href="${link}">${named(host.brokers.join(', '))}</a> <span class="quiet">${named(host.host)}</span>
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
    <td class="number">${longestText(whole, view) ?? strings.unknown}</td>
    <td class="number">
      ${whole?.fullCollections === undefined ? strings.unknown : numbers.plain(whole.fullCollections)}
    </td>
    <td class="number">
      ${totals?.heap === undefined ? strings.unknown : binaryBytesText(totals.heap.afterBytes)}
      ${totals?.heapMaxBytes !== undefined && html`<span class="quiet">/ ${binaryBytesText(totals.heapMaxBytes)}</span>`}
    </td>`;
}
