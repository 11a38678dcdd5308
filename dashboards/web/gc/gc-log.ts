// Renders one GC log: figures, findings, charts of pauses and heap, and pauses by type and cause.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import type { GcLogTotals } from '../../../core/documents/evidence/gc-log-reading.ts';
import { renderFactList, type Fact } from '../facts.ts';
import { renderFindingList } from '../findings.ts';
import { named } from '../layout.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderTableAlone, type Column } from '../tables.ts';
import type { View } from '../view.ts';
import { boundText, longestText, quantileBound, stoppedShare, stoppedText } from './gc-figures.ts';
import type { GcLogView, GcPoint } from './gc-view.ts';
import { gcLanguages } from './gc-texts.ts';
import { binaryBytesText } from '../../../core/text/quantity-text.ts';

const mostRows = 48;
const mostTypes = 60;

export function renderLog(log: GcLogView, key: string, view: View): Html {
  const words = gcLanguages[view.language];
  const { reading, findings } = log;
  const { totals, trouble, unreadBytes } = reading;
  return html`<article>
    <h3>${words.log} ${named(reading.name)}</h3>
    <div data-live="gc-${key}">
      ${renderFacts(log, view)}
      ${trouble !== undefined && html`<p class="verdict invalid">${words.trouble(trouble)}</p>`}
      ${totals === undefined && html`<p>${words.isRead(binaryBytesText(unreadBytes))}</p>`}
      ${renderFindingList(findings, view)}
    </div>
    ${totals !== undefined && renderCourse(log, key, view)} ${totals !== undefined && renderPauses(totals, key, view)}
    ${totals !== undefined && renderCycles(totals, key, view)}
  </article>`;
}

function renderFacts({ reading, whole }: GcLogView, view: View): Html {
  const { strings, numbers } = view;
  const words = gcLanguages[view.language];
  const { file, totals, lastWriteAtSeconds } = reading;
  const size = (bytes: number | undefined) => (bytes === undefined ? strings.unknown : binaryBytesText(bytes));
  const moment = (seconds: number | undefined) =>
    seconds === undefined ? strings.unknown : numbers.moment(new Date(1000 * seconds).toISOString());
  const jvm = [totals?.collector, totals?.jvmVersion].filter((each) => each !== undefined).join(', ');
  const facts: readonly Fact[] = [
    ...(file === undefined ? [] : [[words.log, html`<bdi>${file}</bdi>`] as const]),
    [words.collector, jvm === '' ? strings.unknown : jvm],
    [words.started, moment(totals?.startedAtSeconds)],
    [words.lastWrite, moment(lastWriteAtSeconds)],
    [words.stopped, stoppedText(whole, 'gcSeconds', view) ?? strings.unknown],
    [words.stoppedOther, stoppedText(whole, 'otherSeconds', view) ?? strings.unknown],
    [words.pauses, whole?.pauses === undefined ? strings.unknown : numbers.plain(whole.pauses)],
    [words.longest, longestText(whole, view) ?? strings.unknown],
    [
      words.fullCollections,
      whole?.fullCollections === undefined ? strings.unknown : numbers.plain(whole.fullCollections),
    ],
    [words.heapMax, size(totals?.heapMaxBytes)],
    [words.afterLast, size(totals?.heap?.afterBytes)],
    [words.liveSet, size(totals?.liveSetBytes)],
  ];
  return renderFactList(facts);
}

/** What assets/lines.js draws of a log. */
export function chartsOf({ points }: GcLogView, key: string, view: View): object[] {
  if (points.length === 0) return [];
  const words = gcLanguages[view.language];
  const x = points.map(({ toMs }) => view.numbers.time(new Date(toMs).toISOString()));
  const shares = (of: 'gcSeconds' | 'otherSeconds') => points.map((point) => stoppedShare(point, of));
  const bytes = (of: 'heapAfterBytes' | 'liveSetBytes') => points.map((point) => point[of]);
  return [
    {
      id: `stops-${key}`,
      unit: 'ratio',
      x,
      lines: [
        { label: words.stopped, values: shares('gcSeconds') },
        { label: words.stoppedOther, values: shares('otherSeconds') },
      ],
    },
    {
      id: `heap-${key}`,
      unit: 'bytes',
      x,
      lines: [
        { label: words.afterLast, values: bytes('heapAfterBytes') },
        { label: words.liveSet, values: bytes('liveSetBytes') },
      ],
    },
  ];
}

function renderCourse({ points }: GcLogView, key: string, view: View): Content {
  const words = gcLanguages[view.language];
  if (points.length === 0) return html`<p class="quiet">${words.tooEarly}</p>`;
  const { strings, numbers } = view;
  const figure = (id: string, title: string, explained: string) =>
    html`<h4>${title}</h4>
      <figure>
        <div class="canvas" hidden><canvas id="${id}" role="img" aria-label="${title}"></canvas></div>
        ${renderChartTools({ chart: id, table: `course-${key}` }, view)}
        <figcaption>${explained}</figcaption>
      </figure>`;
  const share = (point: GcPoint, of: 'gcSeconds' | 'otherSeconds') => {
    const known = stoppedShare(point, of);
    return known === undefined ? strings.unknown : numbers.percent(known);
  };
  const count = (value: number | undefined) => (value === undefined ? strings.unknown : numbers.plain(value));
  const size = (value: number | undefined) => (value === undefined ? strings.unknown : binaryBytesText(value));
  return html`${figure(`stops-${key}`, words.stops, words.stopsExplained)}
    ${figure(`heap-${key}`, words.heap, words.heapExplained)}
    <details class="printed">
      <summary>${words.table}</summary>
      ${renderUnder(`course-${key}`, words.course, points.toReversed().slice(0, mostRows), [
        {
          title: words.from,
          text: true,
          cell: ({ fromMs, toMs }) => `${moment(fromMs, view)} – ${numbers.time(new Date(toMs).toISOString())}`,
        },
        { title: words.stopped, cell: (point) => share(point, 'gcSeconds') },
        { title: words.stoppedOther, cell: (point) => share(point, 'otherSeconds') },
        { title: words.pauses, cell: ({ pauses }) => count(pauses) },
        { title: words.longest, cell: (point) => longestText(point, view) ?? strings.unknown },
        { title: words.fullCollections, cell: ({ fullCollections }) => count(fullCollections) },
        { title: words.afterLast, cell: ({ heapAfterBytes }) => size(heapAfterBytes) },
        { title: words.liveSet, cell: ({ liveSetBytes }) => size(liveSetBytes) },
      ])}
    </details>`;
}

const moment = (ms: number, { numbers }: View) => numbers.moment(new Date(ms).toISOString());

function renderPauses({ pauses }: GcLogTotals, key: string, view: View): Content {
  if (pauses.length === 0) return undefined;
  const words = gcLanguages[view.language];
  const { strings, numbers, language } = view;
  const most = pauses.toSorted((one, other) => other.histogram.seconds - one.histogram.seconds).slice(0, mostTypes);
  const bound = (histogram: (typeof most)[number]['histogram'], share: number) => {
    const known = quantileBound(histogram, share);
    return known === undefined ? strings.unknown : boundText(known, numbers, language);
  };
  return html`${renderUnder(`pauses-${key}`, words.totals, most, [
      { title: words.type, text: true, cell: ({ type }) => html`<bdi>${type}</bdi>` },
      {
        title: words.cause,
        text: true,
        cell: ({ cause }) => (cause === '' ? words.noCause : html`<bdi>${cause}</bdi>`),
      },
      { title: words.count, cell: ({ histogram }) => numbers.plain(histogram.count) },
      { title: words.total, cell: ({ histogram }) => numbers.seconds(histogram.seconds) },
      {
        title: words.mean,
        cell: ({ histogram: { seconds, count } }) => (count === 0 ? strings.unknown : numbers.seconds(seconds / count)),
      },
      { title: words.nearlyAll, cell: ({ histogram }) => bound(histogram, 0.99) },
      { title: words.longest, cell: ({ histogram }) => bound(histogram, 1) },
    ])}
    <p class="quiet">${words.totalsExplained}</p>`;
}

function renderCycles({ cycles }: GcLogTotals, key: string, view: View): Content {
  if (cycles.length === 0) return undefined;
  const words = gcLanguages[view.language];
  const { strings, numbers } = view;
  return renderUnder(`cycles-${key}`, words.cycles, cycles, [
    { title: words.type, text: true, cell: ({ type }) => html`<bdi>${type}</bdi>` },
    { title: words.count, cell: ({ count }) => numbers.plain(count) },
    { title: words.aborted, cell: ({ aborted }) => numbers.plain(aborted) },
    {
      title: words.total,
      cell: ({ seconds }) => (seconds === undefined ? strings.unknown : numbers.seconds(seconds)),
    },
  ]);
}

/** A table below the heading of one log. */
function renderUnder<Row>(id: string, title: string, rows: readonly Row[], columns: readonly Column<Row>[]): Html {
  return html`<section>
    <h4 id="${id}">${title}</h4>
    ${renderTableAlone(title, rows, columns, () => '')}
  </section>`;
}
