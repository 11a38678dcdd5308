// Does the process still run that was at work on a change? Its number alone does not tell: numbers are given again.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

export const Holder = z
  .strictObject({ pid: z.int(), host: z.string(), started: z.string().optional() })
  .describe('the process at work on it');
export type Holder = z.infer<typeof Holder>;

export function thisProcess(): Holder {
  const started = startOf(process.pid);
  return { pid: process.pid, host: hostname(), ...(started !== undefined && { started }) };
}

/** A process of another machine cannot be looked at from here: it counts as at work. */
export function isAnotherAtWork(holder: Holder | undefined): boolean {
  if (holder === undefined || (holder.host === hostname() && holder.pid === process.pid)) return false;
  if (holder.host !== hostname()) return true;
  return isAlive(holder.pid) && (holder.started === undefined || startOf(holder.pid) === holder.started);
}

/** When a process began, in ticks since the machine did (proc(5), field 22 of stat); Linux only. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything: two fields lie before it ends, nineteen between that and the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
