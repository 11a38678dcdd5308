// What happens between the first message and the last line of the journal?

import { AppError, type FaultCode } from '../core/errors.ts';
import type { JournalLine } from '../core/run-bundle.ts';
import type { TelemetryEnvironment } from '../core/telemetry.ts';
import type { BundleWriter } from './bundle/bundle-writer.ts';
import { watchForFailure } from './failure-watch.ts';
import { createRunProgressSum } from './run-progress-sum.ts';
import type { RunPlan } from './plan.ts';
import type { RunTools } from './run.ts';
import { createRunClock, type RunClock, type RunOrigin } from './run-clock.ts';
import type { StepSummary } from './step-summary.ts';
import { recordTelemetry } from './telemetry-recorder.ts';
import type { Threads } from './threads.ts';
import { watchBusiestResource } from './busiest-resource.ts';

export type Ending =
  { status: 'completed' } | { status: 'aborted' } | { status: 'failed'; code: FaultCode; reason: string };

interface Stage {
  plan: RunPlan;
  origin: RunOrigin;
  environment: TelemetryEnvironment;
  threads: Threads;
  bundle: BundleWriter;
  tools: Pick<RunTools, 'telemetry' | 'onProgress'>;
}

/** Reports of the threads arrive within milliseconds of the second: so they reach the disk with it. */
const flushDelaySeconds = 0.05;
/** Consumers that are behind have this long after the last acknowledgement. */
const catchUpSeconds = 5;

/** @throws nothing once the load has started: a fault is an ending, and stands in the journal */
export async function conduct(
  { plan, origin, environment, threads, bundle, tools }: Stage,
  { signal }: { signal: AbortSignal },
): Promise<{ ending: Ending; steps: readonly StepSummary[] }> {
  const { journal, telemetry } = bundle;
  const clock = createRunClock(origin);
  const sum = createRunProgressSum(plan);
  const watch = watchForFailure();
  const over = new AbortController();
  const ending = Promise.withResolvers<Ending>();
  const busiest = watchBusiestResource(environment);
  const fail = (error: unknown) => {
    const { code, message } = error instanceof AppError ? error : new AppError('run-failed', String(error));
    ending.resolve({ status: 'failed', code: code === 'no-space' ? code : 'run-failed', reason: message });
  };

  threads.onLines((lines) => {
    for (const line of lines) {
      journal.append(line);
      sum.add(line);
      const failure = watch.add(line);
      if (failure !== undefined) fail(new AppError('run-failed', failure));
    }
  });
  const abort = () => ending.resolve({ status: 'aborted' });
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();

  tools.onProgress({ kind: 'started', id: plan.id, topic: plan.topic.name, directory: plan.directory });
  threads.start(origin);
  for (const consumer of threads.consumers) consumer.done.catch(fail);
  const announced = announceSteps();
  untilDriven().catch(fail);
  const background = [
    announced,
    everySecond(clock, flushDelaySeconds, over.signal, async () => {
      tools.onProgress(sum.progress(clock.elapsed()));
      await Promise.all([journal.flush(), telemetry.flush()]);
    }),
    recordTelemetry(tools.telemetry, clock, over.signal, (records) => {
      for (const record of records) telemetry.append(record);
      sum.setBusiest(busiest(records));
    }),
  ].map((work) =>
    work.catch((error: unknown) => {
      if (!over.signal.aborted) fail(error);
    }),
  );

  const result = await ending.promise;
  signal.removeEventListener('abort', abort);
  for (const producer of threads.producers) producer.stop();
  await settled(threads.producers.map(({ done }) => done));
  if (result.status === 'completed') await catchUp();
  for (const consumer of threads.consumers) consumer.stop();
  await settled(threads.consumers.map(({ done }) => done));
  over.abort();
  await Promise.all(background);
  const moment = { elapsedSeconds: Math.max(0, clock.elapsed()) };
  journal.append({
    kind: 'run-ended',
    ...moment,
    status: result.status,
    ...(result.status === 'failed' && { reason: result.reason }),
  });
  // A full disk has been told already; what fitted is intact.
  await Promise.all([journal.flush(), telemetry.flush()]).catch(() => {});
  tools.onProgress({ kind: 'ended' });
  return { ending: result, steps: sum.steps() };

  async function announceSteps(): Promise<void> {
    const say = async (line: JournalLine) => {
      await clock.sleepUntil(line.elapsedSeconds, over);
      journal.append(line);
    };
    let start = 0;
    if (plan.warmUpSeconds > 0) {
      const targetTps = plan.steps[0]?.targetTps ?? 0;
      await say({ kind: 'warm-up-started', elapsedSeconds: 0, targetTps });
      start = plan.warmUpSeconds;
    }
    for (const [step, { targetTps, durationSeconds }] of plan.steps.entries()) {
      await say({ kind: 'step-started', elapsedSeconds: start, step, targetTps });
      start += durationSeconds;
      await say({ kind: 'step-ended', elapsedSeconds: start, step });
      // The last reports of the step are on their way for some milliseconds.
      await clock.sleepUntil(start + flushDelaySeconds, over);
      tools.onProgress({ kind: 'step-ended', step: step + 1, steps: plan.steps.length, summary: sum.step(step) });
    }
  }

  async function untilDriven(): Promise<void> {
    await Promise.all(threads.producers.map(({ done }) => done));
    // The last message is due some time before its step is over.
    await announced;
    const failure = watch.atEnd();
    if (failure === undefined) ending.resolve({ status: 'completed' });
    else fail(new AppError('run-failed', failure));
  }

  async function catchUp(): Promise<void> {
    const deadline = clock.elapsed() + catchUpSeconds;
    while (sum.lagMessages() > 0 && clock.elapsed() < deadline && !signal.aborted) {
      await clock.sleepUntil(clock.elapsed() + 0.1, { signal }).catch(() => {});
    }
  }

  /** Threads bound their own drain; a thread that does not even end itself is ended with the stack that holds it. */
  async function settled(done: readonly Promise<void>[]): Promise<void> {
    const bound = clock.sleepUntil(clock.elapsed() + 2 * catchUpSeconds, over).catch(() => {});
    await Promise.race([Promise.allSettled(done), bound]);
  }
}

async function everySecond(
  clock: RunClock,
  phase: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let second = 0; ; second = Math.max(second + 1, Math.ceil(clock.elapsed() - phase))) {
    await clock.sleepUntil(second + phase, { signal });
    await work();
  }
}
