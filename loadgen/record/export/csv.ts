// Exports a run as CSV: one row per second of each producer, topic and consumer group.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { csvCell } from '../../../core/text/csv-cell.ts';
import { createMergedHistogram } from '../merged-histogram.ts';
import type { ExportedRun, ExportFormat } from './export-format.ts';
import { createStepLocator, type IntervalLine, type StepOfRun, type StepLocator } from '../step-locator.ts';
import { createWallTime, type WallTime } from '../wall-time.ts';

/*
 * RFC 4180: commas, CRLF, quotes inside quotes doubled; the first row is the header. Unknown values are empty.
 * scope producer   one producer thread, all of its topics
 * scope topic      part of that producer in one topic, if the workload has several: included in the row above, do not add it
 * scope consumer   one member of a consumer group
 */
const timed = ['latency', 'service', 'send_delay', 'end_to_end'] as const;
const figures = [50, 95, 99, 99.9, 100];
const figureName = (percentile: number) => (percentile === 100 ? 'max' : `p${String(percentile).replace('.', '')}`);

const headings = [
  'time',
  'elapsed_seconds',
  'interval_seconds',
  'attempt',
  'step',
  'target_messages_per_second',
  'lanes',
  'scope',
  'worker',
  'topic',
  'group',
  'intended_messages',
  'sent_messages',
  'acknowledged_messages',
  'failed_messages',
  'dropped_messages',
  'consumed_messages',
  'payload_bytes',
  'requests',
  'blocked_seconds',
  'event_loop_utilisation_ratio',
  'cpu_seconds',
  ...timed.flatMap((name) => figures.map((percentile) => `${name}_${figureName(percentile)}_seconds`)),
] as const;

type Heading = (typeof headings)[number];
type CsvRow = Partial<Record<Heading, string | number | undefined>>;

export const csv = {
  summary: 'a row per second, step, topic and producer; units stand in the headings',

  async *files(run) {
    yield { name: `${run.document.id}.csv`, text: render(run) };
  },
} satisfies ExportFormat;

async function* render({ document, lines }: ExportedRun): AsyncIterable<string> {
  yield `${headings.join(',')}\r\n`;
  const places = createStepLocator();
  const wallTime = createWallTime(document.startedAt);
  for await (const line of lines()) {
    places.add(line);
    wallTime.add(line);
    if (line.kind !== 'produced' && line.kind !== 'consumed') continue;
    const when = whenOf(line, places, wallTime);
    for (const row of rowsOf(line, document.workload.topic)) yield textOf({ ...when, ...row });
  }
}

function whenOf(line: IntervalLine, places: StepLocator, wallTime: WallTime): CsvRow {
  const step: StepOfRun | undefined = places.stepOf(line);
  return {
    time: new Date(wallTime.at(line.elapsedSeconds)).toISOString(),
    elapsed_seconds: line.elapsedSeconds,
    interval_seconds: line.intervalSeconds,
    attempt: places.attempt(),
    step: step && step.index + 1,
    target_messages_per_second: step?.targetTps,
    lanes: step?.lanes,
    worker: line.worker,
    event_loop_utilisation_ratio: line.eventLoopUtilisation,
    cpu_seconds: line.cpuSeconds,
  };
}

function* rowsOf(line: IntervalLine, topic: string | undefined): Iterable<CsvRow> {
  if (line.kind === 'consumed') {
    yield {
      scope: 'consumer',
      group: line.group,
      consumed_messages: line.messages,
      payload_bytes: line.bytes,
      ...timesOf('end_to_end', line.endToEnd),
    };
    return;
  }
  yield {
    scope: 'producer',
    topic: line.topics === undefined ? topic : undefined,
    intended_messages: line.intended,
    sent_messages: line.sent,
    acknowledged_messages: line.acknowledged,
    failed_messages: line.failed,
    dropped_messages: line.dropped ?? 0,
    payload_bytes: line.bytes,
    requests: line.requests,
    blocked_seconds: line.blockedSeconds,
    ...timesOf('latency', line.latency),
    ...timesOf('service', line.service),
    ...timesOf('send_delay', line.sendDelay),
  };
  for (const part of line.topics ?? []) yield topicRow(part);
}

const topicRow = (part: NonNullable<Extract<JournalLine, { kind: 'produced' }>['topics']>[number]): CsvRow => ({
  scope: 'topic',
  topic: part.topic,
  sent_messages: part.sent,
  acknowledged_messages: part.acknowledged,
  failed_messages: part.failed,
  payload_bytes: part.bytes,
  // Measured for the whole producer, not per topic.
  event_loop_utilisation_ratio: undefined,
  cpu_seconds: undefined,
  ...timesOf('latency', part.latency),
});

/** Reused: a histogram with a range of one hour is larger than the data of one second. */
const scratch = createMergedHistogram();

function timesOf(name: (typeof timed)[number], encoded: string | undefined): CsvRow {
  if (encoded === undefined) return {};
  scratch.clear();
  scratch.add(encoded);
  return Object.fromEntries(
    figures.map((percentile) => {
      const microseconds = scratch.at(percentile);
      return [`${name}_${figureName(percentile)}_seconds`, microseconds === undefined ? undefined : microseconds / 1e6];
    }),
  );
}

const textOf = (row: CsvRow): string => `${headings.map((heading) => cell(row[heading])).join(',')}\r\n`;

const cell = (value: string | number | undefined): string =>
  typeof value === 'number' ? String(value) : csvCell(value);
