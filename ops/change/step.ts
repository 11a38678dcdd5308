// Defines a step of a change: how it runs, what may block it, and how it is undone.

import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { Seconds } from '../../core/clock.ts';
import type { Request } from './held-journal.ts';

/** A reason why a step is not done yet. */
export interface Blocker {
  what: string;
  /** Latest time at which it ends without intervention, if known. */
  until?: Date;
}

export type Outcome<Facts> =
  | { kind: 'done'; evidence: readonly string[]; learnt?: Partial<Facts> }
  | { kind: 'held'; holds: readonly Blocker[]; learnt?: Partial<Facts> }
  /** The step pauses, because an operator requested something else. */
  | { kind: 'asked'; request: Request; learnt?: undefined };

export interface Step<Facts> {
  id: string;
  /** Absent: plimsoll. */
  by?: 'plimsoll' | 'operator';
  description: string;
  /** Instructions for the operator, in order. */
  how?: readonly string[];
  /** Time between two attempts of a step that can be blocked. Absent: one attempt, and any error stops the change. */
  pause?: Seconds;
  /** Id of an earlier step that runs again if this one had begun and the change is resumed. */
  after?: string;
  /** Idempotent: can run again after a crash at any moment. */
  run(io: Io): Promise<Outcome<Facts>>;
  undo: Undo;
}

export type Undo =
  | {
      /** Description, or instructions for an operator if the change cannot be rolled back automatically. */
      description: string;
      /** @returns what was restored; 'paused' if an operator paused it */
      run?(io: Io): Promise<readonly string[] | 'paused'>;
      /** Id of the step that must have begun for the undo to be needed. Absent: this one. */
      ofStep?: string;
      /** If it fails, earlier steps are still undone; the change stays under way, and --abort retries it. */
      isIndependent?: boolean;
    }
  /** Why there is no undo. */
  | { none: string };

/** @param evidence one text or several */
export const done = (evidence: string | readonly string[] = []): { kind: 'done'; evidence: readonly string[] } => ({
  kind: 'done',
  evidence: [evidence].flat(),
});

/** @param what one text or several */
export const heldBy = (
  what: string | readonly string[],
  until?: Date,
): { kind: 'held'; holds: readonly Blocker[] } => ({
  kind: 'held',
  holds: [what].flat().map((each) => ({ what: each, ...(until && { until }) })),
});

export const refused = (why: string, hint?: string): AppError => new AppError('change-refused', why, { hint });

/** @param state current state of the cluster */
export const changedByOthers = (state: string): AppError => refused(`${state}: another tool or person has changed it`);

export const changesNothing: Undo = { none: 'this step changes nothing' };

export const undoText = (undo: Undo): string => ('description' in undo ? undo.description : `none: ${undo.none}`);

export function blockerText({ what, until }: Blocker): string {
  return until === undefined ? what : `${what}; until ${until.toISOString().replace(/\.\d+Z$/, 'Z')} at the latest`;
}
