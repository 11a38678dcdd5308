// Renders the tables of the GC page.

import { html, type Content } from '../../../core/text/html.ts';
import type { GcReport } from '../gc-report.ts';
import { longestPauseText } from '../longest-pause.ts';
import { figureRows, rate, stepCells, typeCells } from '../table-cells.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { binaryBytesText, countText, ifKnown, percentText } from '../../../core/text/quantity-text.ts';
import type { Strings } from './strings.ts';

export function renderFigures(report: GcReport, strings: Strings): Content {
  const facts = figureRows.flatMap(([, value, format, title]) =>
    title === undefined ? [] : [[title(strings), ifKnown(value(report), format)] as const],
  );
  return html`<section>
    <h2>${strings.figures}</h2>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value ?? strings.unknown}</dd>
          </div>`,
      )}
    </dl>
    ${
      report.longestPause &&
      html`<p>${strings.longestAt}: <span lang="en">${longestPauseText(report.longestPause)}</span></p>`
    }
  </section>`;
}

export function renderRuns({ runs }: GcReport, strings: Strings): Content {
  return table(
    strings.runs,
    [
      strings.log,
      strings.collector,
      strings.version,
      strings.started,
      ...[strings.age, strings.pauses, strings.total, strings.longest, strings.fullGc, strings.throughput].map(
        ofFigures,
      ),
    ],
    runs.map((run) => [
      run.log,
      run.collector,
      run.jvmVersion,
      run.startedAt,
      ifKnown(run.uptimeSeconds, durationText),
      ifKnown(run.pauses?.count, countText),
      ifKnown(run.pauses?.totalSeconds, durationText),
      ifKnown(run.pauses?.maxSeconds, durationText),
      countText(run.fullGc.count),
      ifKnown(run.throughput, percentText),
    ]),
  );
}

export function renderTypes({ byType }: GcReport, strings: Strings): Content {
  return table(
    strings.types,
    [strings.type, strings.cause, ...[strings.count, strings.total, strings.longest].map(ofFigures)],
    byType.map(typeCells),
  );
}

export function renderSteps({ steps = [] }: GcReport, strings: Strings): Content {
  return table(
    strings.steps,
    [
      strings.step,
      strings.explicit,
      strings.pauses,
      strings.total,
      'p99',
      strings.longest,
      strings.fullGc,
      strings.allocation,
    ].map(ofFigures),
    steps.map((step) => [...stepCells(step), ifKnown(step.allocationBytesPerSecond, rate)]),
  );
}

export function renderUnparsed({ unparsed: { shapes } }: GcReport, strings: Strings): Content {
  return table(
    strings.unparsed,
    [ofFigures(strings.count), ''],
    shapes.slice(0, 20).map(({ count, example }) => [countText(count), example]),
  );
}

export function renderFiles({ files }: GcReport, strings: Strings): Content {
  return table(
    strings.files,
    ['', ofFigures(''), ''],
    files.map(({ path, bytes, problem }) => [path, binaryBytesText(bytes), problem ?? '']),
  );
}

type Heading = string | { figures: string };

const ofFigures = (figures: string): Heading => ({ figures });

const headingText = (heading: Heading): string => (typeof heading === 'string' ? heading : heading.figures);
/** Numbers are right-aligned so that their lengths can be compared. */
const classOf = (heading: Heading | undefined): Content => typeof heading === 'object' && html` class="figures"`;

function table(
  title: string,
  headings: readonly Heading[],
  rows: readonly (readonly (string | undefined)[])[],
): Content {
  if (rows.length === 0) return undefined;
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll" role="region" aria-label="${title}" tabindex="0">
      <table>
        ${
          headings.some((heading) => headingText(heading) !== '') &&
          html`<thead>
            <tr>
              ${headings.map((heading) => html`<th scope="col" ${classOf(heading)}>${headingText(heading)}</th>`)}
            </tr>
          </thead>`
        }
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell, index) => html`<td${classOf(headings[index])}>${cell ?? '–'}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
