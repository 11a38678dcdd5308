// Renders the steps of a run against safe maximum and saturation as one bar.

import type { Analysis } from '../../core/documents/analysis.ts';
import { html, type Html } from '../../core/text/html.ts';
import { renderChartTools } from './chart-tools.ts';
import type { View } from './view.ts';

/**
 * Uses percentages instead of a view box, so that the bar stretches but its text does not.
 *
 * @returns undefined if no rate is known to mark, or if the steps load one broker, as in a redline
 */
export function renderLoadLine({ steps, safeMaxTps, saturationTps, redline }: Analysis, view: View): Html | undefined {
  const { strings, numbers } = view;
  if (redline !== undefined) return undefined;
  if (safeMaxTps.kind !== 'confirmed' && safeMaxTps.kind !== 'predicted') return undefined;
  const safe = safeMaxTps.tps;
  const full =
    saturationTps.kind === 'confirmed' || saturationTps.kind === 'predicted' ? saturationTps.estimateTps : undefined;
  const highest = Math.max(safe, full ?? 0, ...steps.map(({ achievedTps }) => achievedTps));
  const at = (rate: number) => `${((rate / highest) * 94 + 1).toFixed(2)}%`;
  const between = (from: number, to: number) => `${(((to - from) / highest) * 94).toFixed(2)}%`;
  const anchor = (rate: number) => (rate / highest > 0.7 ? 'end' : rate / highest < 0.3 ? 'start' : 'middle');
  const label = [
    `${strings.safeMax}${strings.colon}${numbers.rate(safe)} ${strings.perSecond}`,
    ...(full === undefined ? [] : [`${strings.saturation}${strings.colon}${numbers.rate(full)} ${strings.perSecond}`]),
  ];
  return html`<figure class="load-line">
    <svg id="load-line" role="img" aria-label="${label.join('. ')}" width="100%" height="92">
      <rect class="track" x="1%" y="36" width="98%" height="20" rx="3" />
      <rect class="zone-safe" x="1%" y="36" width="${between(0, safe)}" height="20" rx="3" />
      ${
        full !== undefined &&
        full > safe &&
        html`<rect class="zone-reserve" x="${at(safe)}" y="36" width="${between(safe, full)}" height="20" />`
      }
      ${
        full !== undefined &&
        html`<line class="mark-full" x1="${at(full)}" x2="${at(full)}" y1="28" y2="60" />
          <text x="${at(full)}" y="20" text-anchor="${anchor(full)}">${label[1]}</text>`
      }
      <line class="mark-safe" x1="${at(safe)}" x2="${at(safe)}" y1="32" y2="66" />
      <text class="strong" x="${at(safe)}" y="84" text-anchor="${anchor(safe)}">${label[0]}</text>
      ${steps.map(
        ({ achievedTps, verdict }) =>
          html`<circle class="dot ${verdict.kind}" cx="${at(achievedTps)}" cy="46" r="5" />`,
      )}
    </svg>
    <figcaption>${strings.loadLineExplained}</figcaption>
    ${renderChartTools({ chart: 'load-line', ...(steps.length > 0 && { table: 'steps' }) }, view)}
  </figure>`;
}
