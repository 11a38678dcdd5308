// Defines a step of a change: how it runs, what may hold it back, and how it is undone.

import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { Seconds } from '../../core/units.ts';
import type { Request } from './held-journal.ts';

/** Why a step is not done yet. */
export interface Blocker {
  what: string;
  /** When it ends by itself at the latest, where that is known. */
  until?: Date;
}

export type Outcome<Facts> =
  | { kind: 'done'; evidence: readonly string[]; learnt?: Partial<Facts> }
  | { kind: 'held'; holds: readonly Blocker[]; learnt?: Partial<Facts> }
  /** It rests where it is, because an operator asks for something else. */
  | { kind: 'asked'; request: Request; learnt?: undefined };

export interface Step<Facts> {
  id: string;
  /** Absent: plimsoll. */
  by?: 'plimsoll' | 'operator';
  description: string;
  /** What the operator does, in order. */
  how?: readonly string[];
  /** Between two attempts of a step that can be held back. Absent: one attempt, and any fault stops the change. */
  pause?: Seconds;
  /** Id of a step before this one, which is run again where this one had begun and the change is resumed. */
  after?: string;
  /** Can be run again after a crash at any moment: what is done already stays done. */
  run(io: Io): Promise<Outcome<Facts>>;
  undo: Undo;
}

export type Undo =
  | {
      /** Or what an operator does, where the change cannot go back by itself. */
      description: string;
      /** @returns what was put back; 'paused' where an operator paused it */
      run?(io: Io): Promise<readonly string[] | 'paused'>;
      /** Id of the step without which there is nothing to undo. Absent: this one. */
      ofStep?: string;
      /** Where it fails, the steps before it are undone nevertheless; the change stays under way, and --abort repeats what failed. */
      isIndependent?: boolean;
    }
  /** Why it has none. */
  | { none: string };

/** @param evidence a text, or several */
export const done = (evidence: string | readonly string[] = []): { kind: 'done'; evidence: readonly string[] } => ({
  kind: 'done',
  evidence: [evidence].flat(),
});

/** @param what a text, or several */
export const heldBy = (
  what: string | readonly string[],
  until?: Date,
): { kind: 'held'; holds: readonly Blocker[] } => ({
  kind: 'held',
  holds: [what].flat().map((each) => ({ what: each, ...(until && { until }) })),
});

export const refused = (why: string, hint?: string): AppError => new AppError('change-refused', why, { hint });

/** @param state what is there now */
export const changedByOthers = (state: string): AppError => refused(`${state}: another tool or person has changed it`);

export const changesNothing: Undo = { none: 'this step changes nothing' };

export const undoText = (undo: Undo): string => ('description' in undo ? undo.description : `none: ${undo.none}`);

export function blockerText({ what, until }: Blocker): string {
  return until === undefined ? what : `${what}; until ${until.toISOString().replace(/\.\d+Z$/, 'Z')} at the latest`;
}
