// Declares options: one zod type each, which provides parser, default and value type.

import { z } from 'zod';
import { nearest } from '../core/text/nearest.ts';
import { Duration } from '../core/text/quantity.ts';
import { seconds } from '../core/units.ts';
import type { Option } from './command.ts';

export interface TypedOption<Value = unknown> extends Option {
  schema: z.ZodType<Value>;
}

/** @param schema parses the text; an option without `optional()` or a default is required */
export function option<Schema extends z.ZodType>(
  value: string,
  help: string,
  schema: Schema,
  more: Pick<Option, 'missing' | 'hint'> = {},
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
