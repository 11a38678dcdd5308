// Renders the items of a cluster that need attention: its state, groups with growing lag, and firing alerts.

import { incidentsOf, isAboveTested, lossStates, type ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { attentionKey, renderAcknowledgement, unacknowledgedFirst } from '../acknowledge.ts';
import { namedLink } from '../layout.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import { alertSummary, severityText, type AlertMark } from '../readings/readings-view.ts';
import { brokersText, headroomText, lagBadge, missingText, nowText, statusBadge } from '../status-text.ts';
import type { View } from '../view.ts';
import { clusterPath } from './cluster-frame.ts';

/** Longer lists are not read, and each item has a form. */
const mostItems = 100;

interface AttentionItem {
  status: ClusterStatus;
  kind: 'state' | 'lag' | 'alert';
  name: string;
  look: string;
  badge: Content;
  text: Content;
}

const criticalFirst = (one: AlertMark, other: AlertMark) =>
  Number(other.severity === 'critical') - Number(one.severity === 'critical');

/** @param alerts firing alerts */
export function attentionOf(status: ClusterStatus, alerts: readonly AlertMark[], view: View): AttentionItem[] {
  const { fleet, verdictAgo, cluster: texts } = view.strings.pages;
  const { cluster, state, noDataSince, verdict } = status;
  const load =
    noDataSince === undefined ? html`${fleet.headroomIs} ${headroomText(status, view)}` : nowText(status, view);
  const age =
    state === 'stale' && verdict && `${verdictAgo(view.numbers.span(verdict.ageSeconds))}${view.strings.comma}`;
  const actions = state === 'over' && html` <a href="${view.link(clusterPath(cluster))}#levers">${texts.levers}</a>`;
  const loss = html`${brokersText(status, view)} <span class="quiet">${missingText(status, view)}</span>`;
  return [
    ...incidentsOf([status]).map(() => ({
      status,
      kind: 'state' as const,
      name: state,
      look: isAboveTested(status) ? 'over' : state,
      badge: statusBadge(status, view),
      text: lossStates.includes(state) ? loss : html`${age}${load}${actions}`,
    })),
    ...(status.laggingGroups ?? []).map((group) => ({
      status,
      kind: 'lag' as const,
      name: group.group,
      look: 'near',
      badge: lagBadge(view),
      text: laggingText(cluster, group, view),
    })),
    ...alerts.toSorted(criticalFirst).map((alert) => ({
      status,
      kind: 'alert' as const,
      name: alert.name,
      look: 'near',
      badge: html`<strong class="bad">▲ ${readingsLanguages[view.language].firing}</strong>`,
      text: alertText(cluster, alert, view),
    })),
  ];
}

/** Ends with a link to the group or topic. */
function alertText(cluster: string, alert: AlertMark, view: View): Content {
  const { language, numbers, strings } = view;
  const { name, startMs, severity } = alert;
  return html`<strong><bdi>${name}</bdi></strong
    >${severity !== undefined && html` <span class="kind">${readingsLanguages[language].severity}${strings.colon}<bdi>${severityText(severity, strings)}</bdi></span>`}
    <bdi>${alertSummary(alert, language) ?? ''}</bdi>
    <span class="quiet">${readingsLanguages[language].firingSince(numbers.moment(startMs))}</span>
    ${alertSubject(cluster, alert, view)}`;
}

/** Links to the group or topic; undefined for an alert about neither. */
export function alertSubject(cluster: string, { group, topic }: AlertMark, view: View): Content {
  const [page, subject] = group === undefined ? (['topics', topic] as const) : (['groups', group] as const);
  return subject === undefined ? undefined : namedLink(clusterPath(cluster, page, subject), subject, view);
}

/** Acknowledged items come last, with a mark. */
export function renderAttention(status: ClusterStatus, alerts: readonly AlertMark[], view: View): Content {
  const items = unacknowledgedFirst(attentionOf(status, alerts, view));
  if (items.length === 0) return undefined;
  return html`<ul class="incidents" id="attention" aria-label="${view.strings.pages.fleet.incidents}">
    ${items
      .slice(0, mostItems)
      .map(
        (item) =>
          html`<li class="${item.look}" data-key="${attentionKey(item)}">
            ${item.badge} ${item.text} ${renderAcknowledgement(item, view)}
          </li>`,
      )}
    ${items.length > mostItems && html`<li data-key="more">${readingsLanguages[view.language].moreFiring(view.numbers.plain(mostItems))}</li>`}
  </ul>`;
}

/** Formats `notify is 4 min behind since 03:10, and gains 16 s of lag per minute`, with a link to the group. */
function laggingText(
  cluster: string,
  { group, lagSeconds, lagSecondsPerMinute, since }: NonNullable<ClusterStatus['laggingGroups']>[number],
  view: View,
): Content {
  const { strings, numbers } = view;
  return html`${namedLink(clusterPath(cluster, 'groups', group), group, view)}
  ${strings.pages.fallsBehind(numbers.span(lagSeconds), numbers.until(lagSecondsPerMinute), since && numbers.moment(since))}`;
}
