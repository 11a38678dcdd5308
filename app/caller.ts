// Defines what a use case receives from its caller: request, outputs, abort signal, clock and state folder.

import type { AddressOption } from '../core/broker-kind/registry.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { plainLines } from '../core/text/table.ts';
import { stateFolder } from '../core/user-folders.ts';

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Set for a terminal that reports its size. */
  readonly rows?: number;
  /** Calls back when the size of the terminal changes, until disposed. */
  onResize?(redraw: () => void): Disposable;
  /** Resolves when a slow reader has caught up. Await it after large writes. */
  drained?(io: { signal: AbortSignal }): Promise<void>;
  /** Aborts when the reader closes the pipe, as `| head` does. Only commands without another end need it. */
  readonly readerLeft?: AbortSignal;
}

type Named<Name extends string, Value> = Readonly<Partial<Record<Name, Value | undefined>>>;

/** Options common to use cases: the cluster, and how a change of it is permitted and recorded. */
export type CommonRequest = Named<'config' | 'cluster' | AddressOption, string> &
  Named<'confirm' | 'confirm-name' | 'state-dir' | 'write-plan' | 'approval' | 'during-freeze', string> &
  Named<'execute' | 'resume' | 'take-over', boolean>;

export interface Caller<Options = CommonRequest> {
  /** The request, by option names. */
  options: Options;
  /** Only the result; with `--json` one document. */
  stdout: Output;
  /** Progress and notices. */
  stderr: Output;
  /** Aborts on Ctrl-C and SIGTERM. */
  signal: AbortSignal;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  /** Requests the id or name that the brokers report, before the cluster is changed. @throws AppError usage without consent */
  confirm(name: string, what: string): Promise<void>;
  /** Requests the name of what is permanently deleted. @throws AppError usage without consent */
  confirmDeletion(name: string): Promise<void>;
  /** Loads the logger with the level of --log-level. Few commands log. */
  openLog(): Promise<Logger>;
}

export function lineWriter({ stderr }: Pick<Caller, 'stderr'>): (text: string) => void {
  return (text) => stderr.write(`${plainLines(text)}\n`);
}

export function stateFolderOf({ options, environment }: Pick<Caller, 'options' | 'environment'>): string {
  return options['state-dir'] ?? stateFolder(environment);
}
