// Renders one GC log: figures, findings, charts of pauses and heap, and pauses by type and cause.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import type { GcLogTotals } from '../../../core/documents/evidence/gc-log-reading.ts';
import { type Column, type Fact, numberColumn, renderFactList, renderTableAlone, textColumn } from '../tables.ts';
import { renderFindingList } from '../findings.ts';
import { commandLine, named } from '../layout.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderCanvas, type LineChart } from '../line-charts.ts';
import type { View } from '../view.ts';
import { boundText, longestText, quantileBound, stoppedShare, stoppedText } from './gc-figures.ts';
import type { GcLogView, GcPoint } from './gc-view.ts';
import { gcLanguages } from './gc-texts.ts';
import { binaryBytesText, ifKnown } from '../../../core/text/quantity-text.ts';

const mostRows = 48;
const mostTypes = 60;

export const renderDeeper = (log: string, { language }: View): Html =>
  html`<p class="quiet">${gcLanguages[language].deeper}</p>
    <p>${commandLine(`plimsoll gc ${quotedWord(log)} --html gc.html`)}</p>`;

export function renderLog(log: GcLogView, host: string, key: string, view: View): Html {
  const texts = gcLanguages[view.language];
  const { reading, findings } = log;
  const { totals, trouble, unreadBytes, file } = reading;
  return html`<article data-key="${key} ${reading.name}">
    <h3>${texts.log}${view.strings.colon}${named(reading.name)}</h3>
    <div>
      ${renderFacts(log, view)}
      ${trouble !== undefined && html`<p class="verdict invalid">${texts.trouble(trouble)}</p>`}
      ${totals === undefined && html`<p>${texts.isRead(binaryBytesText(unreadBytes))}</p>`}
      ${renderFindingList(findings, view)} ${file !== undefined && renderDeeper(`ssh://${host}${file}`, view)}
    </div>
    ${totals !== undefined && renderCourse(log, key, view)} ${totals !== undefined && renderPauses(totals, key, view)}
    ${totals !== undefined && renderCycles(totals, key, view)}
  </article>`;
}

function renderFacts({ reading, whole }: GcLogView, view: View): Html {
  const { strings, numbers } = view;
  const texts = gcLanguages[view.language];
  const { file, totals, lastWriteAtSeconds } = reading;
  const size = (bytes: number | undefined) => (bytes === undefined ? strings.unknown : binaryBytesText(bytes));
  const moment = (seconds: number | undefined) =>
    seconds === undefined ? strings.unknown : numbers.moment(1000 * seconds);
  const jvm = [totals?.collector, totals?.jvmVersion && `JDK ${totals.jvmVersion}`]
    .filter((each) => each !== undefined)
    .join(strings.comma);
  // The tables below count since the log was first read.
  const within = (count: number | undefined) =>
    count === undefined || whole === undefined
      ? strings.unknown
      : texts.within(numbers.plain(count), numbers.until((whole.toMs - whole.fromMs) / 1000));
  const facts: readonly Fact[] = [
    [texts.file, file && html`<bdi>${file}</bdi>`],
    [texts.collector, jvm === '' ? strings.unknown : jvm],
    [texts.started, moment(totals?.startedAtSeconds)],
    [texts.lastWrite, moment(lastWriteAtSeconds)],
    [texts.stopped, stoppedText(whole, 'gcSeconds', view) ?? strings.unknown],
    [texts.stoppedOther, stoppedText(whole, 'otherSeconds', view) ?? strings.unknown],
    [texts.pauses, within(whole?.pauses)],
    [texts.longest, longestText(whole, totals, view) ?? strings.unknown],
    [texts.fullCollections, within(whole?.fullCollections)],
    [texts.heapMax, size(totals?.heapMaxBytes)],
    [texts.afterLast, size(totals?.heap?.afterBytes)],
    [texts.liveSet, size(totals?.liveSetBytes)],
  ];
  return renderFactList(facts);
}

export function chartsOf({ points }: GcLogView, key: string, view: View): LineChart[] {
  if (points.length === 0) return [];
  const texts = gcLanguages[view.language];
  const x = points.map(({ toMs }) => view.numbers.time(toMs));
  const shares = (of: 'gcSeconds' | 'otherSeconds') => points.map((point) => stoppedShare(point, of));
  const bytes = (of: 'heapAfterBytes' | 'liveSetBytes') => points.map((point) => point[of]);
  return [
    {
      id: `stops-${key}`,
      unit: 'ratio',
      x,
      lines: [
        { label: texts.stopped, values: shares('gcSeconds') },
        { label: texts.stoppedOther, values: shares('otherSeconds') },
      ],
    },
    {
      id: `heap-${key}`,
      unit: 'bytes',
      x,
      lines: [
        { label: texts.afterLast, values: bytes('heapAfterBytes') },
        { label: texts.liveSet, values: bytes('liveSetBytes') },
      ],
    },
  ];
}

function renderCourse({ points, reading: { totals } }: GcLogView, key: string, view: View): Content {
  const texts = gcLanguages[view.language];
  if (points.length === 0) return html`<p class="quiet">${texts.tooEarly}</p>`;
  const { strings, numbers } = view;
  const figure = (id: string, title: string, explained: string) =>
    html`<h4>${title}</h4>
      <figure data-key="${id}">
        ${renderCanvas(id, title)}
        <figcaption>${explained}</figcaption>
        ${renderChartTools({ chart: id, table: `course-${key}` }, view)}
      </figure>`;
  const share = (point: GcPoint, of: 'gcSeconds' | 'otherSeconds') =>
    ifKnown(stoppedShare(point, of), numbers.percent) ?? strings.unknown;
  const count = (value: number | undefined) => (value === undefined ? strings.unknown : numbers.plain(value));
  const size = (value: number | undefined) => (value === undefined ? strings.unknown : binaryBytesText(value));
  return html`${figure(`stops-${key}`, texts.stops, texts.stopsExplained)}
    ${figure(`heap-${key}`, texts.heap, texts.heapExplained)}
    <details class="printed" data-key="course">
      <summary>
        ${strings.pages.cluster.table}${points.length > mostRows && strings.aside(texts.latest(numbers.plain(mostRows), numbers.plain(points.length)))}
      </summary>
      ${renderUnder(`course-${key}`, texts.course, points.toReversed().slice(0, mostRows), [
        textColumn(texts.from, ({ fromMs }) => numbers.moment(fromMs)),
        numberColumn(texts.stopped, (point) => share(point, 'gcSeconds')),
        numberColumn(texts.stoppedOther, (point) => share(point, 'otherSeconds')),
        numberColumn(texts.pauses, ({ pauses }) => count(pauses)),
        numberColumn(texts.longest, (point) => longestText(point, totals, view) ?? strings.unknown),
        numberColumn(texts.fullCollections, ({ fullCollections }) => count(fullCollections)),
        numberColumn(texts.afterLast, ({ heapAfterBytes }) => size(heapAfterBytes)),
        numberColumn(texts.liveSet, ({ liveSetBytes }) => size(liveSetBytes)),
      ])}
    </details>`;
}

function renderPauses({ pauses }: GcLogTotals, key: string, view: View): Content {
  if (pauses.length === 0) return undefined;
  const texts = gcLanguages[view.language];
  const { strings, numbers, language } = view;
  const most = pauses.toSorted((one, other) => other.histogram.seconds - one.histogram.seconds).slice(0, mostTypes);
  // The total of a single pause is its length.
  const bound = (histogram: (typeof most)[number]['histogram'], share: number) =>
    histogram.count === 1
      ? numbers.seconds(histogram.seconds)
      : (ifKnown(quantileBound(histogram, share), (known) => boundText(known, numbers, language)) ?? strings.unknown);
  return html`${renderUnder(`pauses-${key}`, texts.totals, most, [
      textColumn(texts.type, ({ type }) => html`<bdi>${type}</bdi>`),
      textColumn(texts.cause, ({ cause }) => (cause === '' ? texts.noCause : html`<bdi>${cause}</bdi>`)),
      numberColumn(texts.count, ({ histogram }) => numbers.plain(histogram.count)),
      numberColumn(texts.total, ({ histogram }) => numbers.seconds(histogram.seconds)),
      numberColumn(texts.mean, ({ histogram: { seconds, count } }) =>
        count === 0 ? strings.unknown : numbers.seconds(seconds / count),
      ),
      numberColumn(texts.nearlyAll, ({ histogram }) => bound(histogram, 0.99)),
      numberColumn(texts.longest, ({ histogram }) => bound(histogram, 1)),
    ])}
    <p class="quiet">${texts.totalsExplained}</p>`;
}

function renderCycles({ cycles }: GcLogTotals, key: string, view: View): Content {
  if (cycles.length === 0) return undefined;
  const texts = gcLanguages[view.language];
  const { strings, numbers } = view;
  return renderUnder(`cycles-${key}`, texts.cycles, cycles, [
    textColumn(texts.type, ({ type }) => html`<bdi>${type}</bdi>`),
    numberColumn(texts.count, ({ count }) => numbers.plain(count)),
    numberColumn(texts.aborted, ({ aborted }) => numbers.plain(aborted)),
    numberColumn(texts.total, ({ seconds }) => (seconds === undefined ? strings.unknown : numbers.seconds(seconds))),
  ]);
}

/** Renders a table below the heading of one log. */
function renderUnder<Row>(id: string, title: string, rows: readonly Row[], columns: readonly Column<Row>[]): Html {
  return html`<section>
    <h4 id="${id}">${title}</h4>
    ${renderTableAlone(title, rows, columns)}
  </section>`;
}
