// Renders the event-day page: clusters by urgency, time to limit and prepared actions.

import { punctuation } from '../../core/text/punctuation.ts';
import type { LimitOutlook } from '../../core/documents/event-outlook.ts';
import type { ActionKind } from '../../core/prepared-action.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { nodeText, quantityText } from '../../core/text/quantity-text.ts';
import { lossStates, type ClusterStatus, type FleetStatus } from '../../core/documents/cluster-status.ts';
import { isOpen, safeTpsOf } from '../../core/documents/safe-tps.ts';
import { dashboardLink } from './dashboard-link.ts';
import { clusterPath } from './cluster/cluster-frame.ts';
import { eventLanguages, type EventTexts } from './event-texts.ts';
import { renderPromotion } from './fleet/fleet-page.ts';
import { clusterLink, commandLine, emptyState, named, prose, renderPage } from './layout.ts';
import {
  bindingText,
  hasKnownLimit,
  headroomText,
  limitAheadText,
  missingText,
  nowText,
  currentSafeMaxText,
  ofAllBrokersText,
  statusBadge,
  toLimitText,
} from './status-text.ts';
import { renderSteps, type ShownAction } from './prepared-change.ts';
import { trustText } from './trust-text.ts';
import type { View } from './view.ts';
import { numberColumn, renderFact, renderTableAlone, textColumn } from './tables.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';

export interface EventCluster {
  status: ClusterStatus;
  outlook: LimitOutlook;
  levers: readonly ShownAction[];
  /** Whether a load test adds to the load of the cluster. */
  isUnderTest: boolean;
}

export interface EventContent extends Pick<FleetStatus, 'at' | 'promotion'> {
  clusters: readonly EventCluster[];
  /** Number of clusters that are not shown. */
  more: number;
}

export function renderEventPage(content: EventContent, view: View): string {
  const texts = eventLanguages[view.language];
  const { clusters, more, at } = content;
  const { strings, numbers, link } = view;
  return renderPage(
    view,
    strings.pages.sections.event,
    html`<h1>${strings.pages.sections.event}</h1>
      <div data-live="event">
        ${renderPromotion(content, view)} ${renderCountdown(content, view, texts)}
        <p class="quiet">
          ${texts.explained}${punctuation[view.language].space}${strings.pages.updated(numbers.moment(at))}
          ${dashboardLink(view, 'plimsoll-promotion')}
        </p>
        ${clusters.length === 0 ? emptyState(texts.none) : clusters.map((each) => renderCluster(each, view, texts))}
        ${more > 0 && html`<p><a href="${link('/')}">${texts.more(numbers.plain(more))}</a></p>`}
        <p class="quiet">${prose(texts.writeDown)}</p>
      </div>`,
  );
}

function renderCluster({ status, outlook, levers, isUnderTest }: EventCluster, view: View, texts: EventTexts): Html {
  const { strings } = view;
  const { cluster } = status;
  return html`<section class="event" data-key="${cluster}">
    <h2>${clusterLink(cluster, view)} ${statusBadge(status, view)}</h2>
    <dl class="facts">
      ${renderFact(`${strings.pages.now}${strings.inPerSecond}`, nowText(status, view))}
      ${renderFact(`${strings.safeMax}${strings.inPerSecond}`, currentSafeMaxText(status, view))}
      ${renderFact(strings.pages.headroom, headroomText(status, view))}
      ${hasKnownLimit(status) && renderFact(strings.limitedBy, bindingText(status, view))}
      ${renderFact(texts.trust, trustText(status, view))}
    </dl>
    ${lossStates.includes(status.state) && html`<p class="verdict invalid">${missingText(status, view)}</p>`}
    ${status.noDataSince !== undefined && status.state !== 'down' && html`<p class="verdict invalid">${prose(texts.noReadings(quotedWord(cluster)))}</p>`}
    ${status.state !== 'down' && html`${renderSlope(status, view, texts)} ${renderOutlook(outlook, status, view, texts)}`}
    ${renderActions({ status, levers, isUnderTest }, view)}
  </section>`;
}

/** Renders what to do first, the prepared actions, and what also helps. */
export function renderActions({ status, levers, isUnderTest }: Omit<EventCluster, 'outlook'>, view: View): Content {
  const texts = eventLanguages[view.language];
  const { cluster, state, loadState } = status;
  return html`${lossStates.includes(state) && html`<p><strong>${texts.restore}</strong></p>`}
  ${
    isUnderTest &&
    html`<p class="verdict invalid">
      <a href="${view.link(clusterPath(cluster, 'load-test'))}">${texts.stopTest}</a>
    </p>`
  }
  ${state !== 'down' && renderLevers(levers, view, texts)} ${loadState === 'over' && html`<p>${texts.remaining}</p>`}`;
}

function renderCountdown({ promotion, at }: EventContent, { numbers }: View, texts: EventTexts): Content {
  if (promotion === undefined) return undefined;
  const { isOn, from, to } = promotion;
  const seconds = Math.max(0, (Date.parse(isOn ? to : from) - Date.parse(at)) / 1000);
  return html`<p class="figure words">${(isOn ? texts.endsIn : texts.beginsIn)(numbers.until(seconds))}</p>`;
}

/** Renders the time to the limit at the current trend, which needs no forecast. */
function renderSlope(status: ClusterStatus, view: View, texts: EventTexts): Content {
  const { now, safeMaxTps, trend } = status;
  const safeTps = safeMaxTps && safeTpsOf(safeMaxTps);
  if (now === undefined || now.isOld || safeTps === undefined || now.produceTps > safeTps) return undefined;
  return trend?.secondsToLimit === undefined
    ? html`<p>${trend === undefined || trend.tpsPerSecond <= 0 ? texts.noSlope : texts.slopeTooSmall}</p>`
    : html`<p>
        <strong>${view.strings.pages.fleet.toLimit}${view.strings.colon}${toLimitText(status, view)}</strong>
      </p>`;
}

function renderOutlook(outlook: LimitOutlook, status: ClusterStatus, view: View, texts: EventTexts): Content {
  const { headroom = 0, safeMaxTps, forecast } = status;
  const isMaximum = safeMaxTps === undefined || !isOpen(safeMaxTps);
  const { over, title } = isMaximum
    ? { over: texts.over, title: texts.chances }
    : { over: texts.overProven, title: texts.chancesProven };
  // Not the state, which is that of lost brokers before that of the load.
  if (outlook.kind === 'unknown') return html`<p>${headroom < 0 ? over : texts.missing[outlook.missing]}</p>`;
  const { numbers, strings } = view;
  const { minutes, chances, isOver, scaledBy = 1 } = outlook;
  const factor = quantityText(scaledBy);
  const span = (value: number) => numbers.span(60 * value);
  const until = (value: number) => numbers.until(60 * Math.max(1, value));
  const last = chances.at(-1) ?? { withinMinutes: 0, probability: 0 };
  // The chance rises no more after the peak.
  const risen = chances.find(({ probability }) => probability === last.probability) ?? last;
  const { colon, list } = punctuation[view.language];
  const chanceIn = (chance: number, value: number | undefined) =>
    value === undefined ? [] : [texts.chanceWithin(numbers.percent(chance), until(value))];
  const line = isOver
    ? over
    : title +
      colon +
      (minutes.even === undefined
        ? [
            // Almost at the peak, a second time would say nothing more.
            ...((minutes.unlikely ?? Infinity) < 0.9 * risen.withinMinutes ? chanceIn(0.1, minutes.unlikely) : []),
            texts.chanceWithin(numbers.percent(risen.probability), span(risen.withinMinutes)),
            ...(risen === last ? [] : [texts.noMore(span(last.withinMinutes))]),
          ]
        : [...chanceIn(0.1, minutes.unlikely), ...chanceIn(0.5, minutes.even), ...chanceIn(0.9, minutes.likely)]
      ).join(list);
  return html`<p><strong>${line}</strong> <span class="quiet">${ofAllBrokersText(status, view)}</span></p>
    ${
      !isOver &&
      html`<h3>${title}</h3>
        ${renderTableAlone(
          `${title}${punctuation[view.language].colon}${status.cluster}`,
          [chances],
          [
            textColumn(texts.within, () => texts.chance),
            ...chances.map(({ withinMinutes, probability }) =>
              numberColumn(span(withinMinutes), () => numbers.percent(probability)),
            ),
          ],
        )}
        <p class="quiet">
          ${safeMaxTps && 'interval' in safeMaxTps ? texts.lowerEnd : strings.pages.fleet.toLimit}${strings.colon}${limitAheadText(status, view)}
          ${ofAllBrokersText(status, view)}
        </p>`
    }
    ${
      factor !== quantityText(1) &&
      forecast !== undefined &&
      html`<p class="quiet">
        ${texts.scaled(factor, numbers.rate(scaledBy * forecast.peak.tps), numbers.moment(forecast.peak.at))}
      </p>`
    }`;
}

function renderLevers(levers: readonly ShownAction[], view: View, texts: EventTexts): Content {
  if (levers.length === 0) return undefined;
  const ready = levers.filter((lever) => lever.kind === 'ready');
  const others = levers.filter((lever) => lever.kind === 'no-gain');
  return html`<h3>${texts.levers}</h3>
    ${
      ready.length === 0
        ? html`<p>${texts.noneReady}</p>`
        : html`<div class="cards">${ready.map((lever) => renderLever(lever, view, texts))}</div>`
    }
    ${
      others.length > 0 &&
      html`<details class="printed">
        <summary>${texts.without}${view.strings.aside(view.numbers.plain(others.length))}</summary>
        <ul class="quiet">
          ${others.map(({ lever, reason }) => html`<li>${texts.names[lever]}${punctuation[view.language].colon}${prose(texts.reasons[reason])}</li>`)}
        </ul>
      </details>`
    }`;
}

/** Actions whose targets are brokers; other targets are topics. */
const brokerActions: ReadonlySet<ActionKind> = new Set(['leader-move', 'queue-spread']);

function renderLever(
  { lever, gain, targets, commands, evidence, evidenceZh, steps }: Extract<ShownAction, { kind: 'ready' }>,
  view: View,
  texts: EventTexts,
): Html {
  const { numbers, strings, language } = view;
  const { low, high } = gain;
  const targetName = (name: string) => (brokerActions.has(lever) ? nodeText(name, language) : name);
  const targetRate = (tps: number) => `${numbers.rate(tps)} ${strings.perSecond}`;
  const range = low === high ? numbers.rate(high) : `${numbers.rate(low)}–${numbers.rate(high)}`;
  const rateText = lever === 'quota' ? texts.atMost : texts.held;
  return html`<div class="card lever" data-key="${lever}">
    <h4>${texts.names[lever]}</h4>
    <p><strong>${range}</strong> ${texts.gains[lever]}</p>
    <ul>
      ${targets.map(
        ({ name, nowTps, toTps }) =>
          html`<li>
            ${named(targetName(name))}${punctuation[language].colon}${toTps === undefined ? texts.now(targetRate(nowTps)) : rateText(targetRate(nowTps), targetRate(toTps))}
          </li>`,
      )}
    </ul>
    ${commands.map((command) => html`<p>${commandLine(command)}</p>`)} ${renderSteps(steps, view)}
    <p class="quiet">${language === 'zh' ? evidenceZh : evidence}</p>
  </div>`;
}
