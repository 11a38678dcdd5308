// Waits after the load until consumers have caught up, up to the lag that the workload allows.

import { ignoreFault } from '../../core/ignore-fault.ts';
import { delaySecondsOf } from '../plan/workload/delay-seconds.ts';
import type { Conductor } from './conductor.ts';
import type { RunClock } from './run-clock.ts';
import type { Stage } from './stage.ts';

/** Time for lagging consumers after the last acknowledgement, in addition to the workload's delay. */
export const catchUpSeconds = 5;

/** Resolves early when the signal aborts. */
export async function catchUp(
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
