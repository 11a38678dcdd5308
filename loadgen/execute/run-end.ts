// Decides how a run ends: completed, aborted, stopped by the guard, or failed. The first decision counts.

import { AppError, type FaultCode } from '../../core/errors.ts';

export type Ending =
  | { status: 'completed' }
  | { status: 'aborted' }
  | { status: 'stopped'; reason: string }
  | { status: 'failed'; code: FaultCode; reason: string; hint: string };

export type RunEnd = ReturnType<typeof awaitEnd>;

/** @param signal aborts the run */
export function awaitEnd(signal: AbortSignal) {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const decided = new AbortController();
  function decide(ending: Ending): void {
    resolve(ending);
    decided.abort();
  }
  const abort = () => decide({ status: 'aborted' });
  signal.addEventListener('abort', abort, { once: true, signal: decided.signal });
  if (signal.aborted) abort();
  return {
    ending: promise,
    /** Aborts on the decision: no more load is sent. */
    decided: decided.signal,
    decide,
    fail(error: unknown): void {
      const { code, message, hint } = error instanceof AppError ? error : new AppError('run-failed', String(error));
      decide({ status: 'failed', code: code === 'no-space' ? code : 'run-failed', reason: message, hint });
    },
  };
}
