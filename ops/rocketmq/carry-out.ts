// How is a change carried out so that it can stop anywhere? Each step is written down before it begins and after it is done.

import { AppError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import type { Seconds } from '../../core/units.ts';
import type { Hold, Outcome, Step } from './change.ts';
import type { ChangeState, StepRecord } from './change-state.ts';

export interface Journey<Facts extends object> {
  state: ChangeState;
  /** The object the steps were built from: what a step learns is put there, and into the state. */
  facts: Facts;
  steps: readonly Step<Facts>[];
  clock: Clock;
  signal: AbortSignal;
  save(state: ChangeState): Promise<void>;
  tell(line: string): void;
}

export type Arrival = { kind: 'done' } | { kind: 'held'; step: string; holds: readonly Hold[] };

/**
 * @param wait how long a step may be held back before the journey rests there
 * @throws AppError as a step meets it, in words that say where the change stands; the signal's reason once it aborts
 */
export async function carryOut<Facts extends object>(journey: Journey<Facts>, wait: Seconds): Promise<Arrival> {
  const { state, steps, clock, tell } = journey;
  for (const [index, step] of steps.entries()) {
    const record = recordOf(state, step.id);
    if (record.doneAt !== undefined) continue;
    record.begunAt ??= clock.now().toISOString();
    delete record.undoneAt;
    await journey.save(state);
    tell(`step ${index + 1} of ${steps.length}, ${step.id}: ${step.says}`);
    if (step.by === 'operator') for (const line of step.how ?? []) tell(`  operator: ${line}`);
    const outcome = await untilDone(journey, step, wait);
    if (outcome.kind === 'held') return { kind: 'held', step: step.id, holds: outcome.holds };
    record.doneAt = clock.now().toISOString();
    record.evidence = [...outcome.evidence];
    await journey.save(state);
    for (const line of outcome.evidence) tell(`  ${line}`);
  }
  state.status = 'done';
  await journey.save(state);
  return { kind: 'done' };
}

async function untilDone<Facts extends object>(
  journey: Journey<Facts>,
  step: Step<Facts>,
  wait: Seconds,
): Promise<Outcome<Facts>> {
  const { clock, signal, state, facts, tell } = journey;
  const deadline = clock.monotonic() + wait;
  let told = '';
  for (;;) {
    const outcome = await attempt(journey, step);
    if (outcome.learnt !== undefined) {
      Object.assign(facts, outcome.learnt);
      state.facts = Object.fromEntries(Object.entries(facts));
      await journey.save(state);
    }
    if (outcome.kind === 'done') return outcome;
    const words = outcome.holds.map(holdText).join('\n');
    if (words !== told) for (const line of words.split('\n')) tell(`  held: ${line}`);
    told = words;
    if (clock.monotonic() + step.pause > deadline) return outcome;
    await clock.sleep(step.pause, { signal });
  }
}

/** Who does not answer now may do so later: that holds the step, and is no end of the change. */
async function attempt<Facts extends object>(
  { signal, state }: Journey<Facts>,
  step: Step<Facts>,
): Promise<Outcome<Facts>> {
  try {
    return await step.run({ signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code === 'broker-unreachable' || cause.code === 'broker-busy') {
      return { kind: 'held', holds: [{ what: cause.message }] };
    }
    throw new AppError(cause.code, `${state.change} of ${state.subject} stopped in ${step.id}: ${cause.message}`, {
      cause,
      hint: `${cause.hint}; --resume goes on from there, --abort goes back`,
    });
  }
}

/** From the last step begun to the first. @throws AppError as the undoing meets it; what was undone until then is written down */
export async function goBack<Facts extends object>(journey: Journey<Facts>): Promise<void> {
  const { state, steps, clock, signal, tell } = journey;
  for (const step of steps.toReversed()) {
    const record = recordOf(state, step.id);
    if (record.begunAt === undefined || record.undoneAt !== undefined) continue;
    if (step.undo !== undefined) {
      tell(`back from ${step.id}: ${step.undo.says}`);
      for (const line of await step.undo.run({ signal })) tell(`  ${line}`);
    }
    record.undoneAt = clock.now().toISOString();
    delete record.doneAt;
    await journey.save(state);
  }
  state.status = 'aborted';
  await journey.save(state);
}

function recordOf(state: ChangeState, id: string): StepRecord {
  let record = state.steps.find((each) => each.id === id);
  if (record === undefined) {
    record = { id, evidence: [] };
    state.steps.push(record);
  }
  return record;
}

export function holdText({ what, until }: Hold): string {
  return until === undefined ? what : `${what}; until ${until.toISOString().replace(/\.\d+Z$/, 'Z')} at the latest`;
}
