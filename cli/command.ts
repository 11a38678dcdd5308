// Defines a command: options, one function, one result. The registry has its name and summary.

import type { z } from 'zod';
import type { Caller } from '../app/caller.ts';

export interface Option {
  type: 'string' | 'boolean';
  /** One line for --help, with the unit and the default if any. */
  help: string;
  /** Name of the value in help, such as RATE. */
  value?: string;
  short?: string;
  /** Previous name, accepted for one more release and hidden. */
  formerly?: string;
  multiple?: boolean;
  /** Parses the typed text and provides the default; absent for options of every command. */
  schema?: z.ZodType;
  /** For a required option: the question it answers. */
  missing?: string;
  /** How to write the option correctly. */
  hint?: string;
}

export type Options = Readonly<Record<string, Option>>;

/** Values of the declared options, as the command receives them. */
export type OptionValues<Declared extends Options> = {
  readonly [Name in keyof Declared]: Declared[Name] extends { schema: z.ZodType<infer Value> } ? Value : unknown;
};

export interface CommandIo<Values = Readonly<Record<string, unknown>>> extends Caller<Values> {
  /** Arguments after the command that are not options. */
  positionals: readonly string[];
  /** Loads all commands, for commands that describe commands. */
  loadCommands(): Promise<readonly Command[]>;
}

export interface CommandDefinition<Declared extends Options = Options> {
  /** Positional arguments for help, such as `RUN`. */
  positionals?: string;
  options: Declared;
  examples: readonly string[];
  /** @returns the exit code. @throws AppError, which main prints with its hint. */
  run(io: CommandIo<OptionValues<Declared>>): Promise<number>;
}

export interface Command<Declared extends Options = Options> extends CommandDefinition<Declared> {
  /** As typed: `analyze`, `lab up`. */
  name: string;
}

/** Gives `run` the types of the declared options. */
export const defineCommand = <const Declared extends Options>(
  command: CommandDefinition<Declared>,
): CommandDefinition<Declared> => command;
