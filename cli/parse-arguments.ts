// Parses the options and positional arguments of a command.

import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { nearest } from '../core/text/nearest.ts';
import { quotedWord } from '../core/text/quoted-word.ts';
import type { Command, IoOf, Option, Options, OptionValues } from './command.ts';
import { globalOptions } from './help.ts';

type Arguments<Declared extends Options> = Pick<IoOf<Declared>, 'positionals' | 'options'> & {
  help: boolean;
  logLevel?: string;
  /** One per option given by its former name. */
  notes: readonly string[];
};

/** Options that other tools take as an argument. */
const subjects = ['topic', 'group', 'user', 'cluster'] as const;

/** @throws AppError usage, naming the option and the nearest known one */
export function parseArguments<Declared extends Options>(
  command: Command<Declared>,
  rest: readonly string[],
): Arguments<Declared> {
  const declared: Record<string, Option> = { ...command.options, ...globalOptions };
  const { args, notes } = withPresentNames(rest, declared);
  try {
    const { values, positionals } = parseArgs({ args, options: declared, allowPositionals: true });
    const empty = Object.keys(values).find((name) => values[name] === '');
    if (empty !== undefined) {
      const hint = 'give it a value or omit it; a shell variable in it may not be set';
      throw refused(command, `: --${empty} is empty`, hint);
    }
    const { help, 'log-level': logLevel, ...options } = values;
    const [first] = positionals;
    if (help !== true && command.positionals === undefined && first !== undefined) {
      const free = subjects.filter((each) => declared[each] !== undefined && values[each] === undefined);
      const name = free.find((each) => command.name.includes(each)) ?? (free.length === 1 ? free[0] : undefined);
      const hint = name && `did you mean --${name} ${quotedWord(first)}? ${helpOf(command)}`;
      throw refused(command, ` takes only options, but got the argument ${JSON.stringify(first)}`, hint);
    }
    return {
      positionals,
      options: (help === true ? {} : readOptions<Options>(command.options, options)) as OptionValues<Declared>,
      help: help === true,
      notes,
      ...(typeof logLevel === 'string' && { logLevel }),
    };
  } catch (cause) {
    throw describeParseError(cause, command, Object.keys(declared));
  }
}

/** Replaces the former names of options, up to `--`. */
function withPresentNames(rest: readonly string[], declared: Options): { args: string[]; notes: string[] } {
  const renamed = new Map<string, string>(
    Object.entries(declared).flatMap(([name, { formerly }]) =>
      formerly === undefined ? [] : [[`--${formerly}`, `--${name}`] as const],
    ),
  );
  const notes: string[] = [];
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length;
  const args = rest.map((word, index) => {
    const [typed = '', ...value] = word.split('=');
    const present = index < end ? renamed.get(typed) : undefined;
    if (present === undefined) return word;
    notes.push(`\`${typed}\` is now \`${present}\`; the next release removes the old name`);
    return [present, ...value].join('=');
  });
  return { args, notes };
}

/** @throws AppError usage, also for an undeclared name, whose value would be lost */
export function readOptions<Declared extends Options>(
  declared: Declared,
  typed: { readonly [Name in keyof Declared]?: unknown },
): OptionValues<Declared> {
  const unknown = Object.keys(typed).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) throw new AppError('usage', `option --${unknown} is not declared`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, option]) => [name, readOption(name, option, typed[name])]),
  ) as OptionValues<Declared>;
}

function readOption(name: string, { schema, help, hint }: Option, typed: unknown): unknown {
  const parsed = schema?.safeParse(typed, { jitless: true });
  if (parsed === undefined) return typed;
  if (parsed.success) return parsed.data;
  const message = messageOf(parsed.error.issues);
  throw new AppError('usage', typed === undefined ? `--${name} is missing: ${help}` : `--${name}: ${message}`, {
    hint,
  });
}

/** Among alternatives, uses the message of one that accepts text: the others only reject the type. */
function messageOf([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue?.code !== 'invalid_union') return issue?.message ?? 'not understood';
  const ofText = issue.errors.find(([first]) => first !== undefined && first.code !== 'invalid_type');
  return ofText === undefined ? issue.message : messageOf(ofText);
}

const helpOf = ({ name }: Command) => `see \`plimsoll ${name} --help\``;

/** @param what continues the sentence after the command name */
const refused = (command: Command, what: string, hint = helpOf(command)) =>
  new AppError('usage', `\`plimsoll ${command.name}\`${what}`, { hint });

/** Replaces messages of node:util, which address programmers and suggest no nearest option. */
function describeParseError(cause: unknown, command: Command, known: readonly string[]): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined || !code.startsWith('ERR_PARSE_ARGS')) return cause;
  const seeHelp = helpOf(command);
  const [, ambiguous] = /^Option '(--[^' ]+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (ambiguous !== undefined) {
    const hint = `a value that starts with a dash is written ${ambiguous}=-…; ${seeHelp}`;
    return refused(command, `: ${ambiguous} is followed by another option instead of a value`, hint);
  }
  const [, unknown] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
  if (unknown === undefined) {
    return refused(command, `: ${(message.split(/\.\s|\n/)[0] ?? message).replace(/\.$/, '')}`);
  }
  const meant = nearest(unknown.replace(/^-+/, ''), known);
  return refused(command, ` has no option ${unknown}`, meant && `did you mean --${meant}? ${seeHelp}`);
}
