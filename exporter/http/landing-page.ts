// Renders the exporter's landing page: the state of each cluster, host and collector.

import type { Section } from '../../brokers/snapshot.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import type { CanaryState } from '../../brokers/canary/canary.ts';
import type { CollectorState, TargetState } from '../scrape-target.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';

export function renderLandingPage(
  states: readonly TargetState[],
  modules: readonly string[],
  canaries: readonly CanaryState[],
): string {
  const targets =
    states.length === 0
      ? html`<p>Nothing was scraped yet: open <a href="/metrics">/metrics</a> or point Prometheus at it.</p>`
      : states.map(targetOf);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Plimsoll exporter</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>Plimsoll exporter</h1>
        <p>
          <a href="/metrics">Metrics</a> of the clusters and hosts below, for Prometheus to scrape;
          <a href="/-/healthy">healthy</a>, <a href="/-/ready">ready</a>. What stands here is of the last scrape.
        </p>
        ${modules.length > 0 && html`<p>Other clusters: <code>/probe?target=HOST:PORT&amp;module=MODULE</code> with module ${modules.join(', ')}.</p>`}
        ${canaries.map(canaryOf)} ${targets}
      </body>
    </html>`.text;
}

/** Colours for light and dark backgrounds; the state is also shown as text. */
const style = `
  :root { --ground: #fff; --text: #1d2b33; --quiet: #5b6b74; --line: #d8e0e4; --good: #14724a; --bad: #b3261e; --odd: #8a5a00; }
  @media (prefers-color-scheme: dark) {
    :root { --ground: #10171c; --text: #d6dfe4; --quiet: #93a3ac; --line: #2b3942; --good: #58c48d; --bad: #ff8a80; --odd: #e6ad4a; }
  }
  body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 0.25rem; }
  a { color: inherit; }
  p { margin: 0.25rem 0 0.75rem; } .quiet { color: var(--quiet); }
  .good { color: var(--good); } .bad { color: var(--bad); } .odd { color: var(--odd); }
  .state { font-weight: 600; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
  th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
  th { color: var(--quiet); font-weight: 500; } th:first-child { width: 24%; } th:last-child { width: 40%; } td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
`;

function targetOf(target: TargetState): Html {
  const { reason, readSeconds, sections } = target;
  const left = Object.entries(target.shed).filter(([, count]) => count > 0);
  return html`<section>
    <h2>${target.label} ${target.name} ${stateOf(target.isUp, 'up', 'down')}</h2>
    ${reason !== undefined && html`<p class="bad">${reason}</p>`}
    <p class="quiet">
      ${target.series} series; read in ${duration(readSeconds)} at ${target.at.toISOString().replace(/\.\d+Z$/, 'Z')}
      ${left.length > 0 && html`<span class="odd">; left out for the limit: ${left.map(([detail, count]) => `${count} of ${detail}s`).join(', ')}</span>`}
    </p>
    ${table(['collector', 'state', '*took', 'reason'], target.collectors.map(collectorRow))}
    ${sections.length > 0 && table(['part', 'broker', 'state', '*took', '*age', 'reason'], sections.map(sectionRow))}
  </section>`;
}

function canaryOf({ cluster, topic, reason, brokers }: CanaryState): Html {
  return html`<section>
    <h2>canary of ${cluster} ${stateOf(reason === undefined, 'sending', 'waiting')}</h2>
    ${reason !== undefined && html`<p class="bad">${reason}</p>`}
    <p class="quiet">topic ${topic}</p>
    ${table(['broker', 'last message', '*round trip', 'reason'], brokers.map(canaryRow))}
  </section>`;
}

const stateOf = (isGood: boolean, good: string, bad: string): Html =>
  html`<span class="state ${isGood ? 'good' : 'bad'}">${isGood ? good : bad}</span>`;

function canaryRow({ broker, roundTripSeconds, reason }: CanaryState['brokers'][number]): Html {
  return row([broker, stateOf(reason === undefined, 'read', 'failed'), number(duration(roundTripSeconds)), reason]);
}

function collectorRow({ name, isSuccess, durationSeconds, reason }: CollectorState): Html {
  return row([name, stateOf(isSuccess, 'answered', 'missing'), number(duration(durationSeconds)), reason]);
}

const tones: Readonly<Record<Section['kind'], string>> = { fresh: 'good', kept: 'odd', skipped: 'odd', missing: 'bad' };

function sectionRow({ section, broker, kind, durationSeconds, ageSeconds, reason }: Section): Html {
  const state = html`<span class="state ${tones[kind]}">${kind}</span>`;
  return row([section, broker, state, number(duration(durationSeconds)), number(duration(ageSeconds)), reason]);
}

/** @param names of the columns; names of number columns begin with a star */
function table(names: readonly string[], rows: readonly Html[]): Html {
  const heads = names.map((name) =>
    name.startsWith('*') ? html`<th class="number">${name.slice(1)}</th>` : html`<th>${name}</th>`,
  );
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

interface Cell {
  number: string | undefined;
}

const number = (text: string | undefined): Cell => ({ number: text });

function row(cells: readonly (Content | Cell)[]): Html {
  return html`<tr>
    ${cells.map((cell) => (isNumber(cell) ? html`<td class="number">${cell.number}</td>` : html`<td>${cell}</td>`))}
  </tr>`;
}

function isNumber(cell: Content | Cell): cell is Cell {
  return typeof cell === 'object' && 'number' in cell;
}

function duration(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  if (seconds === 0) return '0 s';
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return roundedDurationText(seconds);
}
