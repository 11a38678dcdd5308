// How is a traffic thread held by the one that coordinates?

import { Worker } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import type { JournalLine } from '../../core/run-bundle.ts';
import type { RunOrigin } from '../run-clock.ts';
import type { Assignment, FromThread, ToThread } from './thread-messages.ts';

export interface TrafficThread extends AsyncDisposable {
  /** Resolves when it is connected. @throws AppError as the broker answers */
  readonly ready: Promise<void>;
  /** Resolves when it has nothing more to do. @throws AppError as the broker answers */
  readonly done: Promise<void>;
  start(origin: RunOrigin): void;
  stop(): void;
}

export type StartThread = (assignment: Assignment, onLines: (lines: readonly JournalLine[]) => void) => TrafficThread;

/** The same code runs from sources and from dist/. */
const entry = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export const startTrafficThread: StartThread = (assignment, onLines) => {
  const ready = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const worker = new Worker(entry, { workerData: assignment });
  const fail = (error: Error) => {
    ready.reject(error);
    done.reject(error);
  };
  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'ready':
        return ready.resolve();
      case 'lines':
        return onLines(message.lines);
      case 'fault':
        return fail(new AppError(message.code, message.message, { hint: message.hint }));
      case 'done':
        ready.resolve();
        return done.resolve();
    }
  });
  worker.on('error', (cause) =>
    fail(new AppError('run-failed', `a traffic thread broke down: ${String(cause)}`, { cause })),
  );
  worker.on('exit', (code) => fail(new AppError('run-failed', `a traffic thread ended with code ${code}`)));
  // Whoever waits hears of it; nobody has to.
  ready.promise.catch(() => {});
  done.promise.catch(() => {});
  const post = (message: ToThread) => worker.postMessage(message);
  return {
    ready: ready.promise,
    done: done.promise,
    start: (origin) => post({ kind: 'start', origin }),
    stop: () => post({ kind: 'stop' }),
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
};
