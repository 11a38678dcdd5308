// Parses the time range of readings from the address, and renders links and a form to select it.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { momentOfText } from '../../../core/local-moment.ts';
import {
  longestPastMs,
  pastDays,
  pastRange,
  readingsRanges,
  shortestPastMs,
  type PastRange,
  type ReadingsRange,
} from '../../../core/readings-range.ts';
import { keptFields, prose } from '../layout.ts';
import type { View } from '../view.ts';
import type { ReadingsContent, ShownRange } from './readings-view.ts';
import { readingsLanguages } from './readings-texts.ts';

/** @returns undefined for an absent or unknown range, so that old links still work */
export function readRange(query: URLSearchParams): ReadingsRange | undefined {
  return readingsRanges.find((range) => range === query.get('range'));
}

export interface PastQuery {
  /** As typed: local times in the view's time zone. */
  from: string;
  to: string;
  isFaulty: boolean;
  past?: { range: '7d' | 'custom' } & PastRange;
}

const dayMs = 86_400_000;
const longestTyped = 20;

/** @returns without `past` if the address has no past range, or an invalid one */
export function readPast(query: URLSearchParams, timeZone: string, nowMs: number): PastQuery {
  const [from, to] = (['from', 'to'] as const).map((name) => (query.get(name) ?? '').slice(0, longestTyped)) as [
    string,
    string,
  ];
  const rangeText = query.get('range');
  if (rangeText === '7d') {
    return { from, to, isFaulty: false, past: { range: '7d', ...pastRange(nowMs - pastDays * dayMs, nowMs) } };
  }
  if (rangeText !== 'custom') return { from, to, isFaulty: false };
  const [fromMs, toMs] = [momentOfText(from, timeZone), momentOfText(to, timeZone)];
  const end = toMs === undefined ? undefined : Math.min(toMs, nowMs);
  const spanMs = fromMs === undefined || end === undefined ? Number.NaN : end - fromMs;
  if (fromMs === undefined || end === undefined || !(spanMs >= shortestPastMs && spanMs <= longestPastMs)) {
    return { from, to, isFaulty: true };
  }
  return { from, to, isFaulty: false, past: { range: 'custom', ...pastRange(fromMs, end) } };
}

/** @param anchor of the charts, so that the page stays there after a choice */
export function renderRangePicker(
  content: Pick<ReadingsContent, 'range' | 'choice'>,
  anchor: string,
  view: View,
): Html {
  const { range: chosen, choice } = content;
  const { language, here } = view;
  const texts = readingsLanguages[language];
  const link = (range: ShownRange) =>
    html`<a
      href="${here({ range, from: undefined, to: undefined })}#${anchor}"
      ${range === chosen && html`aria-current="true"`}
      >${texts.ranges[range]}</a
    > `;
  return html`<nav class="ways" aria-label="${texts.range}">
      ${readingsRanges.map(link)} ${choice?.hasSource === true && link('7d')}
    </nav>
    ${choice !== undefined && (choice.hasSource ? renderForm(content, anchor, view) : html`<p class="quiet">${prose(texts.noSource)}</p>`)}`;
}

function renderForm(
  { range, choice }: Pick<ReadingsContent, 'range' | 'choice'>,
  anchor: string,
  { language, query, prefix, path, timeZone }: View,
): Content {
  if (choice === undefined) return undefined;
  const texts = readingsLanguages[language];
  const { isFaulty } = choice;
  const field = (name: 'from' | 'to', label: string) =>
    html`<label
      >${label}
      <input
        type="datetime-local"
        name="${name}"
        value="${choice[name]}"
        required
        ${isFaulty && html`aria-invalid="true" aria-describedby="range-fault"`}
    /></label>`;
  return html`<details class="filters" ${(range === 'custom' || isFaulty) && html`open`}>
    <summary>${texts.ranges.custom}</summary>
    <form class="filter" method="get" action="${prefix}${path}#${anchor}">
      ${keptFields(query, ['range', 'from', 'to'])}
      <input type="hidden" name="range" value="custom" />
      ${field('from', texts.from(timeZone))} ${field('to', texts.to(timeZone))}
      <button>${texts.show}</button>
    </form>
    ${isFaulty && html`<p class="verdict invalid" id="range-fault">${texts.rangeFault}</p>`}
  </details>`;
}
