// Starts a traffic thread and exchanges messages with it.

import { Worker } from 'node:worker_threads';
import { AppError } from '../../../core/errors.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { awaitedElsewhere } from '../../../core/ignore-fault.ts';
import type { Assignment, FromThread, ToThread } from './thread-messages.ts';

export interface TrafficThread extends AsyncDisposable {
  /** Resolves when it is connected. @throws AppError as the broker answers */
  readonly ready: Promise<void>;
  /** Resolves when it has nothing more to do. @throws AppError as the broker answers */
  readonly done: Promise<void>;
  tell(message: ToThread): void;
}

export interface ThreadListener {
  onLines(lines: readonly JournalLine[]): void;
  /** A producer has answers, or has given up, for everything due until then. */
  onDriven(untilSeconds: number): void;
}

export type StartThread = (assignment: Assignment, listener: ThreadListener) => TrafficThread;

/** The same code runs from sources and from dist/. */
const entry = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export type FollowedThread = ReturnType<typeof followThread>;

/** @param whose begins the text of its faults */
export function followThread({ onLines, onDriven }: ThreadListener, whose = '') {
  const ready = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  // Callers that wait get the failure; it may also be ignored.
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

export const startTrafficThread: StartThread = (assignment, listener) => {
  const { ready, done, take, fail } = followThread(listener);
  const worker = new Worker(entry, { workerData: assignment });
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
