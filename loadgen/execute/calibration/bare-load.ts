// Runs a workload with only its producer threads: no bundle, hosts or guard.

import { seconds } from '../../../core/clock.ts';
import type { RunPlan } from '../../plan/plan.ts';
import type { Segment } from '../../plan/profiles/profile.ts';
import type { RunTopic } from '../topic.ts';
import type { StartThread } from '../workers/traffic-thread.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { defined } from '../../../core/defined.ts';
import { createConductor, reportDelaySeconds } from '../conductor.ts';
import { createLatencySum, type LatencyPercentiles } from '../../../core/statistics/latency-sum.ts';
import { awaitedElsewhere } from '../../../core/errors.ts';
import { chooseOrigin, createRunClock } from '../run-clock.ts';
import { createRunProgressSum } from '../../record/run-progress-sum.ts';
import { openThreads } from '../threads.ts';

export interface DrivenFigures {
  /** Acknowledged messages, and the time in seconds over which they are summed. */
  messages: number;
  seconds: number;
  failedSends: number;
  /** Times from sent to acknowledged, and from planned to sent; each absent if nothing was measured. */
  service?: LatencyPercentiles;
  sendDelay?: LatencyPercentiles;
  /** Load of the busiest worker: CPU seconds per second of its thread, and share of time its event loop was busy. */
  workerCpu: number;
  eventLoopUtilisation: number;
}

type ProducedLine = Extract<JournalLine, { kind: 'produced' }>;

/** Time for all threads to receive the origin, which takes milliseconds. */
const leadSeconds = 0.2;

/** @param brokers determines how many requests may be unanswered @throws AppError from the broker */
export async function openBareLoad(
  plan: RunPlan,
  { names, partitions }: Pick<RunTopic, 'names' | 'partitions'>,
  brokers: number,
  startThread: StartThread,
  io: { signal: AbortSignal },
) {
  const topic = { names, partitions, replicationFactor: 1, own: names, async [Symbol.asyncDispose]() {} };
  await using opening = new AsyncDisposableStack();
  const threads = opening.use(await openThreads({ ...plan, groups: [] }, topic, brokers, startThread, io));
  const origin = chooseOrigin(leadSeconds);
  const clock = createRunClock(origin);
  const lines: ProducedLine[] = [];
  threads.onLines((reported) => lines.push(...reported.filter((line) => line.kind === 'produced')));
  const sum = createRunProgressSum([]);
  const conductor = createConductor({ threads, clock, fromSeconds: 0, sum, record: () => {} });
  const lost = Promise.race(threads.producers.map(({ done }) => done)).then(() =>
    Promise.reject(new Error('it ended')),
  );
  lost.catch(awaitedElsewhere);
  threads.tellAll({ kind: 'start', origin });
  const stack = opening.move();

  async function drive(segment: Segment, warmUpSeconds: number, { signal }: { signal: AbortSignal }) {
    lines.length = 0;
    const warmUp = warmUpSeconds > 0 ? [{ ...segment, duration: seconds(warmUpSeconds) }] : [];
    const start = conductor.extend([...warmUp, segment]) + warmUpSeconds;
    const end = start + segment.duration;
    await clock.sleepUntil(end + reportDelaySeconds, { signal });
    conductor.cut();
    await conductor.finished({ signal });
    return figuresOf(lines.filter((line) => isOf(line, start, end)));
  }

  return {
    /**
     * Sends the load of a segment, first as a warm-up and then to measure; messages unsent at the end are dropped.
     * @throws the signal's reason
     */
    drive: (segment: Segment, warmUpSeconds: number, given: { signal: AbortSignal }): Promise<DrivenFigures> =>
      Promise.race([drive(segment, warmUpSeconds, given), lost]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A shorter overlap counts as rounding: the interval belongs to the phase before or after. */
const leastSeconds = 0.1;

/** Ignores reports that barely overlap: on a busy machine a report comes late and includes some of the warm-up. */
function isOf({ elapsedSeconds, intervalSeconds }: ProducedLine, start: number, end: number): boolean {
  const within = Math.min(elapsedSeconds, end) - Math.max(elapsedSeconds - intervalSeconds, start);
  return within > leastSeconds;
}

export function figuresOf(lines: readonly ProducedLine[]): DrivenFigures {
  const [service, sendDelay] = [createLatencySum(), createLatencySum()];
  const workers = new Map<string, { seconds: number; cpu: number; busy: number }>();
  let messages = 0;
  let failedSends = 0;
  for (const line of lines) {
    const { worker, intervalSeconds } = line;
    const thread = getOrMake(workers, worker, () => ({ seconds: 0, cpu: 0, busy: 0 }));
    thread.seconds += intervalSeconds;
    thread.cpu += line.cpuSeconds;
    thread.busy += line.eventLoopUtilisation * intervalSeconds;
    messages += line.acknowledged;
    failedSends += line.failed;
    if (line.service !== undefined) service.add(line.service);
    sendDelay.add(line.sendDelay);
  }
  const each = [...workers.values()];
  const most = (of: (worker: (typeof each)[number]) => number) =>
    Math.max(0, ...each.map((one) => of(one) / one.seconds));
  return {
    messages,
    seconds: each.reduce((sum, one) => sum + one.seconds, 0) / Math.max(1, each.length),
    failedSends,
    ...defined({
      service: service.percentiles(),
      sendDelay: sendDelay.percentiles(),
    }),
    workerCpu: most(({ cpu }) => cpu),
    eventLoopUtilisation: most(({ busy }) => busy),
  };
}
