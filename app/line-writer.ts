// Writes progress and notices without control characters, which client-chosen names may contain.

import { plainLines } from '../core/text/table.ts';
import type { Caller } from './caller.ts';

export function lineWriter({ stderr }: Pick<Caller, 'stderr'>): (text: string) => void {
  return (text) => stderr.write(`${plainLines(text)}\n`);
}
