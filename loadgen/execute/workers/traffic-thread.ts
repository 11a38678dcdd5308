// Starts a traffic thread and exchanges messages with it.

import { Worker } from 'node:worker_threads';
import { AppError, awaitedElsewhere } from '../../../core/errors.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { Lease } from './lease.ts';
import type { Assignment, FromThread, ToThread } from './thread-messages.ts';

export interface TrafficThread extends AsyncDisposable {
  /** Resolves when connected. @throws AppError from the broker */
  readonly ready: Promise<void>;
  /** Resolves when the thread has finished. @throws AppError from the broker */
  readonly done: Promise<void>;
  tell(message: ToThread): void;
}

export interface ThreadListener {
  onLines(lines: readonly JournalLine[]): void;
  /** Called when a producer has a response to, or has given up, every message due until then. */
  onDriven(untilSeconds: number): void;
}

/** @param lease present in a remote worker */
export type StartThread = (assignment: Assignment, listener: ThreadListener, lease?: Lease) => TrafficThread;

/** The code runs from sources and from dist/. */
const entry = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export type FollowedThread = ReturnType<typeof followThread>;

/** @param whose prefix of its error messages */
export function followThread({ onLines, onDriven }: ThreadListener, whose = '') {
  const ready = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  // Awaiting callers receive the failure; it may also be ignored.
  ready.promise.catch(awaitedElsewhere);
  done.promise.catch(awaitedElsewhere);
  const fail = (error: Error) => {
    ready.reject(error);
    done.reject(error);
  };
  return {
    ready: ready.promise,
    done: done.promise,
    fail,
    take(message: FromThread): void {
      switch (message.kind) {
        case 'ready':
          return ready.resolve();
        case 'lines':
          return onLines(message.lines);
        case 'driven':
          return onDriven(message.untilSeconds);
        case 'fault':
          return fail(new AppError(message.code, `${whose}${message.message}`, { hint: message.hint }));
        case 'done':
          ready.resolve();
          return done.resolve();
      }
    },
  };
}

export const startTrafficThread: StartThread = (assignment, listener, lease) => {
  const { ready, done, take, fail } = followThread(listener);
  const worker = new Worker(entry, { workerData: { assignment, lease } });
  worker.on('message', take);
  worker.on('error', (cause) =>
    fail(new AppError('run-failed', `a traffic thread failed: ${String(cause)}`, { cause })),
  );
  worker.on('exit', (code) => fail(new AppError('run-failed', `a traffic thread ended with code ${code}`)));
  return {
    ready,
    done,
    tell: (message) => worker.postMessage(message),
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
};
