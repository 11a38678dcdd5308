// Defines a command: options, one function, one result, printed as text or JSON. The registry has its name and summary.

import { z } from 'zod';
import type { Caller } from '../app/caller.ts';
import { rawJSON } from '../core/text/raw-json.ts';
import { plain } from '../core/text/table.ts';
import { nearest } from '../core/text/nearest.ts';
import { Duration } from '../core/text/quantity.ts';
import { seconds } from '../core/clock.ts';
import { AppError, exitCodes } from '../core/errors.ts';

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

/** What a command with these options receives. */
export type IoOf<Declared extends Options> = CommandIo<OptionValues<Declared>>;

interface CommandSyntax<Declared extends Options> {
  /** Positional arguments for help, such as `RUN`. */
  positionals?: string;
  options: Declared;
  examples: readonly string[];
}

export interface CommandDefinition<Declared extends Options = Options> extends CommandSyntax<Declared> {
  /** @returns the exit code. @throws AppError, which main prints with its hint. */
  run(io: IoOf<Declared>): Promise<number>;
}

export interface Command<Declared extends Options = Options> extends CommandDefinition<Declared> {
  /** As typed: `analyze`, `lab up`. */
  name: string;
}

/** Gives `run` the types of the declared options. A command that returns no exit code has answered. */
export const defineCommand = <const Declared extends Options>(
  command: CommandSyntax<Declared> & { run(io: IoOf<Declared>): Promise<number | void> },
): CommandDefinition<Declared> => ({
  ...command,
  run: async (io) => (await command.run(io)) ?? exitCodes.answered,
});

export interface Report {
  /** Members of the document, without `schemaVersion` and `notices`. */
  json: object;
  text: string;
  /** What could not be read, as text. */
  notices: readonly string[];
}

export function printReport(
  { options, stdout, stderr }: Pick<CommandIo, 'options' | 'stdout' | 'stderr'>,
  report: Report,
) {
  if (options['json'] === true) {
    stdout.write(renderJson({ schemaVersion: 1, ...report.json, notices: report.notices }));
    return;
  }
  stdout.write(report.text);
  for (const notice of report.notices) stderr.write(`note: ${plain(notice)}\n`);
}

/** Prints the document with `--json`, and the text otherwise. */
export function printDocument(
  { options, stdout }: Pick<CommandIo, 'options' | 'stdout'>,
  document: object,
  text: () => string,
): void {
  stdout.write(options['json'] === true ? renderJson(document) : text());
}

/** Offsets may exceed 2^53, so they are written with all digits. */
export function renderJson(document: object): string {
  const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? rawJSON(String(value)) : value);
  return `${JSON.stringify(document, exact, 2)}\n`;
}

export interface TypedOption<Value = unknown> extends Option {
  schema: z.ZodType<Value>;
}

/** @param schema parses the text; an option without `optional()` or a default is required */
export function option<Schema extends z.ZodType>(
  value: string,
  help: string,
  schema: Schema,
  more: Pick<Option, 'hint'> = {},
): TypedOption<z.output<Schema>> {
  return { type: 'string', value, help, schema: schema as z.ZodType<z.output<Schema>>, ...more };
}

const optionalText = z.string().optional();
export const text = (value: string, help: string) => option(value, help, optionalText);

/** Repeatable. */
export function list(value: string, help: string): TypedOption<readonly string[]>;
export function list<Item>(value: string, help: string, item: z.ZodType<Item>): TypedOption<readonly Item[]>;
export function list(value: string, help: string, item: z.ZodType = z.string()): TypedOption<readonly unknown[]> {
  return { ...option(value, help, z.array(item).default([])), multiple: true };
}

const switchedOn = z.boolean().default(false);
export const flag = (help: string): TypedOption<boolean> => ({ type: 'boolean', help, schema: switchedOn });

/** Text that `read` parses. @param refusal error message for a text that `read` rejects with undefined */
export const parsedText = <Value>(read: (typed: string) => Value | undefined, refusal: (typed: string) => string) =>
  z.string().transform((typed, context) => {
    const value = read(typed);
    if (value !== undefined) return value;
    context.addIssue(refusal(typed));
    return z.NEVER;
  });

/** A finite number. */
export const Amount = parsedText(
  (typed) => (typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : undefined),
  (typed) => `${JSON.stringify(typed)} is not a number`,
);

/** @param usual default, in seconds */
export const duration = (help: string, usual: number) => option('DURATION', help, Duration.default(seconds(usual)));

export const number = (value: string, help: string) => option(value, help, Amount.optional());

/** @param expected completes the message "5 is not …" */
export const amount = (isValid: (value: number) => boolean, expected: string) =>
  Amount.refine(isValid, { error: ({ input }) => `${String(input)} is not ${expected}` });

export const PositiveAmount = amount((value) => value > 0, 'above 0');

export const wholeNumber = (least: number, most: number) =>
  amount(
    (value) => Number.isInteger(value) && value >= least && value <= most,
    `a whole number from ${least} to ${most}`,
  );

/** @param refusal lists the choices, by default the names */
export const choice = <const Name extends string>(names: readonly Name[], refusal = `not one of ${names.join(', ')}`) =>
  z.enum(names, {
    error: ({ input }) => {
      const meant = String(input).length > 2 ? nearest(String(input), names) : undefined;
      return `${JSON.stringify(input)} is ${refusal}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    },
  });

/** Comma-separated list: `a,b`. */
export const commaSeparated = <Item>(item: z.ZodType<Item, string>) =>
  z
    .string()
    .transform((typed) => typed.split(',').map((part) => part.trim()))
    .pipe(z.array(item));

/** Whether an option was typed, or has a default value. */
export const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** Measurement time. */
export const Interval = amount((value) => value >= 0.5 && value <= 3600, 'from 0.5 to 3600 seconds').transform(seconds);

/** @throws AppError usage for none or several */
export function oneWord({ positionals }: Pick<CommandIo, 'positionals'>, command: string, what: string): string {
  const [word, ...others] = positionals;
  if (word !== undefined && others.length === 0) return word;
  const got = word === undefined ? 'none' : positionals.join(' ');
  throw new AppError('usage', `\`plimsoll ${command}\` takes one word, ${what}, but got ${got}`, {
    hint: `see \`plimsoll ${command} --help\``,
  });
}
