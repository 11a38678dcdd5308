// Renders the limits of each resource, as measured and as changed, as bars and a table.

import { html, jsonBlock, type Content, type Html } from '../../../core/text/html.ts';
import { renderChartTools } from '../chart-tools.ts';
import { limitText } from '../status-text.ts';
import { renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import type { AlternativeLimit } from '../../../core/documents/what-if.ts';
import { limitRows, limitsChart } from './resource-limits.ts';
import { whatIfLanguages } from './what-if-texts.ts';

export function renderLimits(
  now: readonly AlternativeLimit[],
  otherwise: readonly AlternativeLimit[] | undefined,
  view: View,
): Html {
  const { strings } = view;
  const texts = whatIfLanguages[view.language];
  const rows = limitRows(now, otherwise);
  const column = (title: string, when: 'now' | 'otherwise') => ({
    title: `${title} (${strings.perSecond})`,
    cell: (row: (typeof rows)[number]) => limitCell(row[when], view),
    value: (row: (typeof rows)[number]) => row[when]?.estimateTps,
  });
  return html`<section>
    <h2 id="limits-heading">${texts.limits}</h2>
    <figure>
      <div class="canvas" hidden><canvas id="limits" role="img" aria-label="${texts.limits}"></canvas></div>
      <figcaption>${texts.limitsExplained}</figcaption>
    </figure>
    ${renderChartTools({ chart: 'limits', table: 'limits-heading' }, view)}
    <div data-part="limits">
      ${jsonBlock('limits-data', limitsChart(rows, view))}
      ${
        rows.length === 0
          ? html`<p class="quiet">${texts.noLimits}</p>`
          : renderTableAlone(texts.limits, rows, [
              textColumn(strings.limitedBy, ({ limitedBy }) => limitText(limitedBy, strings)),
              column(texts.now, 'now'),
              otherwise !== undefined && column(texts.title, 'otherwise'),
            ])
      }
    </div>
  </section>`;
}

function limitCell(limit: AlternativeLimit | undefined, { numbers, language }: View): Content {
  if (limit === undefined) return '–';
  const { estimateTps, interval, isBeyondReach } = limit;
  const high = interval.high === undefined ? '…' : numbers.rate(interval.high);
  return html`${numbers.rate(estimateTps)} <span class="quiet">${numbers.rate(interval.low)}–${high}</span> ${
      isBeyondReach && html`<span class="quiet">${whatIfLanguages[language].beyondReach}</span>`
    }`;
}
