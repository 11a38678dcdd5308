// Renders the traffic of a past day: a form for the date, a chart by hour and a table.

import { forKind } from '../../../core/kind-table.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { renderReason } from '../broker-reason.ts';
import { renderChartTools } from '../chart-tools.ts';
import { keptFields, prose } from '../layout.ts';
import { linesBlock, renderCanvas, safeLimit, type DrawnSection, type LineChart } from '../line-charts.ts';
import { figureColumn, renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import type { RequestedDay, DayAnswer, DayContent, DayHour } from './day-view.ts';

const hourSeconds = 3600;

export function renderDay(day: DayContent, status: ClusterStatus, view: View): DrawnSection {
  const texts = clusterLanguages[view.language];
  const { requested } = day;
  const isDrawn = requested.kind === 'answered' && requested.answer.kind === 'answered';
  return {
    section: html`<h2 id="day">${texts.pastDay}</h2>
      ${renderForm(day, view)} ${renderAnswer(requested, status, view)}`,
    scripts: isDrawn ? ['chart.js', 'lines.js'] : [],
  };
}

function renderForm(
  { today, yesterday, requested }: DayContent,
  { language, query, path, prefix, here, timeZone }: View,
): Html {
  const texts = clusterLanguages[language];
  const chosen = 'day' in requested ? requested.day : '';
  const choice = (day: string | undefined, text: string) =>
    html`<a href="${here({ day })}#day" ${day !== undefined && day === chosen && html`aria-current="true"`}
      >${text}</a
    > `;
  return html`<form class="filter" method="get" action="${prefix}${path}#day">
    ${keptFields(query, ['day'])}
    <label
      >${texts.day(timeZone)}
      <input
        type="date"
        name="day"
        value="${chosen}"
        max="${today}"
        ${requested.kind === 'not-a-day' && html`aria-invalid="true" aria-describedby="day-fault"`}
    /></label>
    <button>${texts.showDay}</button>
    <span class="ways"
      >${choice(today, texts.today)} ${choice(yesterday, texts.yesterday)}
      ${requested.kind !== 'not-requested' && choice(undefined, texts.noDay)}</span
    >
  </form>`;
}

function renderAnswer(requested: RequestedDay, status: ClusterStatus, view: View): Content {
  const texts = clusterLanguages[view.language];
  return forKind<RequestedDay, Content>(requested, {
    'not-requested': () => undefined,
    'not-a-day': ({ text }) => html`<p class="verdict invalid" id="day-fault">${texts.notADay} <bdi>${text}</bdi></p>`,
    'no-source': () => html`<p>${prose(texts.noSource)}</p>`,
    unanswered: ({ reason }) =>
      html`<p class="verdict invalid">${texts.sourceUnanswered} ${renderReason(reason, view)}</p>`,
    answered: ({ day, answer }) => renderAnsweredDay(day, answer, status, view),
  });
}

function renderAnsweredDay(day: string, answer: DayAnswer, status: ClusterStatus, view: View): Content {
  const texts = clusterLanguages[view.language];
  const { pages } = view.strings;
  return forKind(answer, {
    ahead: () => html`<p>${texts.dayAhead(day)}</p>`,
    'no-data': ({ lastDay, firstDay }) =>
      html`<p>
        ${texts.noDataOf(day)}${lastDay !== undefined && ` ${pages.noDataSince(lastDay)}.`}${firstDay !== undefined && ` ${texts.dataFrom(firstDay)}`}
      </p>`,
    answered: (answered) => renderHours(day, answered, status, view),
  });
}

type Counted = 'produced' | 'consumed';
type AnsweredDay = Extract<DayAnswer, { kind: 'answered' }>;

function renderHours(
  day: string,
  { hours, to, isWhole, queries }: AnsweredDay,
  status: ClusterStatus,
  view: View,
): Html {
  const { strings, numbers, language } = view;
  const texts = clusterLanguages[language];
  const { cluster: shared } = strings.pages;
  const has = (which: Counted) => hours.some((hour) => hour[which] !== undefined);
  const missing = hours.filter(({ produced, consumed }) => produced === undefined && consumed === undefined).length;
  const rate = (hour: DayHour, which: Counted) => {
    const messages = hour[which];
    return messages === undefined ? undefined : messages / secondsOf(hour, to);
  };
  const unknown = html`<span class="quiet">${strings.unknown}</span>`;
  const column = (which: Counted, title: string) =>
    figureColumn<DayHour>(title, (hour) => rate(hour, which), numbers.rate, unknown);
  const line = (which: Counted, label: string) =>
    has(which) ? [{ label, values: hours.map((hour) => rate(hour, which)) }] : [];
  const chart: LineChart = {
    id: 'day-course',
    unit: 'rate',
    axis: texts.ratePerHour,
    x: hours.map(({ at }) => numbers.time(at)),
    lines: [...line('produced', texts.producedOfDay), ...line('consumed', texts.deliveredOfDay)],
    limits: safeLimit(status.safeMaxTps, texts.safeMaxProduced),
  };
  return html`<p>
      ${total(texts.producedOfDay, { hours, to }, 'produced', view)}
      ${total(texts.deliveredOfDay, { hours, to }, 'consumed', view)} ${!isWhole && texts.notOver}
      ${missing > 0 && html`<strong>${texts.hoursMissing(numbers.plain(missing), numbers.plain(hours.length))}</strong>`}
    </p>
    <figure>
      ${renderCanvas('day-course', `${texts.pastDay} ${day}`)}
      ${renderChartTools({ chart: 'day-course', table: 'day-hours', queries }, view)}
    </figure>
    <details>
      <summary>${shared.table}</summary>
      ${renderTable<DayHour>('day-hours', texts.byHour(day), hours, [
        { title: shared.at, text: true, cell: ({ at }) => numbers.moment(at), value: ({ at }) => at },
        column('produced', shared.produced),
        has('consumed') && column('consumed', shared.delivered),
      ])}
    </details>
    ${linesBlock('day-data', { charts: [chart] })}`;
}

/** Length of an hour; an incomplete hour counts for the time that has passed. */
const secondsOf = ({ at }: DayHour, to: string) =>
  Math.min(hourSeconds, Math.max(1, (Date.parse(to) - Date.parse(at)) / 1000));

/** Formats the sum of known hours, and their mean rate. */
function total(
  what: string,
  { hours, to }: Pick<AnsweredDay, 'hours' | 'to'>,
  which: Counted,
  { numbers, strings, language }: View,
): Content {
  const known = hours.filter((hour) => hour[which] !== undefined);
  if (known.length === 0) return `${what}${strings.colon}${strings.unknown}`;
  const messages = known.reduce((sum, hour) => sum + (hour[which] ?? 0), 0);
  const mean = messages / known.reduce((sum, hour) => sum + secondsOf(hour, to), 0);
  return clusterLanguages[language].totalOfDay(what, numbers.plain(Math.round(messages)), numbers.rate(mean));
}
