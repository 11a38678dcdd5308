import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { faults } from '../../../../core/errors.ts';
import { faultsOf, openApiDocument } from '../../../../service/api/openapi.ts';
import { operations } from '../../../../service/api/registry.ts';
import type { Operation } from '../../../../service/api/operation.ts';
import { statuses } from '../../../../service/api/statuses.ts';

interface Described {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { description: string }>;
}
const document = JSON.parse(JSON.stringify(openApiDocument({ pathPrefix: '/plimsoll' }))) as {
  servers: { url: string }[];
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, object> };
};
const all: readonly Operation[] = operations;

test('every reference leads to a schema, and no schema contains $id, $schema or $defs', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  expect(references.length).toBeGreaterThan(30);
  expect(references.filter((name) => document.components.schemas[name] === undefined)).toEqual([]);
  expect(text).not.toMatch(/"\$(?:id|schema|defs)"/);
});

test('every schema is referenced', () => {
  const text = JSON.stringify(document);
  const names = Object.keys(document.components.schemas);
  expect(names.filter((name) => !text.includes(`"#/components/schemas/${name}"`))).toEqual([]);
});

test('the document in the repository refers to the schema files of published responses and repeats no part', async () => {
  const folder = new URL('../../../../docs/schema/', import.meta.url);
  const kept = JSON.parse(await readFile(new URL('openapi.json', folder), 'utf8')) as typeof document;
  const { schemas } = kept.components;
  const files = Object.values(schemas).flatMap((schema) => ('$ref' in schema ? [String(schema.$ref)] : []));
  expect(files).toContain('ledger-entry.schema.json');
  for (const file of files)
    expect(JSON.parse(await readFile(new URL(file, folder), 'utf8'))).toMatchObject({ $id: file });
  const text = JSON.stringify(kept);
  expect(Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`))).toEqual([]);
  expect(kept.paths).toEqual(JSON.parse(JSON.stringify(openApiDocument().paths)));
});

test.each(all.map((each) => [each.id, each] as const))('%s documents the status of each of its errors', (id, each) => {
  const described = document.paths[each.path]?.[each.method];
  expect(described?.operationId).toBe(id);
  const documented = Object.keys(described?.responses ?? {}).map(Number);
  for (const code of faultsOf(each)) expect(documented, code).toContain((statuses as Record<string, number>)[code]);
  expect(documented).toContain(each.status ?? 200);
});

test.each(all.map((each) => [each.path, each] as const))(
  '%s declares each parameter of its path once',
  (path, each) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(each.parameters)).toEqual(inPath);
    expect(Object.keys(each.query).filter((name) => inPath.includes(name))).toEqual([]);
  },
);

test('operation ids are unique, and error codes are in the error table', () => {
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(statuses).filter((code) => !(code in faults))).toEqual([]);
});

test('with a path prefix the server URL contains the prefix', () =>
  expect(document.servers).toEqual([{ url: '/plimsoll/api/v1' }]));

test('docs/reference/api.md names every path and every error code', async () => {
  const page = await readFile(new URL('../../../../docs/reference/api.md', import.meta.url), 'utf8');
  const tail = (path: string) => path.replace('/clusters/{cluster}', '');
  const strays = all.filter(({ path }) => !page.includes(`${path}\``) && !page.includes(`…${tail(path)}\``));
  expect(strays.map(({ path }) => path)).toEqual([]);
  expect(Object.keys(statuses).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
