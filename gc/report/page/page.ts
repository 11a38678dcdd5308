// Renders the page of a GC log: one HTML file that contains its styles, charts and data.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingMessage } from '../../../core/documents/findings/findings.ts';
import { type Content, Html, html, jsonBlock } from '../../../core/text/html.ts';
import { sharedStyles } from '../../../core/text/page-styles.ts';
import type { GcReport } from '../gc-report.ts';
import type { TimelineSeries } from '../timeline.ts';
import { type Language, languages, type Strings } from './strings.ts';
import { longestPauseText } from '../longest-pause.ts';
import { figureRows, rate, stepCells, typeCells } from '../table-cells.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { binaryBytesText, countText, ifKnown, percentText } from '../../../core/text/quantity-text.ts';

const chartJs = join(dirname(createRequire(import.meta.url).resolve('chart.js')), 'chart.umd.min.js');

export async function renderGcPage(report: GcReport, timeline: TimelineSeries, language: Language): Promise<string> {
  const strings = languages[language];
  const sheets = [sharedStyles.tokens, sharedStyles.base, new URL('./assets/gc-page.css', import.meta.url)];
  const [styles, library, charts] = await Promise.all([
    Promise.all(sheets.map((sheet) => readFile(sheet, 'utf8'))),
    readFile(chartJs, 'utf8'),
    readFile(new URL('./assets/gc-charts.js', import.meta.url), 'utf8'),
  ]);
  const hasCharts = timeline.pauses.length + timeline.heapAfter.length + timeline.safepoints.length > 0;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <title>${strings.title} · Plimsoll</title>
        <style>
          ${new Html(styles.join('\n'))}
        </style>
      </head>
      <body>
        <main>
          <h1>${strings.title}</h1>
          ${verdict(report, strings, language)} ${hasCharts && renderCharts(timeline, strings)}
          ${findings(report, strings, language)} ${renderFigures(report, strings)} ${renderSteps(report, strings)}
          ${renderRuns(report, strings)} ${renderTypes(report, strings)} ${renderUnparsed(report, strings)}
          ${renderFiles(report, strings)}
        </main>
        ${hasCharts && [jsonBlock('chart-data', { language, strings, ...timeline }), script(library), script(charts)]}
      </body>
    </html>`.text;
}

/** Escapes closing tags, so that no script text ends the element. */
const script = (source: string) => new Html(`<script>${source.replaceAll('</script', '<\\/script')}</script>`);

function verdict({ findings: [first] }: GcReport, strings: Strings, language: Language): Content {
  return (
    first && html`<p class="verdict ${first.severity}"><b>${strings.verdict}</b> ${messageOf(first, language)}</p>`
  );
}

function messageOf(finding: Finding, language: Language): Html {
  const shown = finding.messageZh === undefined ? 'en' : language;
  const parts = findingMessage(finding, shown).split('`');
  const shownParts = parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
  return html`<span lang="${shown}">${shownParts}</span>`;
}

function renderCharts(timeline: TimelineSeries, strings: Strings): Content {
  return [
    timeline.pauses.length > 0 && chart('pauses', strings.pausesChart, strings.pausesExplained),
    timeline.heapAfter.length > 0 && chart('heap', strings.heapChart, strings.heapExplained),
    timeline.safepoints.length > 0 && chart('stops', strings.stopsChart, strings.stopsExplained),
  ];
}

const chart = (id: string, title: string, explained: string) =>
  html`<section>
    <h2>${title}</h2>
    <figure>
      <div class="canvas"><canvas id="${id}" role="img" aria-label="${title}"></canvas></div>
      <figcaption>${explained}</figcaption>
    </figure>
  </section>`;

function findings({ findings: [, ...rest] }: GcReport, strings: Strings, language: Language): Content {
  if (rest.length === 0) return undefined;
  return html`<section>
    <h2>${strings.findings}</h2>
    <ul class="findings">
      ${rest.map(
        (finding) =>
          html`<li class="${finding.severity}">
            <b>${strings.severity[finding.severity]}</b> ${messageOf(finding, language)}
            <small lang="en"
              >${finding.evidence
                .filter(({ source }) => source !== 'GC log')
                .map(
                  ({ name, value, unit, source }) =>
                    html`<br />${name}: ${value} ${unit === 'text' ? '' : unit} (${source})`,
                )}</small
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

/** Renders the tables of the GC page. */
function renderFigures(report: GcReport, strings: Strings): Content {
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

function renderRuns({ runs }: GcReport, strings: Strings): Content {
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

function renderTypes({ byType }: GcReport, strings: Strings): Content {
  return table(
    strings.types,
    [strings.type, strings.cause, ...[strings.count, strings.total, strings.longest].map(ofFigures)],
    byType.map(typeCells),
  );
}

function renderSteps({ steps = [] }: GcReport, strings: Strings): Content {
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

function renderUnparsed({ unparsed: { shapes } }: GcReport, strings: Strings): Content {
  return table(
    strings.unparsed,
    [ofFigures(strings.count), ''],
    shapes.slice(0, 20).map(({ count, example }) => [countText(count), example]),
  );
}

function renderFiles({ files }: GcReport, strings: Strings): Content {
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
