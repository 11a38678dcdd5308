// Executes a change step by step, forward or as a rollback; the journal records each step before and after.

import type { Finding } from '../../core/documents/analysis.ts';
import { AppError, type FaultCode, isUnreachable } from '../../core/errors.ts';
import { seconds, type Seconds } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import type { HeldChange } from './held-journal.ts';
import type { ChangeJournal, StepRecord } from './journal.ts';
import { type Text, textIn } from '../../core/text/bilingual.ts';
import {
  blockerText,
  changesNothing,
  heldBy,
  undoText,
  type Blocker,
  type Outcome,
  type Step,
  type StepIo,
} from './step.ts';

export interface Execution<Facts extends object> extends Omit<HeldChange<Facts>, 'request' | 'isNew'> {
  /** Built from the facts of the journal, where facts learnt by a step are stored. */
  steps: readonly Step<Facts>[];
  /** A step that fails, or is blocked longer than `wait`, turns the change into a rollback. */
  abortsWhenHeld?: boolean;
  /** If refused before anything changed, the change has ended. */
  endsWhenRefused?: boolean | undefined;
  /** An error or interrupt rolls the change back, unless another process may own the cluster. */
  rollsBackWhenStopped?: boolean;
  /** Checks the cluster once more at the end, in either direction. */
  verify?(): Promise<readonly Finding[]>;
  /** Stops running operations and restores borrowed settings. @returns the error to throw */
  stopped?(cause: unknown): Promise<unknown>;
}

type Notebook = Pick<Execution<object>, 'journal' | 'clock' | 'save' | 'tell'>;

export type Arrival =
  | { kind: 'done' | 'paused' }
  /** `holds`: why it was rolled back without a request. */
  | { kind: 'rolled-back'; holds?: readonly Blocker[] }
  | { kind: 'held'; step: string; holds: readonly Blocker[] };

/**
 * @param wait how long a step may be blocked before the change pauses there
 * @throws AppError of a step; the signal's reason once it aborts; the result of `stopped` for either
 */
export async function carryOut<Facts extends object>(
  change: Execution<Facts>,
  wait: Seconds = seconds(0),
): Promise<Arrival> {
  const { journal } = change;
  try {
    const arrival = journal.direction === 'back' ? await goBack(change) : await forwardOrBack(change, wait);
    if (arrival.kind === 'done' || arrival.kind === 'rolled-back') {
      const findings = await change.verify?.();
      if (findings !== undefined)
        journal.checks.after = { at: change.clock.now().toISOString(), findings: [...findings] };
      journal.status = arrival.kind;
    }
    delete journal.leaseId;
    await change.save();
    return arrival;
  } catch (cause) {
    // Another process may own the cluster by now, whatever stopped this one: then nothing is touched.
    const taken = isTaken(cause) ? cause : await takenOver(change);
    if (taken !== undefined) throw taken;
    const isUnderWay = journal.status === 'running';
    if (change.rollsBackWhenStopped === true && isUnderWay) throw await rolledBack(change, cause);
    delete journal.leaseId;
    throw change.stopped === undefined ? cause : await change.stopped(cause);
  }
}

/** Time limit of a rollback after an error or interrupt. */
const tidySeconds = 150;

/** @returns the error to throw; change-stopped if the change is still under way */
async function rolledBack<Facts extends object>(change: Execution<Facts>, cause: unknown): Promise<unknown> {
  const { journal, signal, steps, tell } = change;
  const stop: unknown = signal.aborted ? signal.reason : cause;
  const last = steps.at(-1);
  const record = last && 'none' in last.undo ? recordOf(journal, last.id) : undefined;
  const isLast = record?.begunAt !== undefined && record.undoneAt === undefined;
  // What failed was the rollback, or a last step that cleans up: it has waited already.
  const hasWaited = journal.direction === 'back' || isLast;
  const within = AbortSignal.timeout(1000 * tidySeconds);
  let left = cause;
  if (signal.aborted || !hasWaited) {
    try {
      // Borrowed settings are restored also without the lease.
      const check = journal.borrowed.length > 0 ? async () => undefined : change.check;
      await check();
      journal.direction = 'back';
      // A full disk does not block the rollback, only its end.
      await goBack({ ...change, check, signal: within, save: () => change.save().catch(unlessFull) });
      journal.status = 'rolled-back';
      delete journal.leaseId;
      await change.save();
      return stop;
    } catch (fault) {
      left = fault;
    }
  }
  if (left instanceof AppError && ofOthers.has(left.code)) {
    tell('not rolled back, because another process may hold the lease');
    return left;
  }
  const why = within.aborted ? `it took more than ${tidySeconds} s` : textOf(left);
  const after = left === stop ? '' : `; it stopped because: ${textOf(stop)}`;
  const state = journal.direction === 'back' ? 'is not rolled back yet' : 'has not ended yet';
  return new AppError('change-stopped', `${journal.change} of ${journal.subject} ${state}: ${why}${after}`, {
    cause,
    hint: left instanceof AppError ? left.hint : undefined,
  });
}

const textOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

function unlessFull(cause: unknown): void {
  if (!(cause instanceof AppError) || cause.code !== 'no-space') throw cause;
}

const isTaken = (fault: unknown): fault is AppError => fault instanceof AppError && fault.code === 'change-under-way';

async function takenOver({ check }: Pick<Execution<object>, 'check'>): Promise<AppError | undefined> {
  try {
    await check();
    return undefined;
  } catch (fault) {
    return isTaken(fault) ? fault : undefined;
  }
}

/** Another process owns the cluster now. */
const ofOthers: ReadonlySet<FaultCode> = new Set([
  'change-under-way',
  'lease-lost',
  'lease-expired',
  'lease-unreadable',
]);

async function forwardOrBack<Facts extends object>(change: Execution<Facts>, wait: Seconds): Promise<Arrival> {
  if (change.abortsWhenHeld !== true) return await goForward(change, wait);
  const arrival = await goForward(change, wait).catch((cause: unknown): Arrival => {
    if (change.signal.aborted || !(cause instanceof AppError) || ofOthers.has(cause.code)) throw cause;
    return { ...heldBy(cause.message), step: '' };
  });
  if (arrival.kind !== 'held') return arrival;
  const { holds } = arrival;
  await note(change, {
    en: `rolled back (--abort-when-held), because blocked by: ${holds.map((each) => blockerText(each)).join('; ')}`,
    zh: `因受阻而回滚（--abort-when-held）：${holds.map((each) => blockerText(each, 'zh')).join('；')}`,
  });
  change.journal.direction = 'back';
  const back = await goBack(change);
  return back.kind === 'rolled-back' ? { ...back, holds } : back;
}

async function goForward<Facts extends object>(change: Execution<Facts>, wait: Seconds): Promise<Arrival> {
  const { journal, steps, clock, tell } = change;
  for (const { id, after, ends = [] } of steps) {
    const record = journal.steps.find((each) => each.id === id);
    const again = record?.undoneAt === undefined ? [] : ends;
    const isUnderWay = record?.begunAt !== undefined && record.doneAt === undefined;
    for (const each of isUnderWay && after !== undefined ? [after, ...again] : again)
      delete recordOf(journal, each).doneAt;
  }
  for (const [index, step] of steps.entries()) {
    const record = recordOf(journal, step.id);
    if (record.doneAt !== undefined) continue;
    record.begunAt ??= clock.now().toISOString();
    delete record.undoneAt;
    await note(change, {
      en: `step ${index + 1} of ${steps.length}, ${step.id}: ${step.description}`,
      zh: `第 ${index + 1} 步（共 ${steps.length} 步）${step.id}：${step.zh}`,
    });
    if (step.by === 'operator') for (const line of step.how ?? []) tell(`  operator: ${textIn(line, 'en')}`);
    const outcome = await untilDone(change, step, wait);
    if (outcome.kind === 'held') return { kind: 'held', step: step.id, holds: outcome.holds };
    if (outcome.kind === 'asked') {
      if (outcome.request === 'pause') return { kind: 'paused' };
      journal.direction = 'back';
      return await goBack(change);
    }
    record.doneAt = clock.now().toISOString();
    record.evidence = [...outcome.evidence];
    await change.save();
    for (const line of outcome.evidence) tell(`  ${textIn(line, 'en')}`);
  }
  return { kind: 'done' };
}

async function untilDone<Facts extends object>(change: Execution<Facts>, step: Step<Facts>, wait: Seconds) {
  const { clock, signal, journal, tell } = change;
  const deadline = clock.monotonic() + wait;
  let lastText = '';
  for (let isFirst = true; ; isFirst = false) {
    const outcome = await attempt(change, step).catch(async (cause: unknown) => {
      if (isFirst && isRefusedWhole(change, cause)) {
        journal.status = 'rolled-back';
        await change.save();
      }
      throw cause;
    });
    if (outcome.learnt !== undefined) {
      Object.assign(journal.facts, outcome.learnt);
      await change.save();
    }
    if (outcome.kind !== 'held') return outcome;
    const text = outcome.holds.map((each) => blockerText(each)).join('\n');
    if (text !== lastText) for (const line of text.split('\n')) tell(`  blocked: ${line}`);
    lastText = text;
    if (step.pause === undefined || clock.monotonic() + step.pause > deadline) return outcome;
    await clock.sleep(step.pause, { signal });
  }
}

/** Temporary errors, besides brokers that do not respond. */
const passing: ReadonlySet<FaultCode> = new Set(['broker-busy', 'host-hung', 'host-unreachable']);

/** Converts temporary errors of a repeatable step to a blocker, so that they do not end the change. */
async function attempt<Facts extends object>(change: Execution<Facts>, step: Step<Facts>): Promise<Outcome<Facts>> {
  const { signal, journal } = change;
  try {
    await change.check();
    return await step.run(stepIo(change));
  } catch (cause) {
    signal.throwIfAborted();
    if (step.pause === undefined || !(cause instanceof AppError)) throw cause;
    if (isUnreachable(cause) || passing.has(cause.code)) {
      return heldBy({ en: cause.message, zh: `暂时无法执行：${cause.message}` });
    }
    throw new AppError(cause.code, `${journal.change} of ${journal.subject} stopped in ${step.id}: ${cause.message}`, {
      cause,
      hint: cause.hint,
    });
  }
}

/** A step that throws change-refused has changed nothing. */
function isRefusedWhole({ endsWhenRefused = false, journal, steps }: Execution<object>, cause: unknown): boolean {
  const isDone = (id: string) => journal.steps.some((record) => record.id === id && record.doneAt !== undefined);
  const hasChanged = steps.some(({ id, undo }) => undo !== changesNothing && isDone(id));
  return endsWhenRefused && !hasChanged && cause instanceof AppError && cause.code === 'change-refused';
}

/** Undoes steps from the last begun to the first. */
async function goBack<Facts extends object>(change: Execution<Facts>): Promise<Arrival> {
  const { journal, steps, clock, signal, tell } = change;
  let fault: AppError | undefined;
  await change.save();
  for (const step of steps.toReversed()) {
    const record = recordOf(journal, step.id);
    if (record.begunAt === undefined || record.undoneAt !== undefined) continue;
    if ('description' in step.undo && hasBegun(journal, step.undo.ofStep ?? step.id)) {
      await change.check();
      // A partly undone step must run again if the change goes forward after all.
      delete record.doneAt;
      await note(change, {
        en: `rollback of ${step.id}: ${step.undo.description}`,
        zh: `回滚 ${step.id}：${undoText(step.undo, 'zh')}`,
      });
      let restored: readonly Text[] | 'paused';
      try {
        restored = (await step.undo.run?.(stepIo(change))) ?? [];
      } catch (cause) {
        signal.throwIfAborted();
        if (step.undo.isIndependent !== true || !(cause instanceof AppError)) throw cause;
        fault ??= cause;
        continue;
      }
      if (restored === 'paused') return { kind: 'paused' };
      record.evidence = [...restored];
      for (const line of restored) {
        journal.log.push(logged(line, clock));
        tell(`  ${textIn(line, 'en')}`);
      }
    }
    record.undoneAt = clock.now().toISOString();
    delete record.doneAt;
    await change.save();
  }
  if (fault !== undefined) throw fault;
  return { kind: 'rolled-back' };
}

/** Writes to the journal before printing. */
export async function note({ journal, clock, save, tell }: Notebook, text: Text): Promise<void> {
  journal.log.push(logged(text, clock));
  await save();
  tell(textIn(text, 'en'));
}

export const logged = (text: Text, clock: Pick<Notebook['clock'], 'now'>): ChangeJournal['log'][number] => ({
  at: clock.now().toISOString(),
  ...(typeof text === 'string' ? { says: text } : { says: text.en, zh: text.zh }),
});

const stepIo = ({ signal, check, storeIs }: StepIo): StepIo => defined({ signal, check, storeIs });

const hasBegun = ({ steps }: ChangeJournal, id: string): boolean =>
  steps.some((each) => each.id === id && each.begunAt !== undefined);

function recordOf(journal: ChangeJournal, id: string): StepRecord {
  let record = journal.steps.find((each) => each.id === id);
  if (record === undefined) {
    record = { id, evidence: [] };
    journal.steps.push(record);
  }
  return record;
}
