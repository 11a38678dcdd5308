// Renders what of a cluster needs attention now: its state, consumer groups whose lag grows, and alerts that fire.

import { incidentsOf, isAboveTested, lossStates, type ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { renderAcknowledgement, unacknowledgedFirst } from '../acknowledge.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import { alertSummary, type AlertMark } from '../readings/readings-view.ts';
import { brokersText, headroomText, lagBadge, laggingText, missingText, standingBadge } from '../standing-text.ts';
import type { View } from '../view.ts';

interface AttentionItem {
  standing: ClusterStatus;
  kind: 'state' | 'lag' | 'alert';
  name: string;
  look: string;
  badge: Content;
  text: Content;
}

/** @param alerts that fire */
export function attentionOf(standing: ClusterStatus, alerts: readonly AlertMark[], view: View): AttentionItem[] {
  const { fleet } = view.strings.pages;
  const { cluster, state } = standing;
  const headroom = html`${fleet.headroomIs} ${headroomText(standing, view)}`;
  const loss = html`${brokersText(standing, view)} <span class="quiet">${missingText(standing, view)}</span>`;
  return [
    ...incidentsOf([standing]).map(() => ({
      standing,
      kind: 'state' as const,
      name: state,
      look: isAboveTested(standing) ? 'over' : state,
      badge: standingBadge(standing, view),
      text: lossStates.includes(state) ? loss : headroom,
    })),
    ...(standing.laggingGroups ?? []).map((group) => ({
      standing,
      kind: 'lag' as const,
      name: group.group,
      look: 'near',
      badge: lagBadge(view),
      text: laggingText({ cluster, ...group }, view),
    })),
    ...alerts.map((alert) => ({
      standing,
      kind: 'alert' as const,
      name: alert.name,
      look: 'near',
      badge: html`<strong class="bad">▲ ${readingsLanguages[view.language].firing}</strong>`,
      text: alertText(alert, view),
    })),
  ];
}

function alertText(alert: AlertMark, { language, numbers }: View): Content {
  const { name, startMs, severity } = alert;
  return html`<strong><bdi>${name}</bdi></strong
    >${severity !== undefined && html` <span class="kind"><bdi>${severity}</bdi></span>`}
    <bdi>${alertSummary(alert, language) ?? ''}</bdi>
    <span class="quiet">${numbers.moment(new Date(startMs).toISOString())}</span>`;
}

/** Acknowledged items are last, and marked. */
export function renderAttention(standing: ClusterStatus, alerts: readonly AlertMark[], view: View): Content {
  const items = unacknowledgedFirst(attentionOf(standing, alerts, view));
  if (items.length === 0) return undefined;
  return html`<ul class="incidents" id="attention" aria-label="${view.strings.pages.fleet.incidents}">
    ${items.map((item) => html`<li class="${item.look}">${item.badge} ${item.text} ${renderAcknowledgement(item, view)}</li>`)}
  </ul>`;
}
