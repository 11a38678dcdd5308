// Runs calculations one at a time in a worker thread, with a time limit.

import { addAbortListener } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { AnswerTo, Question } from './calculation.ts';
import type { FromThread } from './thread.ts';

/** Enough for a thousand domains on 60 shapes with 512 simulations, which take 5 s (docs/explanation/sizing.md). */
const longestMs = 20_000;
/** Limit of waiting calculations, without the running one. */
const mostWaiting = 4;

export type Calculator = ReturnType<typeof createCalculator>;

/** The extension differs, because the code runs both from sources and from dist/. */
const entry = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export function createCalculator({ timeoutMs = longestMs }: { timeoutMs?: number } = {}) {
  let thread: Worker | undefined;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  function stop(): void {
    const stopped = thread;
    thread = undefined;
    void stopped?.terminate();
  }

  async function compute(question: Question, { signal }: { signal: AbortSignal }): Promise<unknown> {
    signal.throwIfAborted();
    const worker = (thread ??= started());
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onMessage = (message: FromThread) => {
      if (message.kind === 'answer') resolve(message.answer);
      else reject(new AppError(message.code, message.message, { hint: message.hint }));
    };
    const onError = (cause: unknown) => {
      thread = undefined;
      reject(new AppError('unexpected', `a calculation failed: ${String(cause)}`, { cause }));
    };
    const giveUp = () => {
      stop();
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : new AppError('calculation-too-long', `not computed within ${timeoutMs / 1000} s`),
      );
    };
    const patience = setTimeout(giveUp, timeoutMs);
    using _ = addAbortListener(signal, giveUp);
    worker.once('message', onMessage).once('error', onError);
    worker.postMessage(question);
    try {
      return await promise;
    } finally {
      clearTimeout(patience);
      worker.off('message', onMessage).off('error', onError);
    }
  }

  return {
    /** @throws AppError service-busy, calculation-too-long, and any fault of the calculation */
    async ask<Kind extends Question>(question: Kind, io: { signal: AbortSignal }): Promise<AnswerTo<Kind>> {
      if (waiting > mostWaiting) {
        throw new AppError('service-busy', `more than ${mostWaiting} calculations are already waiting`);
      }
      waiting++;
      const answer = last.then(() => compute(question, io));
      last = answer.catch(ignoreFault('the caller of the calculation gets the failure'));
      try {
        return (await answer) as AnswerTo<Kind>;
      } finally {
        waiting--;
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await thread?.terminate();
      thread = undefined;
    },
  };
}

function started(): Worker {
  const worker = new Worker(entry);
  // The worker must not keep the process running.
  worker.unref();
  return worker;
}
