// Describes schema issues for people: the place, the value found, the values allowed, and the likely intention.

import { z } from 'zod';
import { nearest } from './text/nearest.ts';

export type Path = readonly (string | number)[];

export interface DescribedIssue {
  path: Path;
  message: string;
}

/** Formats a path as `clusters.lab.bootstrap[0]`; quotes keys that are not plain words. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? keyText(part) : `.${keyText(part)}`;
    })
    .join('');
}

/** Hides keys that do not look like names: YAML reads `user:password` in a file of another kind as a key. */
function keyText(key: string): string {
  if (/^[\w-]+$/.test(key)) return key;
  return /^[\p{L}\p{N}_ .-]{1,100}$/u.test(key) ? JSON.stringify(key) : '(an invalid key)';
}

/** @param written the value that was validated */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  written: unknown,
): DescribedIssue[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return issues.flatMap((issue) => describeIssue(issue, [], root, written));
}

function describeIssue(issue: z.core.$ZodIssue, base: Path, root: JsonSchema, written: unknown): DescribedIssue[] {
  const path: Path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const value = valueAt(written, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(root, path, written);
      if (path.length === 0 && isForeign(value, issue.keys, known)) {
        return [{ path, message: describeForeign(issue.keys.length, known) }];
      }
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: describeUnknownKey([...path, key], known, root),
      }));
    }
    case 'invalid_value':
      if (value !== undefined && hasOwnMessage(issue)) break;
      return [
        {
          path,
          message: describeChoice(value, issue.values.map(String), keyInstead(issue.values, path, written, root)),
        },
      ];
    case 'invalid_type': {
      if (value !== undefined && hasOwnMessage(issue)) break;
      const message = describeType(value, article(issue.expected), descriptionAt(root, path, written));
      const isListed =
        issue.expected === 'record' &&
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((each) => typeof each === 'object');
      return [{ path, message: isListed ? `${message}: write \`NAME:\` in place of each dash` : message }];
    }
    case 'invalid_union': {
      const options = (issue as { options?: readonly unknown[] }).options;
      if (hasOwnMessage(issue)) break;
      if (options !== undefined)
        return [
          { path, message: describeChoice(value, options.map(String), keyInstead(options, path, written, root)) },
        ];
      // Among the union branches for this type of value, the one with the value's keys has the best message.
      const branches = issue.errors.filter(
        ([first]) => first !== undefined && (first.path.length > 0 || !isOfAnotherType(first, value)),
      );
      const description = descriptionAt(root, path, written);
      const branch = branches.find((each) => branches.length === 1 || each.every((inner) => isOfValue(inner, value)));
      if (branch !== undefined) return branch.flatMap((inner) => describeIssue(inner, path, root, written));
      if (branches.length > 0 && description !== undefined) return [{ path, message: `does not fit (${description})` }];
      if (branches[0] !== undefined) return branches[0].flatMap((inner) => describeIssue(inner, path, root, written));
      const allowed = issue.errors
        .flat()
        .map((inner) => (inner.code === 'invalid_type' ? article(inner.expected) : inner.message));
      return [
        {
          path,
          message: describeType(value, [...new Set(allowed)].join(' or '), description),
        },
      ];
    }
    case 'too_small':
    case 'too_big':
      if (hasOwnMessage(issue)) break;
      if (typeof value === 'number') return [{ path, message: describeBound(value, issue) }];
      if (issue.code === 'too_small' && issue.minimum === 1) {
        return [{ path, message: `is empty; it must be ${descriptionAt(root, path, written) ?? 'something'}` }];
      }
      break;
    case 'invalid_key':
      return [{ path, message: lowerFirst(issue.issues[0]?.message ?? issue.message) }];
    default:
  }
  return [{ path, message: lowerFirst(issue.message) }];
}

/** Whether the value has another type than the branch, or is a map where a single word is expected. */
function isOfAnotherType({ code }: z.core.$ZodIssue, value: unknown): boolean {
  return code === 'invalid_type' || (code === 'invalid_value' && typeof value === 'object');
}

/** Whether the issue concerns a value, not an unknown or missing key. */
function isOfValue(issue: z.core.$ZodIssue, value: unknown): boolean {
  return issue.code !== 'unrecognized_keys' && valueAt(value, issue.path.map(String)) !== undefined;
}

/** A custom message of the schema is more specific than zod's. */
function hasOwnMessage({ message }: z.core.$ZodIssue): boolean {
  return !/^(Invalid (input|option|discriminator)|Too small|Too big)/.test(message);
}

/** Whether all of several keys are unknown and most resemble no known one: a file with another purpose, whose keys may be secrets. */
function isForeign(written: unknown, unknown: readonly string[], known: readonly string[]): boolean {
  const all = Object.keys(written as object).length;
  const strange = unknown.filter((key) => nearest(key, known) === undefined).length;
  return unknown.length === all && strange > 1 && strange > all / 2;
}

const describeForeign = (count: number, known: readonly string[]): string =>
  `is another kind of file: none of its ${count} keys is known; known here: ${known.join(', ')}`;

function describeUnknownKey(path: Path, known: readonly string[], root: JsonSchema): string {
  const key = String(path.at(-1));
  const near = nearest(key, known);
  const isHere = (place: Path) =>
    place.length === path.length &&
    place.every((part, index) => part === path[index] || part === anyName || part === 0);
  const elsewhere = placesOf(key, root, root).filter((place) => !isHere(place));
  const meant = near === undefined ? [...new Set(elsewhere.map(pathText))] : [near];
  const allowed = known.length === 0 ? 'nothing is allowed here' : `known here: ${known.join(', ')}`;
  return meant.length === 0 || meant.length > mostPlaces
    ? `unknown key; ${allowed}`
    : `unknown key; did you mean ${meant.join(' or ')}? (${allowed})`;
}

/** Limit of suggested places: a key of many sections is not a hint. */
const mostPlaces = 3;
/** Schemas may be recursive. */
const deepest = 5;
/** Stands for a key that users choose. */
const anyName = 'NAME';

/** @returns where the schema has the key, because keys are often written one level too high or too low */
function placesOf(key: string, schema: JsonSchema, root: JsonSchema, path: Path = []): Path[] {
  if (path.length > deepest) return [];
  return alternatives(schema, root, undefined).flatMap(({ properties = {}, additionalProperties, items }) => [
    ...Object.entries(properties).flatMap(([name, next]) => [
      ...(name === key ? [[...path, name]] : []),
      ...placesOf(key, next, root, [...path, name]),
    ]),
    ...(typeof additionalProperties === 'object' ? placesOf(key, additionalProperties, root, [...path, anyName]) : []),
    ...(items === undefined ? [] : placesOf(key, items, root, [...path, 0])),
  ]);
}

/** Names an unknown key of the map that has one of the values, as in `kind: kafka` for `broker: kafka`. */
function keyInstead(values: readonly unknown[], path: Path, written: unknown, root: JsonSchema): string {
  const parent = path.slice(0, -1);
  const map = valueAt(written, parent);
  const known = knownKeys(root, parent, written);
  const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  const other = entries.find(([key, value]) => values.includes(value) && !known.includes(key))?.[0];
  return other === undefined ? '' : `; write ${pathText(path.slice(-1))} in place of ${pathText([other])}`;
}

function describeChoice(value: unknown, allowed: readonly string[], instead: string): string {
  const choice = allowed.length === 1 ? `must be ${allowed[0]}` : `must be one of ${allowed.join(', ')}`;
  if (value === undefined) return `is missing; it ${choice}${instead}`;
  const meant = typeof value === 'string' && allowed.length > 1 ? nearest(value, allowed) : undefined;
  if (meant !== undefined) return `${JSON.stringify(value)} is not known; it ${choice} (did you mean ${meant}?)`;
  return `${shown(value)} is not known; it ${choice}`;
}

function describeType(value: unknown, type: string, description: string | undefined): string {
  if (value === undefined) return `is missing; it must be ${description ?? type}`;
  // A value in the place of text, a map or a list may be a password that is all digits.
  const given = typeof value === 'number' && /^(?:text|a map|a list)$/.test(type) ? 'a number' : shown(value);
  return `must be ${type}${description === undefined ? '' : ` (${description})`}, but is ${given}`;
}

function describeBound(value: number, issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [word, bound, edge] =
    issue.code === 'too_small'
      ? (['small', issue.minimum, 'more than'] as const)
      : (['large', issue.maximum, 'less than'] as const);
  const inclusive = issue.code === 'too_small' ? 'at least' : 'at most';
  return `${value} is too ${word}; it must be ${issue.inclusive === false ? edge : inclusive} ${bound}`;
}

/** Text in the wrong place may be a password or an address with one, so it is not printed. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return typeof value === 'string' ? 'text' : String(value);
}

const typeNames: Record<string, string> = {
  record: 'a map',
  object: 'a map',
  array: 'a list',
  tuple: 'a list',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
};

function article(type: string): string {
  return typeNames[type] ?? `a ${type}`;
}

function lowerFirst(text: string): string {
  // An abbreviation keeps its capitals.
  return /^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

/** The subset of JSON Schema that zod generates. */
interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  /** For a map whose keys are listed. */
  propertyNames?: { enum?: string[] };
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  const?: unknown;
}

function schemasAt(root: JsonSchema, path: Path, written: unknown): JsonSchema[] {
  let at = alternatives(root, root, written);
  for (const [index, part] of path.entries()) {
    const value = valueAt(written, path.slice(0, index + 1));
    at = at.flatMap((schema) => {
      const additional = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
      const next = typeof part === 'number' ? schema.items : (schema.properties?.[part] ?? additional);
      return next === undefined ? [] : alternatives(next, root, value);
    });
  }
  return at;
}

/** Returns the branches of a union whose discriminator equals that of the value. */
function alternatives(schema: JsonSchema, root: JsonSchema, value: unknown): JsonSchema[] {
  const target = schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {});
  const branches = target.anyOf ?? target.oneOf;
  if (branches === undefined) return [target];
  const fitting = branches
    .flatMap((branch) => alternatives(branch, root, value))
    .filter(({ properties = {} }) =>
      Object.entries(properties).every(([key, { const: constant }]) => {
        const given = valueAt(value, [key]);
        return constant === undefined || given === undefined || given === constant;
      }),
    );
  return target.description === undefined ? fitting : [{ description: target.description }, ...fitting];
}

function knownKeys(root: JsonSchema, path: Path, written: unknown): string[] {
  const keys = schemasAt(root, path, written).flatMap(({ properties = {}, propertyNames }) => [
    ...Object.keys(properties),
    ...(propertyNames?.enum ?? []),
  ]);
  return [...new Set(keys)];
}

function descriptionAt(root: JsonSchema, path: Path, written: unknown): string | undefined {
  return schemasAt(root, path, written).find(({ description }) => description !== undefined)?.description;
}
