// Compares the panels of a dashboard with the data that Prometheus has for them.

import type { RunningPrometheus } from '../support/prometheus.ts';
import { filledIn, gridsOf, type Panel } from '../support/dashboard-parts.ts';
import type { Dashboard } from '../../dashboards/grafana/dashboard.ts';
import type { DrawnPanel, Drawing } from './drawn-dashboard.ts';

interface Judged {
  prometheus: Pick<RunningPrometheus, 'url'>;
  span: Span;
  /** Scrape interval, as configured in Grafana's data source. */
  scrapeSeconds: number;
}

export interface Span {
  fromMs: number;
  toMs: number;
}

/**
 * @param dashboard the rendered dashboard, with its rows open or folded
 * @returns titles of panels without data, with the reason that the panel shows
 */
export async function judge(dashboard: Dashboard, drawing: Drawing, { prometheus, span, scrapeSeconds }: Judged) {
  const faults = drawing.complaints.map((complaint) => `${dashboard.title}: ${complaint}`);
  const withoutData: string[] = [];
  let withData = 0;
  const drawn = new Map(drawing.panels.map((panel) => [panel.id, panel]));
  const [open = []] = gridsOf(dashboard);
  for (const panel of open.filter(({ type }) => type !== 'row')) {
    const { id = NaN, title = '' } = panel;
    const name = `${dashboard.title} / ${title}`;
    const shown = drawn.get(id);
    if (shown === undefined) {
      faults.push(`${name}: not drawn`);
      continue;
    }
    if (shown.hasError) faults.push(`${name}: shows an error: ${shown.text.slice(0, 200)}`);
    const reason = panel.fieldConfig?.defaults.noValue ?? '';
    // A table cell may lack its value, and one of several figures its series.
    const isMarkedEmpty = shown.text.includes(reason) || /\bNo data\b/.test(shown.text);
    const isEmpty =
      panel.type === 'stat' || panel.type === 'table' ? !hasContent(panel, shown) : isMarkedEmpty || !shown.isFilled;
    if (await hasData(panel, { prometheus, span, scrapeSeconds })) {
      withData++;
      if (isEmpty) faults.push(`${name}: has no data, but Prometheus has: ${shown.text.slice(0, 120)}`);
      if (panel.type === 'state-timeline' && bareNumber.test(shown.text))
        faults.push(`${name}: shows numbers in place of states: ${shown.text.slice(0, 120)}`);
      continue;
    }
    withoutData.push(`${title} (${reason})`);
    if (hasReason(panel) && !shown.text.includes(reason))
      faults.push(`${name}: does not say why it is empty: ${shown.text.slice(0, 120)}`);
  }
  return { withData, withoutData, faults };
}

/** A number in the legend of a state timeline, for which the bands are drawn on a canvas. */
const bareNumber = /^-?[\d.]+(?: [KM])?$/m;

/** Grafana has fixed texts for an empty table or state timeline; their descriptions contain the reason. */
const hasReason = ({ type }: Panel) => type === 'timeseries' || type === 'stat';

/** A table must have rows; a figure must show more than its title and the reason for missing data. */
function hasContent({ type, title = '', fieldConfig }: Panel, { text, isFilled }: DrawnPanel): boolean {
  if (type === 'table') return isFilled;
  const rest = text
    .replace(title, '')
    .replaceAll(fieldConfig?.defaults.noValue ?? '', '')
    .replace('No data', '');
  return rest.trim() !== '';
}

/** `$__rate_interval` in Grafana is at least four scrapes. */
async function hasData(
  { targets = [] }: Panel,
  { prometheus: { url }, span: { fromMs, toMs }, scrapeSeconds }: Judged,
): Promise<boolean> {
  for (const { expr, instant } of targets) {
    const query = filledIn(expr).replaceAll('[4m]', `[${4 * scrapeSeconds}s]`);
    const parameters = { query, start: String(fromMs / 1000), end: String(toMs / 1000), step: '15' };
    const [path, given] =
      instant === true ? ['query', { query, time: String(toMs / 1000) }] : ['query_range', parameters];
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(given).toString()}`);
    const answer = (await response.json()) as {
      error?: string;
      data?: { result: { value?: [number, string]; values?: [number, string][] }[] };
    };
    if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`);
    const samples = answer.data.result.flatMap(({ value, values = [] }) => (value === undefined ? values : [value]));
    if (samples.some(([, value]) => value !== 'NaN')) return true;
  }
  return false;
}
