// Renders a report as one self-contained HTML page: no scripts, no remote files, A4 when printed.

import { forKind } from '../../../core/kind-table.ts';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { html, Html } from '../../../core/text/html.ts';
import type { Bars, Block, Cell, Curve, Part, Table } from './part.ts';
import { shown, shownLines } from './shown.ts';
import type { ReportLanguage } from './texts.ts';
import type { WrittenReport } from './write-parts.ts';

const css = readFileSync(fileURLToPath(new URL('report.css', import.meta.url)), 'utf8');

const tags: Readonly<Record<ReportLanguage, string>> = { en: 'en', zh: 'zh-CN' };

/** @param fontRules CSS rules that embed 'Noto Sans SC'; without them the page uses local fonts */
export function renderHtml(
  { title, subtitle, answer, parts }: WrittenReport,
  language: ReportLanguage,
  fontRules?: string,
): string {
  const own = fontRules === undefined ? '' : `${fontRules}\n:root{font-family:'Noto Sans SC',sans-serif}`;
  return html`<!doctype html>
    <html lang="${tags[language]}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; ${fontRules !== undefined && 'font-src data:; '}base-uri 'none'; form-action 'none'"
        />
        <title>${shown(title)}</title>
        <style>
          ${new Html(`${css}${own}${pageFoot(title, subtitle)}`)}
        </style>
      </head>
      <body>
        <main>
          <h1>${shown(title)}</h1>
          <p class="quiet">${shown(subtitle)}</p>
          ${answer !== undefined && html`<p class="answer">${shown(answer)}</p>`}
          <nav aria-label="${shown(title)}">
            <ol>
              ${parts.map((part) => html`<li><a href="#${part.id}">${part.title}</a></li>`)}
            </ol>
          </nav>
          ${parts.map(renderPart)}
        </main>
      </body>
    </html> `.text;
}

/** On every sheet of paper: its report, and the date until which it is valid. */
function pageFoot(title: string, subtitle: string): string {
  const text = Array.from(shown(`${title} · ${subtitle}`), (character) =>
    /[\p{L}\p{N} .:·-]/u.test(character) ? character : `\\${character.codePointAt(0)?.toString(16)} `,
  ).join('');
  return `@page{@bottom-left{content:"${text}";font-size:9px;color:#51626c}}`;
}

function renderPart({ id, title, blocks }: Part, index: number): Html {
  return html`<section id="${id}">
    <h2>${index + 1}. ${shown(title)}</h2>
    ${blocks.map(renderBlock)}
  </section>`;
}

const renderBlock = (block: Block): Html =>
  forKind(block, {
    text: ({ text }) => html`<p>${withCode(shown(text))}</p>`,
    list: ({ items }) =>
      html`<ul>
        ${items.map((item) => html`<li>${shownLines(item).map(renderLine)}</li>`)}
      </ul>`,
    table: renderTable,
    bars: renderBars,
    curve: renderCurve,
  });

function renderTable({ title, anchor, anchors, columns, rows, tones }: Table): Html {
  const kind = (index: number) => {
    const { isNumber, isBlank } = columns[index] ?? {};
    return isNumber ? html` class="number"` : isBlank ? html` class="blank"` : '';
  };
  return html`<div
    class="wide"
    ${anchor !== undefined && html`id="${anchor}"`}
    tabindex="0"
    role="region"
    aria-label="${shown(title ?? columns[0]?.title ?? '')}"
  >
    <table>
      ${
        title !== undefined &&
        html`<caption>
          ${shown(title)}
        </caption>`
      }
      <thead>
        <tr>
          ${columns.map((column, index) => html`<th scope="col" ${kind(index)}>${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells, row) =>
            html`<tr
              ${anchors?.[row] !== undefined && html`id="${anchors[row]}"`}
              ${tones?.[row] && html`class="${tones[row]}"`}
            >
              ${cells.map((cell, index) =>
                index === 0
                  ? html`<th scope="row" ${kind(index)}>${renderCell(cell)}</th>`
                  : html`<td ${kind(index)}>${renderCell(cell)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const renderLine = (line: string, index: number): Html => html`${index > 0 && html`<br />`}${withCode(line)}`;

/** Commands between backticks, as in Markdown. */
const withCode = (text: string): Html =>
  html`${text.split(/`([^`]+)`/).map((piece, place) => (place % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;

const renderCell = (cell: Cell): Html | string =>
  typeof cell === 'string' ? withCode(shown(cell)) : html`<a href="#${cell.to}">${shown(cell.text)}</a>`;

/** Each row has its own scale: domains differ by thousands, and only the mark relative to the span matters. */
function renderBars({ title, legend, rows }: Bars): Html {
  return html`<figure>
    <figcaption>${shown(title)}<br />${shown(legend)}</figcaption>
    ${rows.map(({ name, low, mid, high, mark, label, tone }) => {
      const most = Math.max(high, mark ?? 0) * 1.05;
      const at = (value: number) => `${((100 * value) / most).toFixed(2)}%`;
      return html`<div class="bar">
        <span class="name">${shown(name)}</span>
        <svg aria-hidden="true" width="100%" height="28">
          <rect class="track" x="0" y="9" width="100%" height="10" rx="2" />
          <rect class="span ${tone}" x="${at(low)}" y="9" width="${at(high - low)}" height="10" />
          <circle class="mid" cx="${at(mid)}" cy="14" r="4" />
          ${mark !== undefined && html`<line class="mark" x1="${at(mark)}" x2="${at(mark)}" y1="2" y2="26" />`}
        </svg>
        <span class="figures">${shown(label)}</span>
      </div>`;
    })}
  </figure>`;
}

const [width, height] = [640, 220];
const mostWithBetween = 1000;
const margin = { left: 64, right: 12, top: 24, bottom: 28 };

/** Renders a curve as SVG with a logarithmic vertical axis, without scripts. */
function renderCurve({ title, xTitle, yTitle, yText, points, mark }: Curve): Html {
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
