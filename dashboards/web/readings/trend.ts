// Renders a series as an SVG line with gaps, a scale and a limit as a horizontal line; it needs no script.

import { html, type Html } from '../../../core/text/html.ts';
import type { SlotValues } from './readings-view.ts';

const width = 150;
const height = 44;
const digits = 1;

/** Margin for half of the line width. */
const edge = 1.5;

interface Trend {
  values: SlotValues;
  limit?: number | undefined;
  label: string;
  /** Formats the highest value at the top, the limit with its dashes, and 0 at the base. */
  format: (value: number) => string;
}

/** @returns undefined if no value is known */
export function renderTrend({ values, limit, label, format }: Trend): Html | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const highest = Math.max(limit ?? 0, ...known) || 1;
  const y = (value: number) => (height - edge - (value / highest) * (height - 2 * edge)).toFixed(digits);
  return html`<span class="trend">
    <span class="scale" aria-hidden="true"
      >${limit !== highest && html`<span>${format(highest)}</span>`}${limit !== undefined && html`<span>┄ ${format(limit)}</span>`}<span
        >0</span
      ></span
    >
    <svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">
      ${limit !== undefined && html`<line class="limit" x1="0" x2="${width}" y1="${y(limit)}" y2="${y(limit)}" />`}
      <path d="${pathOf(values, y)}" />
    </svg>
  </span>`;
}

/** Draws a point between two gaps as a line of its slot's width, because it would otherwise be invisible. */
function pathOf(values: SlotValues, y: (value: number) => string): string {
  const step = width / values.length;
  let path = '';
  for (const [slot, value] of values.entries()) {
    if (value === undefined) continue;
    const x = (slot * step).toFixed(digits);
    path += values[slot - 1] === undefined ? `M${x} ${y(value)}` : `L${x} ${y(value)}`;
    if (values[slot + 1] === undefined) path += `H${((slot + 1) * step).toFixed(digits)}`;
  }
  return path;
}
