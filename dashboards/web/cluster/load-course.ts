// Where is the load going, held against the safe maximum? A curve of the forecast with its band, and the same as a table.

import { html, jsonBlock, type Content } from '../../../core/html.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import type { ClusterView } from './cluster-view.ts';

/** A curve of more points cannot be told from this one, and a table of more is not read. */
const mostPoints = 200;
const mostRows = 48;

export interface Course {
  section: Content;
  /** Assets that draw it; none without a curve. */
  scripts: readonly string[];
}

export function renderCourse({ standing, forecast }: ClusterView, view: View): Course {
  const { strings, numbers } = view;
  const words = strings.pages.cluster;
  const heading = html`<h2 id="ahead">${words.ahead}</h2>`;
  if (forecast === undefined)
    return {
      section: html`${heading}
        <p class="quiet">${words.noForecast}</p>`,
      scripts: [],
    };
  const { peak } = forecast;
  const every = Math.max(1, Math.ceil(forecast.points.length / mostPoints));
  const points = forecast.points.filter((_, index) => index % every === 0);
  const data = {
    language: view.language,
    labels: {
      rate: strings.rateAxis,
      time: strings.trialAxis,
      forecast: words.forecast,
      band: words.band,
      safe: strings.safeMax,
    },
    points: points.map(({ at, tps, low, high }) => ({ at, label: numbers.moment(at), tps, low, high })),
    safe: safeLine(standing.safeMaxTps),
  };
  return {
    section: html`${heading}
      <p>
        ${words.peak(
          numbers.rate(peak.tps),
          numbers.moment(peak.at),
          numbers.rate(peak.low),
          numbers.rate(peak.high),
          numbers.percent(peak.confidence),
        )}
      </p>
      <figure>
        <div class="canvas" hidden>
          <canvas id="course" role="img" aria-label="${words.ahead}"></canvas>
        </div>
        <p class="tools" hidden data-for="course">
          <button type="button" data-png="course">PNG</button>
          <button type="button" data-copy="${words.copied}">${words.copyLink}</button>
        </p>
      </figure>
      <details>
        <summary>${words.table}</summary>
        ${renderTable(
          'course-table',
          words.forecast,
          forecast.points.slice(0, mostRows),
          [
            { title: words.at, text: true, cell: ({ at }) => numbers.moment(at) },
            { title: strings.rateAxis, cell: ({ tps }) => numbers.rate(tps) },
            { title: words.low, cell: ({ low }) => (low === undefined ? '–' : numbers.rate(low)) },
            { title: words.high, cell: ({ high }) => (high === undefined ? '–' : numbers.rate(high)) },
          ],
          () => '',
        )}
      </details>
      ${jsonBlock('course-data', data)}`,
    scripts: ['chart.js', 'chart-annotation.js', 'course.js'],
  };
}

function safeLine(safe: ClusterView['standing']['safeMaxTps']): { low: number; high?: number } | undefined {
  if (safe === undefined || safe.kind === 'unknown') return undefined;
  const high = 'interval' in safe ? safe.interval.high : undefined;
  return { low: safe.tps, ...(high !== undefined && { high }) };
}
