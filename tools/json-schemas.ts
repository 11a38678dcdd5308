// Writes JSON Schemas that state each part once: equal parts go into `$defs`, a whole other document is referenced by its file.

import { format } from 'prettier';
import { z } from 'zod';

export interface PublishedSchema {
  type: z.ZodType;
  description: string;
  /** `input` for what people write, where defaults may be left out; `output` for what programs read. */
  io: 'input' | 'output';
}

/** The part of JSON Schema that zod writes. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** Shorter parts are repeated: a reference to `{ "type": "string" }` would say less in more bytes. */
const shortestShared = 80;

const fileOf = (name: string) => `${name}.schema.json`;

/** @returns each schema with all its parts in place, by name */
export function inlineSchemas(published: Readonly<Record<string, PublishedSchema>>): Map<string, JsonSchema> {
  const schemas = Object.entries(published).map(([name, { type, description, io }]) => {
    const schema: JsonSchema = { ...z.toJSONSchema(type, { io }), description };
    return [name, schema] as const;
  });
  return new Map(schemas);
}

/** @returns the file of each document that programs read */
export function schemaFiles(published: Readonly<Record<string, PublishedSchema>>): Map<z.ZodType, string> {
  const output = Object.entries(published).filter(([, { io }]) => io === 'output');
  return new Map(output.map(([name, { type }]) => [type, fileOf(name)]));
}

/** @returns the text of one schema file; whole documents in another one are references to their files */
export function renderSchema(name: string, all: ReadonlyMap<string, JsonSchema>): Promise<string> {
  const schema = all.get(name) ?? {};
  const files = new Map([...all].flatMap(([other, whole]) => (other === name ? [] : [[keyOf(whole), fileOf(other)]])));
  const names = namesOfShared(schema, files);
  const refOf = (part: JsonSchema) => files.get(keyOf(part)) ?? defPath(names.get(keyOf(part))?.name);
  const shared = [...names.values()].map((def) => [def.name, withRefs(def.part, refOf)] as const);
  const { $schema, ...rest } = withRefs(schema, refOf);
  const document = {
    $schema,
    $id: fileOf(name),
    ...rest,
    ...(shared.length > 0 && { $defs: Object.fromEntries(shared) }),
  };
  return formatJson(document);
}

/** @returns JSON whose objects take one line where they fit */
export function formatJson(document: unknown): Promise<string> {
  return format(JSON.stringify(document), { parser: 'json', printWidth: 120, objectWrap: 'collapse' });
}

const defPath = (name: string | undefined) => (name === undefined ? undefined : `#/$defs/${name}`);

/** Annotations stay next to a reference, so parts that differ only in them are equal. */
function annotationsOf({ description, default: byDefault }: JsonSchema): JsonSchema {
  return { ...(description !== undefined && { description }), ...(byDefault !== undefined && { default: byDefault }) };
}

const notConstraints = new Set(['description', 'default', '$schema']);

export function withoutAnnotations(part: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(part).filter(([keyword]) => !notConstraints.has(keyword)));
}

const keyOf = (part: JsonSchema) => JSON.stringify(withoutAnnotations(part));

function withRefs(part: JsonSchema, refOf: (part: JsonSchema) => string | undefined): JsonSchema {
  return mapParts(part, (inner) => {
    const $ref = refOf(inner);
    return $ref === undefined ? withRefs(inner, refOf) : { ...annotationsOf(inner), $ref };
  });
}

interface SharedPart {
  name: string;
  part: JsonSchema;
}

/** Parts that a schema has at two or more places, each with the name of the key under which it is found first. */
function namesOfShared(schema: JsonSchema, files: ReadonlyMap<string, string>): Map<string, SharedPart> {
  const found = new Map<string, SharedPart & { count: number }>();
  const visit = (part: JsonSchema, name: string) => {
    const key = keyOf(part);
    if (files.has(key)) return;
    const known = found.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    found.set(key, { name, part: withoutAnnotations(part), count: 1 });
    mapParts(part, (inner, at) => {
      visit(inner, partName(name, inner, at));
      return inner;
    });
  };
  mapParts(schema, (inner, at) => {
    visit(inner, partName('', inner, at));
    return inner;
  });
  const taken = new Map<string, number>();
  return new Map(
    [...found].flatMap(([key, { name, part, count }]) => {
      if (count === 1 || key.length < shortestShared) return [];
      const uses = (taken.get(name) ?? 0) + 1;
      taken.set(name, uses);
      return [[key, { name: uses === 1 ? name : `${name}${uses}`, part }]];
    }),
  );
}

/** A property is named by its key, an item in the singular, an alternative by its `kind` as well. */
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

/** @param change is given each schema directly below one, with its key where it is a property */
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
