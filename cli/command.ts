// Defines a command: options, one function, one result. Its summary stands in the registry.

import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';

export interface Option {
  type: 'string' | 'boolean';
  /** One line for --help, with the unit and the default where there is one. */
  help: string;
  /** Name of the value in help, such as RATE. */
  value?: string;
  short?: string;
  multiple?: boolean;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Of a terminal that knows its size. */
  readonly rows?: number;
  /** Calls back whenever the size of the terminal changed, until disposed. */
  onResize?(redraw: () => void): Disposable;
  /** Resolves when a slow reader has taken enough of what was written; whoever writes much waits for it. */
  drained?(io: { signal: AbortSignal }): Promise<void>;
}

export interface CommandIo {
  /** Words after the command that are not options. */
  positionals: readonly string[];
  options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  /** The result, and nothing else. With `--json` one document. */
  stdout: Output;
  /** Progress and talk. */
  stderr: Output;
  /** Aborts on Ctrl-C and SIGTERM. */
  signal: AbortSignal;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  /** Loads the logger with the level of --log-level; most commands never log. */
  openLog(): Promise<Logger>;
  /** Loads all of them, for commands that describe commands. */
  loadCommands(): Promise<readonly Command[]>;
}

export interface Command {
  /** As typed: `analyze`, `lab up`. */
  name: string;
  /** Positional words for help, such as `RUN`. */
  positionals?: string;
  options: Readonly<Record<string, Option>>;
  examples: readonly string[];
  /** @returns the exit code. @throws AppError, which main prints with its hint. */
  run(io: CommandIo): Promise<number>;
}
