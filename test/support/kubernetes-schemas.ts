// Makes the JSON schemas that kubeconform reads from the OpenAPI document of Kubernetes.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../../core/user-folders.ts';
import { moduleFolder } from './built-with-go.ts';
import { builtOnce } from './jvms/built-once.ts';

const kubernetes = 'v1.34.1';

const Json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(Json), z.record(z.string(), Json)]),
);
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const Kind = z.object({ group: z.string(), version: z.string(), kind: z.string() });
const OpenApi = z.object({ definitions: z.record(z.string(), z.record(z.string(), Json)) });

/** @returns the folder of the schemas: a file for each kind, which rejects undefined keys */
export async function kubernetesSchemas(): Promise<string> {
  const name = `kubernetes-schemas-${kubernetes}`;
  return builtOnce(join(cacheFolder(process.env), name), async (folder) => {
    const document = join(await moduleFolder('k8s.io/kubernetes', kubernetes), 'api/openapi-spec/swagger.json');
    const { definitions } = OpenApi.parse(JSON.parse(await readFile(document, 'utf8')));
    const shared = Object.fromEntries(
      Object.entries(definitions).map(([each, schema]) => [each, strict(schema, each)]),
    );
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'definitions.json'), JSON.stringify({ definitions: shared }));
    for (const [each, schema] of Object.entries(definitions)) {
      const kinds = z.array(Kind).safeParse(schema['x-kubernetes-group-version-kind']);
      for (const kind of kinds.data ?? []) await write(folder, kind, { $ref: `definitions.json#/definitions/${each}` });
    }
  });
}

/** Path of the schema of a kind for kubeconform, relative to the folder. */
export const schemaLocation = '{{.ResourceKind}}{{.KindSuffix}}.json';

async function write(folder: string, { group, version, kind }: z.infer<typeof Kind>, schema: Json): Promise<void> {
  const [label = ''] = group.split('.');
  const parts = [kind, label, version].filter((part) => part !== '');
  await writeFile(join(folder, `${parts.join('-').toLowerCase()}.json`), JSON.stringify(schema));
}

/** OpenAPI uses types that JSON Schema lacks, and allows undefined keys. */
function strict(schema: Json, name = ''): Json {
  if (Array.isArray(schema)) return schema.map((each) => strict(each));
  if (typeof schema !== 'object' || schema === null) return schema;
  if (name.endsWith('.Quantity')) return { type: ['string', 'number'] };
  if (schema['format'] === 'int-or-string') {
    return { type: ['string', 'integer'] };
  }
  const inside = Object.entries(schema).map(([key, value]): [string, Json] => [key, strict(value)]);
  const open = schema['additionalProperties'] !== undefined;
  const isClosed = typeof schema['properties'] === 'object' && schema['type'] === 'object' && !open;
  return { ...Object.fromEntries(inside), ...(isClosed && { additionalProperties: false }) };
}
