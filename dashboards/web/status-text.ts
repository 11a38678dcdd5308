// Formats the state of a cluster as text, figures and badges.

import { punctuation } from '../../core/text/punctuation.ts';
import type { SafeMaxTps } from '../../core/documents/analysis.ts';
import { type ClusterState, type ClusterStatus, isAboveTested } from '../../core/documents/cluster-status.ts';
import { isOpen, safeTpsOf } from '../../core/documents/safe-tps.ts';
import { type Content, html, type Html } from '../../core/text/html.ts';
import { describeLimit, type View } from './view.ts';

export function stateBadge(state: ClusterState, { strings }: Pick<View, 'strings'>): Html {
  return badge(state, strings.pages.states[state]);
}

/** Returns the badge of a cluster; a rate above the highest tested one has a stronger badge than near the limit. */
export function statusBadge(status: Pick<ClusterStatus, 'state' | 'headroom'>, view: Pick<View, 'strings'>): Html {
  return isAboveTested(status) ? badge('over', view.strings.pages.aboveTested) : stateBadge(status.state, view);
}

/** Returns the badge of a cluster with growing consumer lag. */
export const lagBadge = ({ strings }: Pick<View, 'strings'>): Html => badge('near', strings.pages.lagGrows);

export const badge = (state: ClusterState, text: string) =>
  html`<span class="state ${state}">${stateShape(state)} <span>${text}</span></span>`;

/** @param unit shown after the rate, if no heading states it */
export function safeMaxText(
  { safeMaxTps }: Pick<ClusterStatus, 'safeMaxTps'>,
  { strings, numbers }: View,
  unit?: string,
): Content {
  if (safeMaxTps === undefined) return html`<span class="quiet">${strings.pages.noVerdict}</span>`;
  const tps = safeTpsOf(safeMaxTps);
  if (tps === undefined) return html`<span class="quiet">${strings.unknown}</span>`;
  return html`<strong>${safeMaxTps.kind === 'at-least' ? '≥ ' : ''}${numbers.rate(tps)}</strong> ${unit}
    <span class="kind">${strings.kinds[safeMaxTps.kind]}</span>
    ${
      safeMaxTps.kind === 'observed' &&
      safeMaxTps.tps > tps &&
      html`<span class="quiet">${strings.scaledReading(numbers.rate(safeMaxTps.tps))}</span>`
    }`;
}

/** Formats the confidence interval and the point estimate; the rate to plan with is the lower end of the interval. */
export function intervalText(
  { estimateTps, interval }: Extract<SafeMaxTps, { kind: 'confirmed' | 'predicted' }>,
  { strings, numbers }: View,
): string {
  const [confidence, low] = [numbers.percent(interval.confidence), numbers.rate(interval.low)];
  const range =
    interval.high === undefined
      ? strings.openInterval(confidence, low)
      : strings.interval(confidence, low, numbers.rate(interval.high));
  return `${range}${strings.comma}${strings.estimate(numbers.rate(estimateTps))}`;
}

/** Shows the safe maximum of the brokers that answer first, if some do not. */
export function currentSafeMaxText(status: ClusterStatus, view: View): Content {
  const ofAll = safeMaxText(status, view);
  if (!isPartlyDown(status) || status.safeMaxTps === undefined) return ofAll;
  const { strings, numbers } = view;
  const [figure, of] =
    status.answering === undefined
      ? [strings.unknown, strings.pages.unknownWithout]
      : [numbers.rate(status.answering.tps), strings.pages.ofAnswering];
  return html`<strong>${figure}</strong> ${quiet(of)}
    <span class="quiet">${ofAll} ${strings.pages.ofAllBrokers}</span>`;
}

/** Style of a card by the headroom of the brokers that answer; none for an old reading, as of a cluster that just went down. */
export function headroomKind(status: ClusterStatus): '' | 'safe' | 'full' {
  if (status.now?.isOld) return '';
  const { answering, headroom: ofAll } = status;
  const headroom = ofAll !== undefined && isPartlyDown(status) ? answering && (answering.headroom ?? -1) : ofAll;
  return headroom === undefined ? '' : headroom < 0 ? 'full' : 'safe';
}

const isPartlyDown = ({ brokers = 0, brokersExpected = 0 }: ClusterStatus): boolean =>
  brokers > 0 && brokers < brokersExpected;

export function nowText({ now, noDataSince }: ClusterStatus, { strings, numbers }: View): Content {
  if (now?.isOld) {
    return html`<span class="quiet"
      >${numbers.rate(now.produceTps)}${strings.comma}${strings.pages.old(numbers.moment(now.at))}</span
    >`;
  }
  if (now !== undefined) return html`<strong>${numbers.rate(now.produceTps)}</strong>`;
  if (noDataSince === undefined) return quiet(strings.pages.noDataYet);
  return html`<strong class="bad">${strings.pages.noDataSince(numbers.moment(noDataSince))}</strong>`;
}

export function headroomText(status: ClusterStatus, view: View): Content {
  const { headroom, now, answering } = status;
  const { strings, numbers } = view;
  if (headroom === undefined) return quiet(strings.unknown);
  const text = (share: string) =>
    now?.isOld
      ? quiet(`${share}${strings.comma}${strings.pages.old(numbers.moment(now.at))}`)
      : html`<strong>${share}</strong>`;
  if (!isPartlyDown(status)) return text(numbers.percent(headroom));
  const ofAnswering =
    answering &&
    (answering.headroom === undefined ? strings.pages.fleet.noneAfterLoss : numbers.percent(answering.headroom));
  // The safe maximum beside it states why it is unknown.
  return html`${text(ofAnswering ?? strings.unknown)} ${quiet(strings.pages.ofAnswering)}
  ${quiet(`${numbers.percent(headroom)} ${strings.pages.ofAllBrokers}`)}`;
}

/** @returns undefined if all brokers answer */
export const ofAllBrokersText = (
  { brokers = 0, brokersExpected = 0 }: ClusterStatus,
  { strings }: View,
): string | undefined => (brokers < brokersExpected ? strings.pages.ofAllBrokers : undefined);

/** 0 msg/s if brokers would reject sends after the loss, for which there is no ratio. @returns undefined if unknown */
export function afterLossText(
  { withoutOne }: Pick<ClusterStatus, 'withoutOne'>,
  { strings, numbers }: View,
): string | undefined {
  if (withoutOne?.headroom !== undefined) return numbers.percent(withoutOne.headroom);
  return withoutOne?.tps === 0 ? strings.pages.fleet.noneAfterLoss : undefined;
}

/** False for a rate that was only reached without finding a limit. */
export const hasKnownLimit = ({ safeMaxTps }: ClusterStatus): boolean =>
  safeMaxTps !== undefined && 'limitedBy' in safeMaxTps;

export function bindingText({ binding, safeMaxTps }: ClusterStatus, { strings, numbers }: View): Content {
  const [first] = binding ?? [];
  if (first !== undefined) {
    return html`${limitText(first.limitedBy, strings)}<span class="quiet"
        >${strings.pages.probability(numbers.percent(first.probability))}</span
      >`;
  }
  if (safeMaxTps !== undefined && 'limitedBy' in safeMaxTps) return limitText(safeMaxTps.limitedBy, strings);
  return '–';
}

/** Isolates the text, because it may contain external names of nodes and groups. */
export function limitText(limit: Parameters<typeof describeLimit>[0], strings: View['strings']): Html {
  return html`<bdi>${describeLimit(limit, strings)}</bdi>`;
}

/** Returns `1 of 2 brokers`, or only the number if none is lost. */
export function brokersText(
  { brokers, brokersExpected = brokers }: ClusterStatus,
  { strings: { pages }, numbers }: Pick<View, 'strings' | 'numbers'>,
): Content {
  if (brokers === undefined || brokersExpected === undefined) return undefined;
  if (brokers >= brokersExpected) return pages.fleet.brokers(numbers.plain(brokers));
  return html`<strong class="bad">${pages.brokersUp(numbers.plain(brokers), numbers.plain(brokersExpected))}</strong>`;
}

/** Lists the parts that do not respond, since when, and where to start them. */
export function missingText(
  { cluster, state, missing = [] }: ClusterStatus,
  { strings: { pages }, numbers, language, link }: View,
): Content {
  const { colon, semicolon, open, close } = punctuation[language];
  if (missing.length === 0 && state !== 'down') return undefined;
  const listed = missing.map((each, index) => {
    const seen = each.lastSeenAt === undefined ? pages.neverSeen : pages.lastSeen(numbers.moment(each.lastSeenAt));
    const name = partText(each, pages);
    const linked =
      each.part === 'broker'
        ? html`<a href="${link(`/clusters/${encodeURIComponent(cluster)}/brokers/${encodeURIComponent(each.id)}`)}"
            >${name}</a
          >`
        : name;
    return html`${index > 0 && semicolon}${linked}${open}${seen}${close}`;
  });
  const text = missing.length === 0 ? pages.noBrokerAnswers : html`${pages.notAnswering}${colon}${listed}`;
  // The page of a broker shows its process, or where to look if instances.yaml does not list it.
  const isLinked = missing.length > 0 && missing.every(({ part }) => part === 'broker');
  return html`${text}${!isLinked && html` <a href="${link('/instances')}">${pages.sections.instances}</a>`}`;
}

/** RocketMQ broker names are self-explanatory; Kafka ids need the word broker. */
export const partText = (
  { part, id }: NonNullable<ClusterStatus['missing']>[number],
  { parts }: View['strings']['pages'],
): Html => html`${part === 'broker' && !/^\d+$/.test(id) ? '' : `${parts[part]} `}<bdi>${id}</bdi>`;

/** The verdict gives the time only for all brokers. Prefers the current trend, which needs no forecast and covers the next hours. */
export function toLimitText(status: ClusterStatus, view: View): Content {
  const { strings } = view;
  const { state, forecast, trend, headroom, answering } = status;
  const ofAll = trend?.secondsToLimit ? trendText(status, view) : limitAheadText(status, view);
  if (state === 'down') return quiet(strings.unknown);
  if (!isPartlyDown(status) || (forecast ?? trend?.secondsToLimit) === undefined) return ofAll;
  const isPassed = headroom !== undefined && answering !== undefined && (answering.headroom ?? -1) < 0;
  return html`<strong>${isPassed ? strings.pages.fleet.limitPassed : strings.unknown}</strong>
    ${quiet(strings.pages.ofAnswering + punctuation[view.language].semicolon)}
    <span class="quiet">${ofAll} ${strings.pages.ofAllBrokers}</span>`;
}

function trendText(status: ClusterStatus, view: View): Content {
  const { trend } = status;
  if (trend?.secondsToLimit === undefined) return undefined;
  const { strings, numbers } = view;
  return html`<strong class="bad">${leftText(trend.secondsToLimit, status, view)}</strong>
    <span class="quiet">${strings.pages.atTrend(numbers.span(trend.overSeconds))}</span>`;
}

/** States that the forecast is not scaled, as in alerts, because the event page scales it to the current load. */
export function limitAheadText(status: ClusterStatus, view: View): Content {
  const { forecast, safeMaxTps, headroom = 0 } = status;
  const { strings } = view;
  const texts = strings.pages.fleet;
  const reached = provenTps(safeMaxTps);
  if (headroom < 0) return reached === undefined ? texts.limitPassed : quiet(texts.limitUnknown);
  // Without a safe maximum, nothing in the forecast shows whether it is reached.
  if (safeMaxTps === undefined || safeTpsOf(safeMaxTps) === undefined) return quiet(strings.unknown);
  if (forecast === undefined) return quiet(texts.noForecast);
  const { secondsToLimit, isIncomplete, peak } = forecast;
  const unscaled = strings.aside(texts.unscaled);
  if (secondsToLimit !== undefined) {
    const left = secondsToLimit > 0 ? leftText(secondsToLimit, status, view) : texts.limitPassed;
    return html`${left}${quiet(unscaled)}`;
  }
  if (reached !== undefined && peak.tps >= reached) return quiet(texts.limitUnknown + unscaled);
  return quiet(isIncomplete ? texts.partlyForecast : texts.noLimitAhead + unscaled);
}

const quiet = (text: string): Html => html`<span class="quiet">${text}</span>`;

const leftText = (seconds: number, { safeMaxTps }: ClusterStatus, { strings, numbers }: View): string =>
  provenTps(safeMaxTps) === undefined ? numbers.until(seconds) : strings.pages.atLeast(numbers.until(seconds));

/** @returns the highest rate of a cluster whose safe maximum may be higher; undefined for others */
const provenTps = (safeMaxTps: ClusterStatus['safeMaxTps']): number | undefined =>
  safeMaxTps !== undefined && isOpen(safeMaxTps) ? safeTpsOf(safeMaxTps) : undefined;

const square = html`<path d="M2 2h16v16H2z" />`;
const triangle = html`<path d="M10 2.5 18.5 17h-17z" />`;
const diamond = html`<path d="M10 1l9 9-9 9-9-9z" />`;
const disc = html`<circle cx="10" cy="10" r="8" />`;
const emptyDiamond = html`<path class="hollow" d="M10 1.5l8.5 8.5-8.5 8.5L1.5 10z" />`;
const ring = html`<circle class="hollow" cx="10" cy="10" r="8" />`;
const dashedRing = html`<circle class="hollow" cx="10" cy="10" r="8" stroke-dasharray="3 2" />`;

/** Filled shapes mean that action is needed or all is well; hollow shapes mean that the state may change soon or is unknown. */
const shapes: Record<ClusterState, readonly [outline: Html, sign: string]> = {
  down: [square, 'M6.5 6.5l7 7m0-7l-7 7'],
  degraded: [triangle, 'M10 8v4m0 2.6v.1'],
  over: [diamond, 'M10 14.5V6m-3.2 3L10 5.8 13.2 9'],
  near: [emptyDiamond, 'M10 6v4.6m0 3v.1'],
  stale: [ring, 'M10 5.5V10l3 2'],
  unknown: [dashedRing, 'M7.8 8a2.2 2.2 0 1 1 3.4 2c-.8.5-1.2.9-1.2 1.7m0 2.6v.1'],
  ok: [disc, 'M6 10.4l2.8 2.8L14 7.4'],
};

/** Draws the shape of each cluster state, so that states differ without colour and on paper. */
function stateShape(state: ClusterState): Html {
  const [outline, sign] = shapes[state];
  return html`<svg class="shape" viewBox="0 0 20 20" aria-hidden="true">
    ${outline}
    <path class="sign" d="${sign}" />
  </svg>`;
}
