// Parses the shortest lines: stall of one thread, dropped messages, start of a phase.

import type { Stall } from '../gc-event.ts';
import { decimal } from '../quantity.ts';
import { figure } from './quantities.ts';

/** Thread names may contain brackets. */
const stall = new RegExp(String.raw`^((?:Allocation|Relocation) Stall) \(.{0,200}\) (${figure}) ?ms\s*$`);

export function parseStall(message: string): Omit<Stall, 'kind' | 'start'> | undefined {
  const [, type, ms] = stall.exec(message) ?? [];
  return type === undefined || ms === undefined ? undefined : { type, durationSeconds: decimal(ms) / 1e3 };
}

const dropped = /^\s*(\d{1,15}) messages dropped due to async logging/;

export function parseDropped(message: string): number | undefined {
  const amount = dropped.exec(message)?.[1];
  return amount === undefined ? undefined : Number(amount);
}

/** Matches a name with brackets, without a number. */
const start = /^[A-Z][A-Za-z -]{1,60}(?: \([^()]{0,80}(?:\(\)[^()]{0,80})?\)){0,4}\s*$/;

export const isStart = (message: string): boolean => start.test(message);
