// Which keys has plimsoll.yaml? docs/reference/config.md, made from its schema.

import { z } from 'zod';
import { ConfigFile } from '../cli/config.ts';

/** As much of JSON Schema as our own uses. */
interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

export function renderConfigPage(): string {
  const { properties = {} } = z.toJSONSchema(ConfigFile, { io: 'input' }) as Schema;
  return [
    '# plimsoll.yaml',
    '',
    'Made from the schema by `npm run update-golden`; not edited by hand. [config.schema.json](../schema/config.schema.json) is the same for',
    'editors, and `plimsoll config check` names every problem of a file at once. `<name>` is a name of your choice, `[]` an item of a list;',
    'an unknown key is an error that names the nearest known one.',
    '',
    ...Object.entries(properties).flatMap(([section, schema]) => [
      `## ${section}`,
      '',
      ...(schema.description === undefined ? [] : [sentence(schema.description), '']),
      '| key | value | default | meaning |',
      '| --- | --- | --- | --- |',
      ...unique([...rowsOf(section, schema)]),
      '',
    ]),
  ].join('\n');
}

function* rowsOf(path: string, schema: Schema): Iterable<string> {
  for (const variant of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])])
    yield* rowsOf(path, variant);
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const inside = `${path}.${key}`;
    if (isLeaf(value)) yield row(inside, value, schema.required?.includes(key) === true);
    else {
      if (value.description !== undefined) yield row(inside, value, schema.required?.includes(key) === true);
      yield* rowsOf(inside, value);
    }
  }
  if (typeof schema.additionalProperties === 'object') {
    const inside = `${path}.<name>`;
    if (isLeaf(schema.additionalProperties)) yield row(inside, schema.additionalProperties, false);
    yield* rowsOf(inside, schema.additionalProperties);
  }
  if (schema.items !== undefined && !isLeaf(schema.items)) yield* rowsOf(`${path}[]`, schema.items);
}

function isLeaf(schema: Schema): boolean {
  const variants = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (variants.length > 0) return variants.every(isLeaf);
  if (schema.items !== undefined) return isLeaf(schema.items);
  return schema.properties === undefined && typeof schema.additionalProperties !== 'object';
}

function row(path: string, schema: Schema, isRequired: boolean): string {
  const standard =
    schema.default === undefined || isEmpty(schema.default) ? '' : `\`${JSON.stringify(schema.default)}\``;
  const cells = [`\`${path}\``, kindOf(schema), isRequired ? 'required' : standard, schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const variants = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (variants.length > 0) return unique(variants.map(kindOf)).join(' or ');
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`;
  return schema.type ?? 'any';
}

const unique = (rows: readonly string[]) => [...new Set(rows)];

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? '' : '.'}`;
