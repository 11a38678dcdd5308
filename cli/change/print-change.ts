// Prints the state of an administrative change as text or as one document.

import type { ChangeState } from '../../app/change/run-change.ts';
import { exitCodes } from '../../core/errors.ts';
import { type CommandIo, printDocument } from '../command.ts';
import { type ChangeNotices, changeDocument, changeText } from './change-text.ts';

/** @returns as `exitOf` */
export function printChange<Facts>(
  io: CommandIo<{ json: boolean }>,
  state: ChangeState<Facts>,
  announced: ChangeNotices = {},
): number {
  const { notice } = announced;
  const text = () => changeText(state) + (notice === undefined ? '' : `\n${notice}`);
  printDocument(io, changeDocument(state, announced), text);
  return exitOf(state);
}

/** @returns 0 if planned, done, or rolled back on request; 6 while something blocks the change or made it roll back */
export const exitOf = ({ status, holds }: Pick<ChangeState<object>, 'status' | 'holds'>): number =>
  status === 'held' || (status === 'rolled-back' && holds.length > 0) ? exitCodes.threshold : exitCodes.answered;
