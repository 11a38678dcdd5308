// Defines a command: options, one function, one result. Its name and summary are in the registry.

import type { z } from 'zod';
import type { Caller } from '../app/caller.ts';

export interface Option {
  type: 'string' | 'boolean';
  /** One line for --help, with the unit and the default where there is one. */
  help: string;
  /** Name of the value in help, such as RATE. */
  value?: string;
  short?: string;
  /** Its name before; scripts may use it for one more release, and help does not show it. */
  formerly?: string;
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

export interface CommandIo<Values = Readonly<Record<string, unknown>>> extends Caller<Values> {
  /** Arguments after the command that are not options. */
  positionals: readonly string[];
  /** Loads all of them, for commands that describe commands. */
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

/** Gives `run` the types of the options that the command declares. */
export const defineCommand = <const Declared extends Options>(
  command: CommandDefinition<Declared>,
): CommandDefinition<Declared> => command;
