// Defines a command: options, one function, one result. Its summary stands in the registry.

import type { z } from 'zod';
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
  /** Parses what was typed, and gives the default where nothing was; absent for options of every command. */
  schema?: z.ZodType;
  /** Of a required option: the question that it answers. */
  missing?: string;
  /** How to write it right. */
  hint?: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What a command receives of the options that it declares. */
export type OptionValues<Declared extends Options> = {
  readonly [Name in keyof Declared]: Declared[Name] extends { schema: z.ZodType<infer Value> } ? Value : unknown;
};

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

export interface CommandIo<Values = Readonly<Record<string, unknown>>> {
  /** Words after the command that are not options. */
  positionals: readonly string[];
  options: Values;
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

export interface Command<Declared extends Options = Options> {
  /** As typed: `analyze`, `lab up`. */
  name: string;
  /** Positional words for help, such as `RUN`. */
  positionals?: string;
  options: Declared;
  examples: readonly string[];
  /** @returns the exit code. @throws AppError, which main prints with its hint. */
  run(io: CommandIo<OptionValues<Declared>>): Promise<number>;
}

/** Gives `run` the types of the options that the command declares. */
export const defineCommand = <const Declared extends Options>(command: Command<Declared>): Command<Declared> => command;
