// Reports a fault: two lines for people, one document for programs, the stack with --debug.

import { AppError, faults } from '../core/errors.ts';
import { paintWith } from '../core/text/table.ts';
import type { Output } from '../app/caller.ts';

/** @param aborted the run was interrupted, so the error is the interruption, not a defect */
export function describeFault(thrown: unknown, aborted: boolean) {
  if (thrown instanceof AppError) {
    return { code: thrown.code, message: thrown.message, hint: thrown.hint, exitCode: thrown.exitCode };
  }
  const code = aborted && isAbort(thrown) ? 'aborted' : 'unexpected';
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { code, message: code === 'aborted' ? 'interrupted' : text, ...faults[code] };
}

/** @returns for an interruption: a fault whose hint states which part of a change may have been applied */
export function faultOfChange(thrown: unknown, aborted: boolean): unknown {
  const { code, message, hint } = describeFault(thrown, aborted);
  if (code !== 'aborted' || hint !== faults.aborted.hint) return thrown;
  return new AppError('aborted', message, {
    cause: thrown,
    hint: 'if no step was printed, nothing was changed; `plimsoll ops status` lists unfinished changes',
  });
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
}

export function reportFault(
  thrown: unknown,
  fault: ReturnType<typeof describeFault>,
  how: Record<'stdout' | 'stderr', Output> & Record<'json' | 'debug' | 'colours', boolean>,
): void {
  const { stdout, stderr, json, debug, colours } = how;
  const paint = paintWith(colours);
  stderr.write(`${paint('red', 'error:')} ${printable(fault.message)}\n${paint('cyan', 'hint:')} ${fault.hint}\n`);
  if (debug) stderr.write(`${stackOf(thrown)}\n`);
  if (json) {
    const { code, message, hint } = fault;
    stdout.write(`${JSON.stringify({ schemaVersion: 1, error: { code, message, hint } }, undefined, 2)}\n`);
  }
}

/** Quotes text from brokers and damaged files, whose control characters would act on a terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '\uFFFD');
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own = thrown.stack ?? thrown.message;
  return thrown.cause === undefined ? own : `${own}\ncaused by ${stackOf(thrown.cause)}`;
}
