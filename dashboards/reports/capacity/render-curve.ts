// Renders a curve as SVG with a logarithmic vertical axis, without scripts.

import { html, type Html } from '../../../core/text/html.ts';
import type { Curve } from './part.ts';
import { shown } from './shown.ts';

const [width, height] = [640, 220];
const mostWithBetween = 1000;
const margin = { left: 64, right: 12, top: 24, bottom: 28 };

export function renderCurve({ title, xTitle, yTitle, yText, points, mark }: Curve): Html {
  const mostX = 1.05 * Math.max(mark?.x ?? 0, ...points.map(({ x }) => x));
  // A knee spans orders of magnitude; on a linear axis everything before it would be at the bottom.
  const values = points.map(({ y }) => y);
  // At least a factor of four, so that a round figure is on the axis.
  const [lowest, highest] = [Math.min(...values) / 2, Math.max(...values) * 2];
  const [bottom, top] = [Math.log(lowest), Math.log(highest)];
  // Over many orders of magnitude, intermediate labels would overlap.
  const digits = highest / lowest > mostWithBetween ? [1] : [1, 2, 5];
  const ticks = Array.from({ length: 60 }, (_, index) => digits.map((digit) => digit * 10 ** (index - 30)))
    .flat()
    .filter((tick) => tick >= lowest && tick <= highest);
  const atX = (x: number) => (margin.left + (x / mostX) * (width - margin.left - margin.right)).toFixed(1);
  const atY = (y: number) => {
    const share = (Math.log(y) - bottom) / (top - bottom);
    return (height - margin.bottom - share * (height - margin.top - margin.bottom)).toFixed(1);
  };
  const floor = String(height - margin.bottom);
  const labelled = new Set([points[0], points.at(-1)]);
  return html`<figure>
    <figcaption>${shown(title)}</figcaption>
    <svg
      role="img"
      aria-label="${shown(title)}: ${points.map(({ label }) => label).join('; ')}"
      viewBox="0 0 ${width} ${height}"
      width="100%"
      class="curve"
    >
      <line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${floor}" y2="${floor}" />
      <line class="axis" x1="${margin.left}" x2="${margin.left}" y1="${margin.top}" y2="${floor}" />
      ${ticks.map(
        (tick) =>
          html`<line
              class="grid"
              x1="${margin.left}"
              x2="${width - margin.right}"
              y1="${atY(tick)}"
              y2="${atY(tick)}"
            />
            <text x="${margin.left - 6}" y="${Number(atY(tick)) + 4}" text-anchor="end">${yText(tick)}</text>`,
      )}
      <text x="${margin.left}" y="${height - 8}" text-anchor="middle">0</text>
      <text x="${width - margin.right}" y="${height - 8}" text-anchor="end">${xTitle}</text>
      <text x="${margin.left}" y="14">${yTitle}</text>
      <polyline points="${points.map(({ x, y }) => `${atX(x)},${atY(y)}`).join(' ')}" />
      ${points.map((point) => {
        const [x, y] = [Number(atX(point.x)), Number(atY(point.y))];
        const sign = point.isGood
          ? html`<circle cx="${x}" cy="${y}" r="4" />`
          : html`<path class="bad" d="M${x - 4} ${y - 4}l8 8m0 -8l-8 8" />`;
        const anchor = point === points[0] ? 'start' : 'end';
        return html`${sign}
        ${labelled.has(point) && html`<text x="${x}" y="${y - 8}" text-anchor="${anchor}">${point.label}</text>`}`;
      })}
      ${
        mark !== undefined &&
        html`<line class="mark" x1="${atX(mark.x)}" x2="${atX(mark.x)}" y1="${margin.top}" y2="${floor}" />
          <text x="${Number(atX(mark.x)) - 6}" y="${margin.top + 12}" text-anchor="end">${mark.label}</text>`
      }
    </svg>
  </figure>`;
}
