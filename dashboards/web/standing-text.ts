// Formats the state of a cluster as text, figures and badges.

import type { ClusterStatus, ClusterState } from '../../core/documents/cluster-status.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { describeLimit } from './strings.ts';
import type { View } from './view.ts';

/** Also shown by shape and text, for readers who see no colours. */
const signs = { over: '✕', near: '!', stale: '↻', unknown: '?', ok: '✓' } satisfies Record<ClusterState, string>;

export function stateBadge(state: ClusterState, { strings }: Pick<View, 'strings'>): Html {
  return html`<span class="state ${state}"
    ><span class="symbol" aria-hidden="true">${signs[state]}</span> ${strings.pages.states[state]}</span
  >`;
}

export function safeMaxText({ safeMaxTps }: Pick<ClusterStatus, 'safeMaxTps'>, { strings, numbers }: View): Content {
  if (safeMaxTps === undefined) return html`<span class="quiet">${strings.pages.noVerdict}</span>`;
  if (safeMaxTps.kind === 'unknown') return html`<span class="quiet">${strings.unknown}</span>`;
  return html`<strong>${safeMaxTps.kind === 'at-least' ? '≥ ' : ''}${numbers.rate(safeMaxTps.tps)}</strong>
    <span class="kind">${strings.kinds[safeMaxTps.kind]}</span>`;
}

export function nowText({ now, noDataSince }: ClusterStatus, { strings, numbers }: View): Content {
  if (now !== undefined) return html`<strong>${numbers.rate(now.produceTps)}</strong>`;
  const texts =
    noDataSince === undefined ? strings.pages.noDataYet : strings.pages.noDataSince(numbers.moment(noDataSince));
  return html`<span class="quiet">${texts}</span>`;
}

export function headroomText({ headroom }: ClusterStatus, { strings, numbers }: View): Content {
  if (headroom === undefined) return html`<span class="quiet">${strings.unknown}</span>`;
  return html`<strong>${numbers.percent(headroom)}</strong>`;
}

export function bindingText({ binding, safeMaxTps }: ClusterStatus, { strings, numbers }: View): Content {
  const [first] = binding ?? [];
  if (first !== undefined) {
    return html`${limitText(first.limitedBy, strings)}
      <span class="quiet">${strings.pages.probability(numbers.percent(first.probability))}</span>`;
  }
  if (safeMaxTps !== undefined && 'limitedBy' in safeMaxTps) return limitText(safeMaxTps.limitedBy, strings);
  return '–';
}

/** Nodes and groups are named by others. */
export function limitText(limit: Parameters<typeof describeLimit>[0], strings: View['strings']): Html {
  return html`<bdi>${describeLimit(limit, strings)}</bdi>`;
}

export function toLimitText({ forecast }: ClusterStatus, { strings, numbers }: View): Content {
  const { noForecast, noLimitAhead, limitPassed } = strings.pages.fleet;
  if (forecast === undefined) return html`<span class="quiet">${noForecast}</span>`;
  if (forecast.secondsToLimit === undefined) return html`<span class="quiet">${noLimitAhead}</span>`;
  if (forecast.secondsToLimit <= 0) return limitPassed;
  return strings.pages.inSpan(numbers.span(forecast.secondsToLimit));
}
