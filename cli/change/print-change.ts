// Prints the state of an administrative change as text or as one document.

import type { ChangeState } from '../../app/change/run-change.ts';
import { exitCodes } from '../../core/errors.ts';
import { type CommandIo, printDocument } from '../command.ts';
import { changeDocument, changeText } from './change-text.ts';

/** @returns 0 if planned, done, or rolled back on request; 6 while something blocks the change or made it roll back */
export function printChange<Facts>(io: CommandIo<{ json: boolean }>, state: ChangeState<Facts>): number {
  printDocument(io, changeDocument(state, undefined), () => changeText(state));
  const isHeld = state.status === 'held' || (state.status === 'aborted' && state.holds.length > 0);
  return isHeld ? exitCodes.threshold : exitCodes.answered;
}
