// Which tables stand on the page of a GC log?

import { html, type Content } from '../../../core/html.ts';
import type { GcReport } from '../gc-report.ts';
import { durationText, percentText, sizeText } from '../quantity-text.ts';
import type { Strings } from './strings.ts';

export function renderFigures(report: GcReport, strings: Strings): Content {
  const { pauses, stopped, heap } = report;
  const rate = (bytes: number) => `${sizeText(bytes)}/s`;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [strings.covered, known(report.coveredSeconds, durationText)],
    [strings.throughput, known(report.throughput, percentText)],
    [strings.pauses, known(pauses?.count, String)],
    [strings.total, known(pauses?.totalSeconds, durationText)],
    ['p50', known(pauses?.p50Seconds, durationText)],
    ['p95', known(pauses?.p95Seconds, durationText)],
    ['p99', known(pauses?.p99Seconds, durationText)],
    ['p99.9', known(pauses?.p999Seconds, durationText)],
    [strings.longest, known(pauses?.maxSeconds, durationText)],
    [strings.fullGc, String(report.fullGc.count)],
    [strings.otherStops, known(stopped.otherSeconds, durationText)],
    [strings.timeToSafepoint, known(stopped.timeToSafepointSeconds, durationText)],
    [strings.liveSet, known(heap.liveSetBytes, sizeText)],
    [strings.peak, known(heap.peakUsedBytes, sizeText)],
    [strings.allocation, known(report.allocationBytesPerSecond, rate)],
    [strings.promotion, known(report.promotionBytesPerSecond, rate)],
  ];
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
  </section>`;
}

export function renderRuns({ runs }: GcReport, strings: Strings): Content {
  return table(
    strings.runs,
    [
      strings.collector,
      strings.version,
      strings.started,
      strings.age,
      strings.pauses,
      strings.total,
      strings.longest,
      strings.fullGc,
      strings.throughput,
    ],
    runs.map((run) => [
      run.collector,
      run.jvmVersion,
      run.startedAt,
      known(run.uptimeSeconds, durationText),
      known(run.pauses?.count, String),
      known(run.pauses?.totalSeconds, durationText),
      known(run.pauses?.maxSeconds, durationText),
      String(run.fullGc.count),
      known(run.throughput, percentText),
    ]),
  );
}

export function renderTypes({ byType }: GcReport, strings: Strings): Content {
  return table(
    strings.types,
    [strings.type, strings.cause, strings.count, strings.total, strings.longest],
    byType.map(({ type, cause, count, totalSeconds, maxSeconds }) => [
      type,
      cause,
      String(count),
      durationText(totalSeconds),
      durationText(maxSeconds),
    ]),
  );
}

export function renderSteps({ steps = [] }: GcReport, strings: Strings): Content {
  return table(
    strings.steps,
    [strings.step, strings.asked, strings.pauses, strings.total, 'p99', strings.longest, strings.fullGc],
    steps.map(({ step, targetTps, pauses, fullGc }) => [
      String(step),
      String(targetTps),
      known(pauses?.count, String),
      known(pauses?.totalSeconds, durationText),
      known(pauses?.p99Seconds, durationText),
      known(pauses?.maxSeconds, durationText),
      String(fullGc.count),
    ]),
  );
}

export function renderUnparsed({ unparsed: { shapes } }: GcReport, strings: Strings): Content {
  return table(
    strings.unparsed,
    [strings.count, ''],
    shapes.slice(0, 20).map(({ count, example }) => [String(count), example]),
  );
}

export function renderFiles({ files }: GcReport, strings: Strings): Content {
  return table(
    strings.files,
    ['', '', ''],
    files.map(({ path, bytes, problem }) => [path, sizeText(bytes), problem ?? '']),
  );
}

function table(
  title: string,
  headings: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): Content {
  if (rows.length === 0) return undefined;
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll" role="region" aria-label="${title}" tabindex="0">
      <table>
        ${
          headings.some((heading) => heading !== '') &&
          html`<thead>
            <tr>
              ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
            </tr>
          </thead>`
        }
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell ?? '–'}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function known(value: number | undefined, words: (value: number) => string): string | undefined {
  return value === undefined ? undefined : words(value);
}
