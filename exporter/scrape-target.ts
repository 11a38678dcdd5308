// Reads one cluster or host, renders its series, and reports the outcome of the read.

import { rememberOutage, type BrokerAnswers, type OutageMemory } from '../brokers/broker-answers.ts';
import type { Section } from '../brokers/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import { AppError, isDefect } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Measurement } from './collector.ts';
import { shedOrder, type Detail } from './exposition/detail.ts';
import type { Definitions, Lines } from './exposition/families.ts';
import { retainChunks } from './exposition/chunk-pool.ts';
import { renderLines } from './exposition/render-lines.ts';
import { countSeries, type SeriesCount } from './exposition/series-count.ts';
import { ownMetrics } from './own-metrics.ts';
import { shareReading } from './shared-reading.ts';
import type { Target } from './target.ts';
import { createProblemLog, type OngoingProblem } from '../core/problem-log.ts';

export interface CollectorState {
  name: string;
  isSuccess: boolean;
  durationSeconds: number;
  reason?: string;
}

/** Result of the last scrape of a target. */
export interface TargetState {
  label: 'cluster' | 'host';
  name: string;
  isUp: boolean;
  reason?: string;
  at: Date;
  readSeconds: number;
  series: number;
  shed: Readonly<Record<(typeof shedOrder)[number], number>>;
  collectors: readonly CollectorState[];
  sections: readonly Section[];
}

export interface TargetScrape {
  parts: readonly { definitions: Definitions; lines: Lines }[];
  state: TargetState;
}

/** Never rejects: a missing response is part of the result. */
export type Scrape = (io: { signal: AbortSignal }) => Promise<TargetScrape>;

/** Time after the deadline for partial results; well within the slack for writing. */
const graceMs = 250;

export function createScrape<Context>(target: Target<Context>, io: { clock: Clock; log: Logger }): Scrape {
  const { clock } = io;
  const reportTroubles = createProblemLog(io.log.child({ [target.label]: target.name }));
  const outage = rememberOutage();

  const scrape = shareReading(async ({ signal }) => {
    const began = clock.monotonic();
    const answer = await readOrReport(target, outage, { signal });
    const readSeconds = clock.monotonic() - began;
    const scraped = await renderTarget(target, answer, { readSeconds, clock });
    reportTroubles(scraped.troubles);
    return scraped;
  }, graceMs);

  return async ({ signal }) => {
    const began = clock.monotonic();
    try {
      const scraped = await scrape({ signal });
      // Each caller builds its own page.
      for (const { lines } of scraped.parts) retainChunks(lines);
      return scraped;
    } catch (error) {
      // Unless it is a defect: the reading continues for other callers, or ignores the abort.
      const trouble = isDefect(error) ? unforeseen(error) : tooLate;
      const readSeconds = clock.monotonic() - began;
      const scraped = await renderTarget(target, { trouble, answers: 'unknown' }, { readSeconds, clock });
      if (isDefect(error)) reportTroubles(scraped.troubles);
      return scraped;
    }
  };
}

/** The reading, or why there is none. */
interface Answer<Context> {
  context?: Context;
  trouble?: OngoingProblem;
  answers: BrokerAnswers;
}

const unread = {
  about: 'the reading',
  level: 'warn',
  message: 'cannot read, its series are missing from the page',
} as const;
const tooLate: OngoingProblem = { ...unread, fields: { reason: 'no answer in time' } };
const unforeseen = (error: unknown): OngoingProblem => ({ ...unread, fields: { reason: describe(error), err: error } });

async function readOrReport<Context>(
  target: Target<Context>,
  outage: OutageMemory,
  io: { signal: AbortSignal },
): Promise<Answer<Context>> {
  try {
    const context = await target.read(io);
    const answers = target.answers(context);
    outage.note(answers);
    return { context, answers };
  } catch (error) {
    // Only unexpected errors are logged with their stack; faults have a message.
    if (error instanceof AppError) {
      const fields = { code: error.code, reason: error.message, hint: error.hint };
      return { trouble: { ...unread, fields }, answers: outage.isDownAfter(error) ? 'none' : 'unknown' };
    }
    return { trouble: io.signal.aborted && !isDefect(error) ? tooLate : unforeseen(error), answers: 'unknown' };
  }
}

async function renderTarget<Context>(
  target: Target<Context>,
  { context, trouble, answers }: Answer<Context>,
  { readSeconds, clock }: { readSeconds: number; clock: Clock },
): Promise<TargetScrape & { troubles: readonly OngoingProblem[] }> {
  const { label, name, kind, origin } = target;
  const sections = context === undefined ? [] : target.sections(context);
  const isUp = answers === 'some';

  const { rendering, series, shed } = await target.withinBudget((shedding, count) =>
    renderCollectors(target, context, { shed: shedding, count, clock }),
  );
  const own: Measurement[] = [
    { metric: `plimsoll_${label}_up`, labels: [], value: Number(isUp) },
    ...(kind !== undefined && answers !== 'unknown'
      ? [{ metric: 'plimsoll_cluster_down', labels: [kind], value: Number(answers === 'none') }]
      : []),
    { metric: 'plimsoll_scrape_read_duration_seconds', labels: [], value: readSeconds },
    ...(context === undefined ? [] : target.measure(context)),
    { metric: 'plimsoll_scrape_series', labels: [], value: series },
    ...shedOrder.map((detail) => ({ metric: 'plimsoll_scrape_series_shed', labels: [detail], value: shed[detail] })),
    ...rendering.collectors.flatMap(({ name: collector, isSuccess, durationSeconds }) => [
      { metric: 'plimsoll_scrape_collector_success', labels: [collector], value: Number(isSuccess) },
      { metric: 'plimsoll_scrape_collector_duration_seconds', labels: [collector], value: durationSeconds },
    ]),
  ];
  const unlimited = { origin, shed: new Set<Detail>(), count: countSeries(Infinity) };
  const ownLines = (await renderLines(ownMetrics, own, unlimited)) ?? new Map();
  return {
    parts: [...rendering.parts, { definitions: ownMetrics, lines: ownLines }],
    state: {
      label,
      name,
      isUp,
      ...(trouble && { reason: String(trouble.fields['reason']) }),
      at: clock.now(),
      readSeconds,
      series,
      shed,
      collectors: rendering.collectors,
      sections,
    },
    troubles: [
      ...(trouble === undefined ? [] : [trouble]),
      ...sections.filter(({ kind, refused }) => kind !== 'fresh' || refused !== undefined).map(troubleOf),
      ...rendering.troubles,
    ],
  };
}

interface Rendering {
  parts: TargetScrape['parts'];
  collectors: readonly CollectorState[];
  troubles: readonly OngoingProblem[];
}

async function renderCollectors<Context>(
  { collectors, origin }: Target<Context>,
  context: Context | undefined,
  { shed, count, clock }: { shed: ReadonlySet<Detail>; count: SeriesCount; clock: Clock },
): Promise<Rendering | undefined> {
  const parts: { definitions: Definitions; lines: Lines }[] = [];
  const states: CollectorState[] = [];
  const troubles: OngoingProblem[] = [];
  for (const { name, metrics, collect } of collectors) {
    const began = clock.monotonic();
    const about = `collector ${name}`;
    let reason: string | undefined;
    // Either all lines of a collector are on the page, or none.
    try {
      const collection = context === undefined ? undefined : collect(context);
      if (collection?.kind === 'ok') {
        const lines = await renderLines(metrics, collection.measurements, { origin, shed, count });
        if (lines === undefined) return undefined;
        parts.push({ definitions: metrics, lines });
      } else if (collection?.kind === 'unsupported') {
        // A 0 for metrics that this source never has would cause a permanent alert.
        continue;
      } else {
        reason = collection?.reason ?? 'nothing could be read';
        const message = 'collector has no data';
        if (collection !== undefined) troubles.push({ about, level: 'debug', message, fields: { reason } });
      }
    } catch (err) {
      reason = describe(err);
      const message = 'collector failed, its series are missing from the page';
      troubles.push({ about, level: 'error', message, fields: { collector: name, err } });
    }
    const durationSeconds = clock.monotonic() - began;
    states.push({ name, isSuccess: reason === undefined, durationSeconds, ...(reason !== undefined && { reason }) });
  }
  return { parts, collectors: states, troubles };
}

function troubleOf({ section, broker, kind, reason, hint }: Section): OngoingProblem {
  const messages = {
    fresh: 'some parts are refused, their series are missing from the page',
    kept: 'cannot read a part, its last good values are shown for a while',
    missing: 'cannot read a part, its series are missing from the page',
    skipped: 'data skipped to limit load on the broker',
  };
  return {
    about: `${section}${broker === undefined ? '' : ` of broker ${broker}`} (${kind})`,
    level: 'warn',
    message: messages[kind],
    fields: { section, ...(broker !== undefined && { broker }), reason, ...(hint !== undefined && { hint }) },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
