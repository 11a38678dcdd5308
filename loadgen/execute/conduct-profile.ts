// Runs a load profile: sends all of its steps to the workers at once, so that there is no gap between steps.

import { awaitedElsewhere } from '../../core/errors.ts';
import type { DrivenLoad } from './conductor.ts';
import { seconds } from '../../core/clock.ts';
import type { RunPlan } from '../plan/plan.ts';
import { warmUpOf } from '../plan/planned-amount.ts';
import type { RunProgressSum } from '../record/run-progress-sum.ts';
import type { Threads } from './threads.ts';

interface ProfileStage extends DrivenLoad {
  plan: RunPlan;
  threads: Threads;
  sum: RunProgressSum;
}

/** Lag in seconds that counts as caught up under continuing load. */
const caughtUpSeconds = 0.1;

/** @throws the signal's reason */
export async function conductProfile(stage: ProfileStage, io: { signal: AbortSignal }): Promise<void> {
  const { plan, conductor, warmUpSeconds, firstStep, record, onProgress } = stage;
  const steps = plan.steps.slice(firstStep);
  const segments = plan.segments.slice(plan.segments.length - steps.length);
  const warmUp = warmUpOf(segments[0], seconds(warmUpSeconds));
  const begun = conductor.extend([...warmUp, ...segments]);
  let start = begun;
  if (warmUp.length > 0) {
    const targetTps = steps[0]?.targetTps;
    record({ kind: 'warm-up-started', elapsedSeconds: begun, ...(targetTps !== undefined && { targetTps }) });
    start += warmUpSeconds;
  }
  const done = plan.steps.slice(0, firstStep).reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const over = new AbortController();
  const stops = plan.stops.map((stop) =>
    stopConsumers(stage, stop, start - plan.warmUpSeconds - done, io, over.signal),
  );
  // Awaited below; if the run ends earlier, these end too.
  for (const stop of stops) stop.catch(awaitedElsewhere);
  for (const [offset, { targetTps, lanes, durationSeconds }] of steps.entries()) {
    const index = firstStep + offset;
    const summary = await conductor.announce({ index, targetTps, lanes, durationSeconds }, start, io);
    if (summary !== undefined) onProgress({ kind: 'step-ended', step: index + 1, steps: plan.steps.length, summary });
    start += durationSeconds;
  }
  await conductor.finished(io);
  over.abort();
  await Promise.all(stops);
}

/** Makes the group leave, and rejoin at the latest when the load ends; the journal shows its time to catch up. */
async function stopConsumers(
  { threads, clock, sum, record }: ProfileStage,
  { group, from, to }: RunPlan['stops'][number],
  shift: number,
  io: { signal: AbortSignal },
  loadOver: AbortSignal,
): Promise<void> {
  if (to + shift <= clock.elapsed()) return;
  const tell = (paused: boolean) => {
    for (const consumer of threads.consumers) {
      if (consumer.group === group) consumer.tell({ kind: 'consume', group, paused });
    }
  };
  const untilLoadEnds = async (moment: number) => {
    const signal = AbortSignal.any([io.signal, loadOver]);
    await clock.sleepUntil(moment, { signal }).catch((error: unknown) => {
      if (io.signal.aborted || !loadOver.aborted) throw error;
    });
  };
  await untilLoadEnds(from + shift);
  if (loadOver.aborted) return;
  tell(true);
  await untilLoadEnds(to + shift);
  if (loadOver.aborted) return tell(false);
  const lagOf = () => sum.lags().get(group) ?? 0;
  const behind = { messages: lagOf(), acknowledged: sum.acknowledgedMessages(), since: clock.elapsed() };
  tell(false);
  while (!loadOver.aborted) {
    const last = { acknowledged: sum.acknowledgedMessages(), at: clock.elapsed() };
    await clock.sleepUntil(clock.elapsed() + 1, io);
    const rate = (sum.acknowledgedMessages() - last.acknowledged) / (clock.elapsed() - last.at);
    if (lagOf() <= rate * caughtUpSeconds) break;
  }
  const sentMeanwhile = sum.acknowledgedMessages() - behind.acknowledged;
  record({
    kind: 'settled',
    elapsedSeconds: clock.elapsed(),
    waitedSeconds: clock.elapsed() - behind.since,
    drainedMessages: Math.max(0, behind.messages + sentMeanwhile - lagOf()),
    lagMessages: lagOf(),
  });
}
