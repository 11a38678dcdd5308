// Writes JSON Schemas without repetition: equal parts go into `$defs`, other whole documents are referenced by file.

import { z } from 'zod';
import { formatJson } from './format-json.ts';

export interface PublishedSchema {
  type: z.ZodType;
  description: string;
  /** `input` for files that people write, with optional defaults; `output` for documents that programs read. */
  io: 'input' | 'output';
}

/** The subset of JSON Schema that zod writes. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** Shorter parts are repeated: a reference is longer than `{ "type": "string" }` and less readable. */
const shortestShared = 80;

/** Shorter parts stay in each document, which is more readable as a whole. */
const shortestCommon = 200;

const fileOf = (name: string) => `${name}.schema.json`;

/** @returns each schema with all its parts in place, by name */
export function inlineSchemas(published: Readonly<Record<string, PublishedSchema>>): Map<string, JsonSchema> {
  const schemas = Object.entries(published).map(([name, { type, description, io }]) => {
    const schema: JsonSchema = {
      ...z.toJSONSchema(type, { io, override: (part) => shorten(part.jsonSchema, io) }),
      description,
    };
    return [name, schema] as const;
  });
  return new Map(schemas);
}

/**
 * Omits implied keywords: the type of a constant, and bounds that include every integer of JavaScript. A program that
 * reads a document ignores unknown keys, because a later release may add some within the same `schemaVersion`.
 */
function shorten(part: z.core.JSONSchema.BaseSchema, io: PublishedSchema['io']): void {
  if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
  if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
  if (part.const !== undefined || part.enum !== undefined) delete part.type;
  if (io === 'output' && part.additionalProperties === false) delete part.additionalProperties;
}

/** @returns the file of each document */
export const schemaFiles = (published: Readonly<Record<string, PublishedSchema>>): Map<z.ZodType, string> =>
  new Map(Object.entries(published).map(([name, { type }]) => [type, fileOf(name)]));

/**
 * Parts that documents of programs have in common. Files that people write stay complete, because editors read one
 * file.
 */
export interface CommonParts {
  parts: ReadonlyMap<string, SharedPart>;
  /** Documents that refer to the common parts. */
  users: ReadonlySet<string>;
}

export function commonParts(
  published: Readonly<Record<string, PublishedSchema>>,
  all: ReadonlyMap<string, JsonSchema>,
): CommonParts {
  const users = Object.keys(published).filter((name) => published[name]?.io === 'output');
  const roots = users.map((name) => all.get(name) ?? {});
  const files = new Map([...all].map(([name, whole]) => [keyOf(whole), fileOf(name)]));
  const isCommon = ({ roots: places }: FoundPart, key: string) => places.size > 1 && key.length >= shortestCommon;
  return { parts: namesOf(partsIn(roots, files), isCommon), users: new Set(users) };
}

export const commonFile = fileOf('common');

/** @returns the text of one schema file; other whole documents in it are references to their files */
export function renderSchema(
  name: string,
  all: ReadonlyMap<string, JsonSchema>,
  { parts, users }: CommonParts,
): Promise<string> {
  const schema = all.get(name) ?? {};
  const elsewhere = new Map([
    ...(users.has(name) ? refsOf(parts, commonFile) : []),
    ...[...all].flatMap(([other, whole]): [string, string][] =>
      other === name ? [] : [[keyOf(whole), fileOf(other)]],
    ),
  ]);
  const names = namesOf(partsIn([schema], elsewhere), isRepeated);
  const refs = new Map([...elsewhere, ...refsOf(names)]);
  const { $schema, ...rest } = withRefs(schema, refs);
  return formatJson({ $schema, $id: fileOf(name), ...rest, ...definitions(names, refs) });
}

/** @returns the text of the file with common parts */
export function renderCommonParts(all: ReadonlyMap<string, JsonSchema>, { parts }: CommonParts): Promise<string> {
  const elsewhere = new Map([
    ...refsOf(parts),
    ...[...all].map(([other, whole]): [string, string] => [keyOf(whole), fileOf(other)]),
  ]);
  const roots = [...parts.values()].map(({ part }) => part);
  const own = namesOf(
    partsIn(roots, elsewhere),
    isRepeated,
    [...parts.values()].map(({ name }) => name),
  );
  const refs = new Map([...elsewhere, ...refsOf(own)]);
  const [first] = all.values();
  return formatJson({
    $schema: first?.['$schema'],
    $id: commonFile,
    description: 'Parts that several documents have.',
    ...definitions(new Map([...parts, ...own]), refs),
  });
}

/** @returns the text of an OpenAPI document without repeated schema parts */
export function renderOpenApi(document: {
  components: { schemas: Readonly<Record<string, JsonSchema>> };
}): Promise<string> {
  const { components } = document;
  const names = namesOf(
    partsIn(Object.values(components.schemas), new Map()),
    isRepeated,
    Object.keys(components.schemas),
  );
  const refs = new Map([...names].map(([key, { name }]) => [key, `#/components/schemas/${name}`]));
  const whole = Object.entries(components.schemas);
  const parts = [...names.values()].map(({ name, part }) => [name, part] as const);
  const schemas = Object.fromEntries([...whole, ...parts].map(([name, part]) => [name, withRefs(part, refs)]));
  return formatJson({ ...document, components: { ...components, schemas } });
}

const refsOf = (parts: ReadonlyMap<string, SharedPart>, file = ''): [string, string][] =>
  [...parts].map(([key, { name }]) => [key, `${file}#/$defs/${name}`]);

function definitions(parts: ReadonlyMap<string, SharedPart>, refs: ReadonlyMap<string, string>): JsonSchema {
  if (parts.size === 0) return {};
  return {
    $defs: Object.fromEntries([...parts.values()].map(({ name, part }) => [name, withRefs(part, refs)])),
  };
}

/** Annotations stay next to a reference, so parts that differ only in annotations are equal. */
function annotationsOf({ description, default: byDefault }: JsonSchema): JsonSchema {
  return { ...(description !== undefined && { description }), ...(byDefault !== undefined && { default: byDefault }) };
}

const notConstraints = new Set(['description', 'default', '$schema']);

export function withoutAnnotations(part: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(part).filter(([keyword]) => !notConstraints.has(keyword)));
}

const keyOf = (part: JsonSchema) => JSON.stringify(withoutAnnotations(part));

function withRefs(part: JsonSchema, refs: ReadonlyMap<string, string>): JsonSchema {
  return mapParts(part, (inner) => {
    const $ref = refs.get(keyOf(inner));
    return $ref === undefined ? withRefs(inner, refs) : { ...annotationsOf(inner), $ref };
  });
}

interface SharedPart {
  name: string;
  part: JsonSchema;
}

interface FoundPart extends SharedPart {
  count: number;
  /** Documents that contain it. */
  roots: Set<JsonSchema>;
}

/**
 * Returns every part below the roots once, named by the key under which it is found first; parts inside a known part
 * are not counted again.
 */
function partsIn(roots: readonly JsonSchema[], elsewhere: ReadonlyMap<string, string>): Map<string, FoundPart> {
  const found = new Map<string, FoundPart>();
  const visit = (root: JsonSchema, part: JsonSchema, name: string) => {
    const key = keyOf(part);
    if (elsewhere.has(key)) return;
    const known = found.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.roots.add(root);
      return;
    }
    found.set(key, { name, part: withoutAnnotations(part), count: 1, roots: new Set([root]) });
    visitAll(root, part, name);
  };
  const visitAll = (root: JsonSchema, part: JsonSchema, name: string) => {
    mapParts(part, (inner, at) => {
      visit(root, inner, partName(name, inner, at));
      return inner;
    });
  };
  for (const root of roots) visitAll(root, root, '');
  return found;
}

const isRepeated = ({ count }: FoundPart, key: string) => count > 1 && key.length >= shortestShared;

function namesOf(
  found: ReadonlyMap<string, FoundPart>,
  isShared: (part: FoundPart, key: string) => boolean,
  others: readonly string[] = [],
): Map<string, SharedPart> {
  const taken = new Set(others);
  return new Map(
    [...found].flatMap(([key, each]) => {
      if (!isShared(each, key)) return [];
      const name = unusedName(each.name, taken);
      taken.add(name);
      return [[key, { name, part: each.part }]];
    }),
  );
}

function unusedName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}${number}`)) number += 1;
  return `${name}${number}`;
}

/** Names a property by its key, an item in the singular, an alternative also by its `kind`. */
function partName(parent: string, part: JsonSchema, at: string | undefined): string {
  if (at !== undefined)
    return at
      .split(/[^A-Za-z0-9]+/)
      .map(capitalised)
      .join('');
  const { kind } = (part['properties'] ?? {}) as Record<string, JsonSchema | undefined>;
  const constant = kind?.['const'];
  return typeof constant === 'string' ? `${parent}${partName('', {}, constant)}` : `${parent.replace(/s$/, '')}Item`;
}

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const maps = new Set(['properties', 'patternProperties', '$defs']);
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const singles = new Set(['items', 'additionalProperties', 'propertyNames', 'not']);

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

/** @param change called with each schema directly below, with its key if it is a property */
export function mapParts(schema: JsonSchema, change: (part: JsonSchema, key?: string) => JsonSchema): JsonSchema {
  const changed = Object.entries(schema).map(([keyword, value]) => {
    if (maps.has(keyword)) {
      const parts = Object.entries(value as Record<string, JsonSchema>);
      return [keyword, Object.fromEntries(parts.map(([key, part]) => [key, change(part, key)]))];
    }
    if (lists.has(keyword)) return [keyword, (value as JsonSchema[]).map((part) => change(part))];
    return [keyword, singles.has(keyword) && isSchema(value) ? change(value) : value];
  });
  return Object.fromEntries(changed) as JsonSchema;
}
