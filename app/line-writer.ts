// Writes progress and notices without the control characters of names that clients choose.

import { plainLines } from '../core/text/table.ts';
import type { Caller } from './caller.ts';

export function lineWriter({ stderr }: Pick<Caller, 'stderr'>): (text: string) => void {
  return (text) => stderr.write(`${plainLines(text)}\n`);
}
