// Defines what a use case receives from its caller: the request, where to report, when to stop and which clock.

import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Of a terminal that knows its size. */
  readonly rows?: number;
  /** Calls back whenever the size of the terminal changed, until disposed. */
  onResize?(redraw: () => void): Disposable;
  /** Resolves when a slow reader has taken enough output. Await it after large writes. */
  drained?(io: { signal: AbortSignal }): Promise<void>;
  /** Aborts when the reader closes the pipe, as `| head` does. Only what has no other end needs it. */
  readonly readerLeft?: AbortSignal;
}

type Named<Name extends string, Value> = Readonly<Partial<Record<Name, Value | undefined>>>;

/** What the shared parts of use cases read: which cluster, and how a change of it is allowed and recorded. */
export type CommonRequest = Named<'config' | 'cluster' | 'bootstrap' | 'namesrv', string> &
  Named<'confirm' | 'confirm-name' | 'state-dir' | 'write-plan' | 'approval' | 'during-freeze', string> &
  Named<'execute' | 'resume' | 'take-over', boolean>;

export interface Caller<Options = CommonRequest> {
  /** What is requested, by the names of the options. */
  options: Options;
  /** The result, and nothing else. With `--json` one document. */
  stdout: Output;
  /** Progress and notices. */
  stderr: Output;
  /** Aborts on Ctrl-C and SIGTERM. */
  signal: AbortSignal;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  /** Asks for the id or name that the brokers report, before the cluster is changed. @throws AppError usage without consent */
  confirm(name: string, what: string): Promise<void>;
  /** Asks for the name of what is deleted for good. @throws AppError usage without consent */
  confirmDeletion(name: string): Promise<void>;
  /** Loads the logger with the level of --log-level; most commands never log. */
  openLog(): Promise<Logger>;
}
