// Renders the load forecast with its band against the safe maximum, as a chart and a table.

import { html, jsonBlock, type Content } from '../../../core/text/html.ts';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { renderChartTools } from '../chart-tools.ts';
import { prose } from '../layout.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import type { ClusterView, ScheduledJob } from './cluster-view.ts';

/** More points make no visible difference, and longer tables are not read. */
const mostPoints = 200;
const mostRows = 48;

export interface Course {
  section: Content;
  /** Assets that draw it; none without a curve. */
  scripts: readonly string[];
}

/** @param failed text with the time of the failure */
export function renderFailed(
  job: ScheduledJob | undefined,
  failed: (at: string) => string,
  { numbers }: View,
): Content {
  return (
    job?.failed !== undefined &&
    html`<p class="verdict invalid">
      ${failed(numbers.moment(job.failed.at))} <bdi lang="en">${job.failed.reason}</bdi>
    </p>`
  );
}

export function renderCourse({ standing, forecast, loadQuery, jobs }: ClusterView, view: View): Course {
  const { strings, numbers } = view;
  const texts = strings.pages.cluster;
  const job = jobs.find(({ name }) => name === 'forecast');
  const heading = html`<h2 id="ahead">${texts.ahead}</h2>
    ${renderFailed(job, texts.forecastFailed, view)}`;
  if (forecast === undefined)
    return {
      section: html`${heading}
      ${job?.failed === undefined && html`<p class="quiet">${prose(job === undefined ? texts.noForecast : texts.forecastPending)}</p>`}`,
      scripts: [],
    };
  const { peak } = forecast;
  const every = Math.max(1, Math.ceil(forecast.points.length / mostPoints));
  const points = forecast.points.filter((_, index) => index % every === 0);
  const data: CourseData = {
    id: 'course',
    language: view.language,
    axis: `${texts.forecast} (${strings.perSecond})`,
    lines: [{ key: 'tps', label: texts.forecast }],
    band: texts.band,
    points: points.map(({ at, tps, low, high }) => ({ label: numbers.moment(at), tps, low, high })),
    ...safeLine(standing.safeMaxTps, strings.safeMax),
  };
  return {
    section: html`${heading}
      <p>
        ${texts.peak(
          numbers.rate(peak.tps),
          numbers.moment(peak.at),
          numbers.rate(peak.low),
          numbers.rate(peak.high),
          numbers.percent(peak.confidence),
        )}
      </p>
      <figure>
        <div class="canvas" hidden>
          <canvas id="course" role="img" aria-label="${texts.ahead}"></canvas>
        </div>
        ${renderChartTools({ chart: 'course', table: 'course-table', ...(loadQuery && { queries: [loadQuery] }) }, view)}
      </figure>
      <details>
        <summary>${texts.table}</summary>
        ${renderTable(
          'course-table',
          texts.forecast,
          forecast.points.slice(0, mostRows),
          [
            { title: texts.at, text: true, cell: ({ at }) => numbers.moment(at), value: ({ at }) => at },
            { title: strings.rateAxis, cell: ({ tps }) => numbers.rate(tps), value: ({ tps }) => tps },
            {
              title: texts.low,
              cell: ({ low }) => (low === undefined ? '–' : numbers.rate(low)),
              value: ({ low }) => low,
            },
            {
              title: texts.high,
              cell: ({ high }) => (high === undefined ? '–' : numbers.rate(high)),
              value: ({ high }) => high,
            },
          ],
          () => '',
        )}
      </details>
      ${jsonBlock('course-data', data)}`,
    scripts: ['chart.js', 'chart-annotation.js', 'course.js'],
  };
}

/** As assets/course.js draws it: values of the points by the keys of its lines. */
export interface CourseData {
  /** Of its canvas. */
  id: string;
  language: string;
  axis: string;
  lines: readonly { key: string; label: string }[];
  /** Label of the band between `low` and `high`. */
  band?: string;
  points: readonly Readonly<Record<string, string | number | undefined>>[];
  safe?: { label: string; low: number; high?: number };
}

export function safeLine(safe: ClusterStatus['safeMaxTps'], label: string): Pick<CourseData, 'safe'> {
  if (safe === undefined || safe.kind === 'unknown') return {};
  const high = 'interval' in safe ? safe.interval.high : undefined;
  return { safe: { label, low: safe.tps, ...(high !== undefined && { high }) } };
}
