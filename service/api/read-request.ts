// Parses path, query and body of a request with their schemas, and reports what is invalid.

import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';

/** Limit for request text in a fault's message: cluster names have up to 249 characters. */
const longestShown = 80;

/** @throws AppError request-invalid */
export function readPath(request: Request, schema: z.ZodObject): unknown {
  return parsed(schema, numbersIn(request.params, schema), 'request-invalid', 'path');
}

/** @throws AppError request-invalid for an unknown, repeated or invalid parameter */
export function readQuery(request: Request, schema: z.ZodObject): unknown {
  const given: Record<string, string> = Object.create(null) as Record<string, string>;
  const known = Object.keys(schema.shape);
  for (const [name, value] of new URL(request.originalUrl, 'http://plimsoll').searchParams) {
    if (!known.includes(name)) throw unknownParameter(name, known);
    if (name in given) throw new AppError('request-invalid', `the parameter ${name} occurs twice`);
    given[name] = value;
  }
  return parsed(schema, numbersIn(given, schema), 'request-invalid', 'query');
}

/** @param schema absent if the operation has no body. @throws AppError body-invalid */
export function readBody(request: Request, schema: z.ZodType | undefined): unknown {
  return schema === undefined ? undefined : parsed(schema, request.body as unknown, 'body-invalid', 'body');
}

function unknownParameter(name: string, known: readonly string[]): AppError {
  const meant = nearest(name.slice(0, longestShown), known);
  const hint =
    meant !== undefined
      ? `did you mean ${meant}?`
      : known.length === 0
        ? 'this path takes no parameters'
        : `parameters: ${known.join(', ')}`;
  return new AppError('request-invalid', `unknown parameter ${shown(name)}`, { hint });
}

/** A JSON number; 17 digits are exact for every double. */
const number = /^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?$/;

/** Converts numeric text if the schema expects a number; the schema rejects other text. */
function numbersIn(given: Record<string, unknown>, schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [
      name,
      isNumber(schema.shape[name]) && typeof text === 'string' && number.test(text) ? Number(text) : text,
    ]),
  );
}

function isNumber(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isNumber(schema.unwrap());
  return schema instanceof z.ZodNumber;
}

function parsed(schema: z.ZodType, given: unknown, code: 'request-invalid' | 'body-invalid', where: string): unknown {
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const at = [where, ...(issue?.path ?? [])].map(String).join('.');
  throw new AppError(code, `${shown(at)}: ${issue?.message ?? 'it does not match its schema'}`);
}

/** Returns text of the request, escaped and shortened for an error message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
}
