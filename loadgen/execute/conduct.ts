// Conducts a run from the first message to the last line of the journal.

import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { endOfWait, ignoreFault } from '../../core/ignore-fault.ts';
import { answerSecondsOf } from './answer-timeout.ts';
import { awaitDelayed } from './await-delayed.ts';
import { watchBusiestResource } from '../record/busiest-resource.ts';
import { readJournalLines } from '../record/bundle/journal-lines.ts';
import { catchUpSeconds, delaySeconds } from './catch-up.ts';
import { conductProfile } from './conduct-profile.ts';
import { conductSearch } from './conduct-search.ts';
import { createConductor } from './conductor.ts';
import { everySecond } from './every-second.ts';
import { watchForFailure } from './failure-watch.ts';
import type { Breach } from '../guard/guard.ts';
import type { LogsSeen } from './log-watch.ts';
import { progressSecond } from './progress-second.ts';
import { createRunProgressSum } from '../record/run-progress-sum.ts';
import { createRunClock } from './run-clock.ts';
import type { Conducted, Ending, Stage } from './stage.ts';
import { backgroundLine, recordTelemetry } from './telemetry-recorder.ts';
import type { Threads } from './threads.ts';
import { watchTrials } from '../search/trial-watch.ts';
import { watchWire } from '../record/wire-check.ts';
import { wirePartsOf } from '../record/wire-loads.ts';
import { createDeliveryCheckOf } from '../record/bundle/resumption.ts';

/** Reports of the threads arrive within milliseconds of the second: so they reach the disk with it. */
const flushDelaySeconds = 0.05;
/** Of a journal of a month, several minutes. */
const readBackMilliseconds = 600_000;

/** @throws nothing once the load has started: a fault is an ending, and stands in the journal */
export async function conduct(stage: Stage, { signal }: { signal: AbortSignal }): Promise<Conducted> {
  const { plan, origin, environment, threads, bundle, search, resumption, logs, tools } = stage;
  const { journal, telemetry } = bundle;
  const { guard } = tools;
  const clock = createRunClock(origin);
  const { calibration = resumption?.document.calibration } = tools;
  const groups = plan.groups.map(({ name }) => name);
  const sum = resumption?.sum ?? createRunProgressSum(groups, calibration);
  const trials = watchTrials(sum, environment, calibration, tools.judgeLimits);
  const ledger = plan.workload.ledger ? (resumption?.ledger ?? createDeliveryCheckOf(plan)) : undefined;
  const { name: cluster, broker } = plan.cluster;
  const replicationFactor =
    (tools.recorded?.degraded ?? resumption?.document.degraded)?.copies ?? stage.replicationFactor;
  const wire = watchWire(
    wirePartsOf({ broker, replicationFactor, environment }, plan.workload, {
      topic: plan.topic.names[0],
      group: groups[0],
      cluster,
    }),
  );
  const failures = watchForFailure(plan.workload.outage, answerSecondsOf(plan.workload));
  const busiestOf = watchBusiestResource(environment);
  /** No more load is decided on; and nothing more is recorded. */
  const decided = new AbortController();
  const over = new AbortController();
  const ending = Promise.withResolvers<Ending>();
  let busiest: ReturnType<typeof busiestOf>;
  let certificate: SearchCertificate | undefined;

  const fail = (error: unknown) => {
    const { code, message } = error instanceof AppError ? error : new AppError('run-failed', String(error));
    ending.resolve({ status: 'failed', code: code === 'no-space' ? code : 'run-failed', reason: message });
  };
  const record = (line: JournalLine) => {
    journal.append(line);
    sum.add(line);
    trials.add(line);
    wire.add(line);
    ledger?.add(line);
    stage.observe?.(line);
  };
  const conductor = createConductor({ threads, clock, fromSeconds: origin.fromSeconds, sum, record });

  threads.onLines((lines) => {
    for (const line of lines) {
      record(line);
      const failure = failures.add(line);
      if (failure !== undefined) fail(new AppError('run-failed', failure));
    }
    guard?.observe(lines);
  });
  const abort = () => ending.resolve({ status: 'aborted' });
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();

  if (resumption !== undefined) {
    const { attempt } = plan;
    record({ kind: 'resumed', elapsedSeconds: origin.fromSeconds, attempt, ...(logs.areNew && { inNewTopics: true }) });
  }
  recordLogs(logs.before);
  tools.onProgress({
    kind: 'started',
    id: plan.id,
    topic: plan.topic.names.join(', '),
    directory: plan.directory,
    ...(plan.attempt > 1 && { attempt: plan.attempt }),
    ...(stage.url !== undefined && { url: stage.url }),
  });
  threads.tellAll({ kind: 'start', origin });
  for (const consumer of threads.consumers) consumer.done.catch(fail);
  for (const producer of threads.producers) producer.done.catch((error: unknown) => loseProducer(producer, error));

  const driving = drive().then(
    () => {
      const failure = failures.atEnd();
      if (failure === undefined) ending.resolve({ status: 'completed' });
      else fail(new AppError('run-failed', failure));
    },
    (error: unknown) => {
      if (!decided.signal.aborted) fail(error);
    },
  );
  const background = [
    driving,
    everySecond(clock, flushDelaySeconds, over.signal, async () => {
      tools.onProgress(
        progressSecond(
          { plan, sum, fromSeconds: origin.fromSeconds, isResumed: resumption !== undefined, busiest },
          clock,
        ),
      );
      await Promise.all([journal.flush(), telemetry.flush()]);
    }),
    recordTelemetry(tools.telemetry, clock, over.signal, (records) => {
      for (const seen of records) {
        telemetry.append(seen);
        wire.see(seen);
        if (seen.kind === 'background') record(backgroundLine(seen));
      }
      busiest = busiestOf(records) ?? busiest;
      trials.see(records);
      guard?.see(records);
    }),
    ...(guard ? [guard.watch({ signal: decided.signal, onBreach })] : []),
  ].map((work) =>
    work.catch((error: unknown) => {
      if (!over.signal.aborted) fail(error);
    }),
  );

  const result = await ending.promise;
  signal.removeEventListener('abort', abort);
  decided.abort();
  for (const producer of threads.producers) producer.tell({ kind: 'stop' });
  await settled(threads.producers.map(({ done }) => done));
  if (result.status === 'completed') {
    await conductor
      .drain(catchUpSeconds + delaySeconds(plan), { signal })
      .catch(ignoreFault('an aborted drain ends early'));
    if (ledger !== undefined && plan.workload.delay !== undefined) {
      const readKeptBack = async () => (await logs.read())?.keptBack;
      await awaitDelayed({ drain: conductor.drain, clock, readKeptBack }, { signal }).catch(
        ignoreFault('an aborted wait for delayed messages ends early'),
      );
    }
  }
  for (const consumer of threads.consumers) consumer.tell({ kind: 'stop' });
  await settled(threads.consumers.map(({ done }) => done));
  over.abort();
  await Promise.all(background);
  if (result.status === 'completed') await readCardsOnceMore();
  if (ledger !== undefined) recordLogs(await logs.read());
  record({
    kind: 'run-ended',
    elapsedSeconds: Math.max(0, clock.elapsed()),
    status: result.status,
    ...('reason' in result && { reason: result.reason }),
  });
  // A full disk was already reported; what was written is intact.
  await Promise.all([journal.flush(), telemetry.flush()]).catch(
    ignoreFault('the first failed write has ended the run'),
  );
  tools.onProgress({ kind: 'ended' });
  const checked = ledger && (await unlessUnread('the delivery check', ledger.account(readBack)));
  return {
    ending: result,
    steps: sum.steps(),
    wire: wire.check(),
    ...(certificate && { certificate }),
    ...(checked && ('reason' in checked ? { deliveryUnread: checked } : { ledger: checked })),
  };

  /** After the load nothing ends the run: what could not be read is reported, and the result lacks it. */
  function unlessUnread<Read>(what: string, reading: Promise<Read>): Promise<Read | { reason: string }> {
    return reading.catch((fault: unknown) => {
      const { message: reason } = fault as Error;
      tools.onProgress({ kind: 'unread', what, reason });
      return { reason };
    });
  }

  /** When the last message has been read: before it the account of bytes would lack a second. */
  async function readCardsOnceMore(): Promise<void> {
    const io = { signal: AbortSignal.timeout(1000) };
    const records = await unlessUnread(
      'the last bytes of the network cards',
      tools.telemetry.sample(() => clock.elapsed(), io),
    );
    for (const seen of 'reason' in records ? [] : records) {
      if (seen.kind !== 'host') continue;
      telemetry.append(seen);
      wire.see(seen);
    }
  }

  /** The lines that were added, once more: only those on the disk, should it be full. */
  function readBack() {
    return readJournalLines(join(plan.directory, 'journal.ndjson'), {
      signal: AbortSignal.timeout(readBackMilliseconds),
    });
  }

  function recordLogs(seen: LogsSeen | undefined): void {
    if (seen === undefined || seen.places.length === 0) return;
    record({ kind: 'log-offsets', elapsedSeconds: Math.max(origin.fromSeconds, clock.elapsed()), ...seen });
  }

  async function drive(): Promise<void> {
    const common = { conductor, clock, record, onProgress: tools.onProgress, warmUpSeconds: plan.warmUpSeconds };
    const io = { signal: decided.signal };
    if (plan.search === undefined || search === undefined) {
      return conductProfile({ ...common, plan, threads, sum, firstStep: resumption?.endedSteps ?? 0 }, io);
    }
    const { criteria, options } = plan.search;
    const history = resumption?.trials ?? [];
    const firstStep = resumption?.endedSteps ?? 0;
    const { settle } = options;
    certificate = await conductSearch({ ...common, search, criteria, settle, watch: trials, history, firstStep }, io);
  }

  function onBreach(breach: Breach): void {
    if (decided.signal.aborted) return;
    const ends = plan.search === undefined ? 'run' : breach.ends;
    const { input, reason, value, limit } = breach;
    // One breach is enough: until the load is quiet its inputs go on saying so.
    if (conductor.isCut && ends === 'trial') return;
    conductor.cut();
    record({
      kind: 'guard',
      elapsedSeconds: Math.max(0, clock.elapsed()),
      input,
      reason,
      ...(value !== undefined && { value }),
      ...(limit !== undefined && { limit }),
      ends,
    });
    tools.onProgress({ kind: 'stopped', reason, ends });
    if (ends === 'run') ending.resolve({ status: 'stopped', reason });
    else trials.breach({ criterion: `guard: ${input}`, measured: value ?? 1, limit: limit ?? 0 });
  }

  function loseProducer(producer: Threads['producers'][number], error: unknown): void {
    if (decided.signal.aborted) return;
    const isMoved = tools.lostWorker === 'move' && conductor.moveShare(producer);
    record({
      kind: 'worker-lost',
      elapsedSeconds: Math.max(0, clock.elapsed()),
      worker: producer.worker,
      reason: error instanceof Error ? error.message : String(error),
      share: isMoved ? 'moved' : 'invalid',
    });
    if (!isMoved) fail(error);
  }

  /** Threads bound their own drain; a thread that does not even end itself is ended with the stack that holds it. */
  async function settled(done: readonly Promise<void>[]): Promise<void> {
    const bounded = new AbortController();
    const bound = clock.sleepUntil(clock.elapsed() + 2 * catchUpSeconds, { signal: bounded.signal }).catch(endOfWait);
    await Promise.race([Promise.allSettled(done), bound]);
    bounded.abort();
  }
}
