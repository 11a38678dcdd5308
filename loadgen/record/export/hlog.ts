// Exports the interval histograms as HdrHistogram logs, tagged by worker and series.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { maximumOf } from '../merged-histogram.ts';
import { createWallTime } from '../wall-time.ts';
import type { ExportedRun, ExportFormat } from './export-format.ts';

/*
 * HdrHistogram's log format 1.3 (HistogramLogWriter, HistogramLogReader of HdrHistogram 2.2):
 *   #[Histogram log format version 1.3]
 *   #[StartTime: SECONDS (seconds since epoch), TEXT]
 *   #[BaseTime: SECONDS (seconds since epoch)]
 *   "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
 *   Tag=WORKER.SERIES,START,LENGTH,MAX,BASE64
 * START counts from the base time, in seconds; MAX is in milliseconds; values in the histograms are microseconds.
 */
const legend = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"';

export const hlog = {
  summary: 'HdrHistogram log, format 1.3, values in microseconds, tagged by worker and series',

  async *files(run) {
    yield { name: `${run.document.id}.hlog`, text: render(run) };
  },
} satisfies ExportFormat;

async function* render({ document, lines }: ExportedRun): AsyncIterable<string> {
  const epoch = (Date.parse(document.startedAt) / 1000).toFixed(3);
  yield [
    `#[Run ${document.id} of Plimsoll: values are microseconds]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${epoch} (seconds since epoch), ${document.startedAt}]`,
    `#[BaseTime: ${epoch} (seconds since epoch)]`,
    legend,
    '',
  ].join('\n');
  const wallTime = createWallTime(document.startedAt);
  const base = wallTime.at(0);
  for await (const line of lines()) {
    wallTime.add(line);
    const later = (wallTime.at(0) - base) / 1000;
    for (const [tag, histogram] of seriesOf(line)) yield intervalOf(line, later, tag, histogram);
  }
}

function* seriesOf(line: JournalLine): Iterable<readonly [tag: string, histogram: string]> {
  if (line.kind === 'consumed') {
    yield [`${line.worker}.intended-to-consumed`, line.endToEnd];
    // Recorded with inverted sign; caused by clocks of two machines, or by one that was set.
    if (line.negative !== undefined) yield [`${line.worker}.consumed-before-intended`, line.negative];
  }
  if (line.kind !== 'produced') return;
  yield [`${line.worker}.intended-to-acknowledged`, line.latency];
  yield [`${line.worker}.intended-to-sent`, line.sendDelay];
  if (line.service !== undefined) yield [`${line.worker}.sent-to-acknowledged`, line.service];
  for (const { topic, latency } of line.topics ?? []) {
    yield [`${line.worker}.${topic}.intended-to-acknowledged`, latency];
  }
}

/** @param later seconds between the start of the run and the start of the line's attempt */
function intervalOf(line: JournalLine, later: number, tag: string, histogram: string): string {
  const length = 'intervalSeconds' in line ? line.intervalSeconds : 0;
  const start = Math.max(0, line.elapsedSeconds - length) + later;
  const milliseconds = maximumOf(histogram) / 1000;
  // A comma or space would end the tag.
  const written = tag.replaceAll(/[\s,]/g, '_');
  return `Tag=${written},${start.toFixed(3)},${length.toFixed(3)},${milliseconds.toFixed(3)},${histogram}\n`;
}
