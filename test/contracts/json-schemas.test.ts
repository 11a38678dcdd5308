// Checks that the schema files, which reference shared parts, are equivalent to the contracts in code.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { publishedSchemas } from '../../tools/generated.ts';
import { inlineSchemas, mapParts, withoutAnnotations, type JsonSchema } from '../../tools/json-schemas.ts';

const inline = inlineSchemas(publishedSchemas);
const names = Object.keys(publishedSchemas);

async function readSchema(file: string): Promise<JsonSchema> {
  return JSON.parse(await readFile(new URL(`../../docs/schema/${file}`, import.meta.url), 'utf8')) as JsonSchema;
}

test.each(names)('%s.schema.json with resolved references equals the schema of its contract', async (name) => {
  const file = `${name}.schema.json`;
  const { $id, ...schema } = await readSchema(file);
  expect($id).toBe(file);
  const { $defs: _, ...expanded } = await expand(schema, schema);
  expect(expanded).toEqual(inline.get(name));
});

async function expand(part: JsonSchema, root: JsonSchema): Promise<JsonSchema> {
  const { $ref, ...annotations } = part;
  if (typeof $ref !== 'string') return mapAsync(part, (inner) => expand(inner, root));
  const [file = '', pointer] = $ref.split('#/$defs/');
  const target = file === '' ? root : await readSchema(file);
  if (pointer !== undefined) {
    const found = (target['$defs'] as Record<string, JsonSchema>)[pointer] ?? {};
    return { ...(await expand(found, target)), ...annotations };
  }
  const { $id: _, $defs: __, ...whole } = withoutAnnotations(await expand(target, target));
  return { ...whole, ...annotations };
}

async function mapAsync(schema: JsonSchema, change: (part: JsonSchema) => Promise<JsonSchema>): Promise<JsonSchema> {
  const parts: Promise<JsonSchema>[] = [];
  mapParts(schema, (part) => {
    parts.push(change(part));
    return part;
  });
  const changed = await Promise.all(parts);
  return mapParts(schema, () => changed.shift() ?? {});
}
