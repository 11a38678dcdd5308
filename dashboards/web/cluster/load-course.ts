// Renders the load forecast with its band against the safe maximum, as a chart and a table.

import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { ifKnown, quantityText } from '../../../core/text/quantity-text.ts';
import { prose, translated } from '../layout.ts';
import { renderForecast, safeLimit, type DrawnSection } from '../line-charts.ts';
import type { View } from '../view.ts';
import type { ClusterView, ScheduledJob } from './cluster-view.ts';

/** @param failed text with the time of the failure */
export function renderFailed(job: ScheduledJob | undefined, failed: (at: string) => string, view: View): Content {
  return (
    job?.failed !== undefined &&
    html`<p class="verdict invalid">
      ${failed(view.numbers.moment(job.failed.at))}
      <bdi>${translated(job.failed.reason, job.failed.reasonZh, view)}</bdi>
    </p>`
  );
}

function peakText({ peak }: RecordedForecast, { strings, numbers }: View): string {
  const texts = strings.pages.cluster;
  const { low, high } = peak;
  const [rate, at] = [numbers.rate(peak.tps), numbers.moment(peak.at)];
  if (low === undefined || high === undefined) return texts.peakWithoutInterval(rate, at);
  return texts.peak(rate, at, numbers.rate(low), numbers.rate(high), numbers.percent(peak.confidence));
}

/** @returns the factor of the current load, as text; undefined if the load agrees with its forecast */
const scaleText = ({ scaledBy = 1 }: Pick<ClusterView, 'scaledBy'>): string | undefined =>
  quantityText(scaledBy) === quantityText(1) ? undefined : quantityText(scaledBy);

/** Renders the factor of the current load, for figures that are computed from the forecast itself. */
export function renderUnscaled(
  content: Pick<ClusterView, 'forecast' | 'scaledBy'>,
  { strings, numbers }: View,
  neededTps?: number,
): Content {
  const { forecast, scaledBy = 1 } = content;
  const factor = scaleText(content);
  if (forecast === undefined || factor === undefined) return undefined;
  const needed = ifKnown(neededTps, (tps) => numbers.rate(scaledBy * tps));
  return html`<p>${strings.pages.cluster.unscaledForecast(factor, needed)}</p>`;
}

export function renderCourse(content: ClusterView, view: View): DrawnSection {
  const { status, forecast, loadQuery, jobs, scaledBy = 1 } = content;
  const { strings, numbers } = view;
  const factor = scaleText(content);
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
  const { section, scripts } = renderForecast(
    texts.ahead,
    {
      points: forecast.points,
      limits: safeLimit(status.safeMaxTps, strings.safeMax),
      queries: loadQuery ? [loadQuery] : [],
    },
    view,
  );
  return {
    section: html`${heading}
      <p>
        ${factor !== undefined && html`<strong>${texts.scaledPeak(factor, numbers.rate(scaledBy * forecast.peak.tps), numbers.moment(forecast.peak.at))}</strong> `}${peakText(forecast, view)}
        ${forecast.excluded !== undefined && texts.peakExcludes(forecast.excluded.join(strings.list))}
      </p>
      ${section}`,
    scripts,
  };
}
