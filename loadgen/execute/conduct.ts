// Conducts a run from the first message to the last line of the journal.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import { endOfWait, ignoreFault } from '../../core/errors.ts';
import type { Breach } from '../guard/guard.ts';
import { answerSecondsOf } from './answer-timeout.ts';
import { conductProfile } from './conduct-profile.ts';
import { conductSearch } from './conduct-search.ts';
import { type Conductor, createConductor } from './conductor.ts';
import { watchForFailure } from './failure-watch.ts';
import { openBook, type RunBook } from './run-book.ts';
import { createRunClock, everySecond, type RunClock, startedAtOf } from './run-clock.ts';
import { awaitEnd, type RunEnd } from './run-end.ts';
import type { Conducted, Stage } from './stage.ts';
import type { ProducerThread } from './threads.ts';
import { endTransactionsSeconds } from './workers/production.ts';
import type { TrafficThread } from './workers/traffic-thread.ts';
import { delaySecondsOf } from '../plan/workload/delay-seconds.ts';

/** State shared by the parts of a run. */
interface Course extends Stage {
  clock: RunClock;
  book: RunBook;
  conductor: Conductor;
  end: RunEnd;
}

/** Delay after the second, so that thread reports, which arrive within milliseconds, are flushed with it. */
const flushDelaySeconds = 0.05;

/** @throws nothing once the load has started: a failure becomes the run's ending and is recorded in the journal */
export async function conduct(stage: Stage, io: { signal: AbortSignal }): Promise<Conducted> {
  const { threads, origin } = stage;
  const clock = createRunClock(origin);
  const book = openBook(stage, clock);
  const { sum, record } = book;
  const conductor = createConductor({ threads, clock, fromSeconds: origin.fromSeconds, sum, record });
  const end = awaitEnd(io.signal);
  const course = { ...stage, clock, book, conductor, end };
  /** Aborted when nothing more is recorded. */
  const over = new AbortController();

  const driving = startLoad(course);
  const watching = watchRun(course, over.signal);
  const ending = await end.ending;
  await stop(threads.producers, clock, endTransactionsSeconds);
  if (ending.status === 'completed') await catchUp(course, io);
  await stop(threads.consumers, clock);
  over.abort();
  const [certificate] = await Promise.all([driving, watching]);
  await book.close(ending);
  stage.tools.onProgress({ kind: 'ended' });
  return { ending, ...(certificate && { certificate }), ...(await book.results()) };
}

/** @returns the certificate of a completed search */
function startLoad(course: Course): Promise<SearchCertificate | undefined> {
  const { plan, origin, brokers, threads, resumption, logs, tools, book, end, url } = course;
  const failures = watchForFailure(plan.workload.outage, answerSecondsOf(plan.workload), brokers);
  threads.onLines((lines) => {
    for (const line of lines) {
      book.record(line);
      const failure = failures.add(line);
      if (failure !== undefined) end.fail(failure);
    }
    tools.guard?.observe(lines);
  });
  const { attempt, id, directory } = plan;
  if (resumption !== undefined) {
    const elapsedSeconds = origin.fromSeconds;
    const startedAt = startedAtOf(origin);
    book.record({ kind: 'resumed', elapsedSeconds, attempt, startedAt, ...(logs.areNew && { inNewTopics: true }) });
  }
  book.recordLogs('start', logs.before);
  tools.onProgress({
    kind: 'started',
    id,
    topic: plan.topic.names.join(', '),
    directory,
    ...(attempt > 1 && { attempt }),
    ...(url !== undefined && { url }),
  });
  threads.tellAll({ kind: 'start', origin });
  for (const consumer of threads.consumers) consumer.done.catch(end.fail);
  for (const producer of threads.producers) {
    producer.done.catch((error: unknown) => {
      const line = loseProducer(course, producer, error);
      if (line !== undefined) failures.add(line);
    });
  }
  return drive(course).then(
    (certificate) => {
      const failure = failures.atEnd();
      if (failure === undefined) end.decide({ status: 'completed' });
      else end.fail(failure);
      return certificate;
    },
    (error: unknown) => {
      if (!end.decided.aborted) end.fail(error);
      return undefined;
    },
  );
}

async function drive(course: Course): Promise<SearchCertificate | undefined> {
  const { plan, threads, search, resumption, tools, clock, book, conductor, end } = course;
  const { sum, record, trials } = book;
  const { onProgress } = tools;
  const firstStep = resumption?.endedSteps ?? 0;
  const common = { conductor, clock, record, onProgress, warmUpSeconds: plan.warmUpSeconds, firstStep };
  const io = { signal: end.decided };
  if (plan.search === undefined || search === undefined) {
    await conductProfile({ ...common, plan, threads, sum }, io);
    return undefined;
  }
  const { criteria, options } = plan.search;
  const history = resumption?.trials ?? [];
  const completeSecond = () => tools.guard?.completeSecond();
  return conductSearch(
    { ...common, search, criteria, settle: options.settle, watch: trials, history, completeSecond },
    io,
  );
}

/** Flushes, reports and samples every second, and runs the guard; a failure here fails the run. */
async function watchRun(course: Course, over: AbortSignal): Promise<void> {
  const { tools, clock, book, end } = course;
  const watches = [
    everySecond(clock, flushDelaySeconds, over, async () => {
      tools.onProgress(book.progress());
      await book.flush();
    }),
    // A second that is missed because a source was slow is not made up for.
    everySecond(clock, 0, over, async () => {
      book.see(await tools.telemetry.sample(() => clock.elapsed(), { signal: over }));
    }),
    ...(tools.guard
      ? [tools.guard.watch({ signal: end.decided, onBreach: (breach) => onBreach(course, breach) })]
      : []),
  ];
  await Promise.all(
    watches.map((work) =>
      work.catch((error: unknown) => {
        if (!over.aborted) end.fail(error);
      }),
    ),
  );
}

function onBreach({ plan, clock, book, conductor, end, tools }: Course, breach: Breach): void {
  if (end.decided.aborted) return;
  const ends = plan.search === undefined ? 'run' : breach.ends;
  const { input, reason, value, limit } = breach;
  // One breach is enough: the guard's inputs report it until the load has ended.
  if (conductor.isCut && ends === 'trial') return;
  conductor.cut();
  book.record({ kind: 'guard', elapsedSeconds: Math.max(0, clock.elapsed()), ...breach, ends });
  tools.onProgress({ kind: 'stopped', reason, ends });
  if (ends === 'run') end.decide({ status: 'stopped', reason });
  else
    book.trials.breach({
      criterion: `guard: ${input}`,
      violated: { kind: 'guard' },
      measured: value ?? 1,
      limit: limit ?? 0,
    });
}

/** @returns the line written to the journal; undefined if the run had already ended */
function loseProducer(
  { clock, book, conductor, end, tools }: Course,
  producer: ProducerThread,
  error: unknown,
): JournalLine | undefined {
  if (end.decided.aborted) return undefined;
  const isMoved = tools.lostWorker === 'move' && conductor.moveShare(producer);
  const { worker } = producer;
  const reason = error instanceof Error ? error.message : String(error);
  const line: JournalLine = {
    kind: 'worker-lost',
    elapsedSeconds: Math.max(0, clock.elapsed()),
    worker,
    reason,
    share: isMoved ? 'moved' : 'invalid',
  };
  book.record(line);
  tools.guard?.observe([line]);
  if (isMoved) tools.onProgress({ kind: 'worker-lost', worker, reason });
  else end.fail(error);
  return line;
}

/** Threads limit their own drain; a thread that does not end is ended when its stack is disposed. */
async function stop(threads: readonly TrafficThread[], clock: RunClock, besides = 0): Promise<void> {
  for (const thread of threads) thread.tell({ kind: 'stop' });
  const bounded = new AbortController();
  const bound = clock
    .sleepUntil(clock.elapsed() + 2 * catchUpSeconds + besides, { signal: bounded.signal })
    .catch(endOfWait);
  await Promise.race([Promise.allSettled(threads.map(({ done }) => done)), bound]);
  bounded.abort();
}

/** Time for lagging consumers after the last acknowledgement, in addition to the workload's delay. */
const catchUpSeconds = 5;

/** Resolves early when the signal aborts. */
async function catchUp(
  { plan, logs, conductor, clock }: Pick<Stage, 'plan' | 'logs'> & { conductor: Conductor; clock: RunClock },
  io: { signal: AbortSignal },
): Promise<void> {
  const { drain } = conductor;
  await drain(catchUpSeconds + delaySecondsOf(plan.workload), io).catch(ignoreFault('an aborted drain ends early'));
  if (!plan.workload.ledger || plan.workload.delay === undefined) return;
  const readKeptBack = async () => (await logs.read())?.keptBack;
  await awaitDelayed({ drain, clock, readKeptBack }, io).catch(
    ignoreFault('an aborted wait for delayed messages ends early'),
  );
}

interface DelayedTools {
  drain: Conductor['drain'];
  clock: Pick<RunClock, 'elapsed'>;
  /** @returns messages held back by brokers; absent if a broker did not report it */
  readKeptBack(): Promise<number | undefined>;
}

/** After an exception a broker retries a level after 10 s (ScheduleMessageService, DELAY_FOR_A_PERIOD). */
const patienceSeconds = 11;
/** A level delivers one message at a time, each stored before the next: 1,800 at 30 ms each take 54 s. */
const mostSeconds = 120;

/** Resolves when groups have received all messages, nothing changed for some seconds, or two minutes have passed. */
export async function awaitDelayed({ drain, clock, readKeptBack }: DelayedTools, io: { signal: AbortSignal }) {
  const start = clock.elapsed();
  let least = Infinity;
  let movedAt = start;
  for (let now = start; now - start < mostSeconds; now = clock.elapsed()) {
    const { lagMessages } = await drain(1, io);
    if (lagMessages === 0) return;
    const keptBack = await readKeptBack();
    const left = lagMessages + (keptBack ?? 0);
    if (left < least) {
      least = left;
      movedAt = now;
    } else if (now - movedAt > (keptBack === 0 ? catchUpSeconds : patienceSeconds)) return;
  }
}
