import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { SchemaRegistryConfig } from '../../../../brokers/schema-registry/config.ts';
import { createRegistryClient } from '../../../../brokers/schema-registry/registry-client.ts';

const io = { signal: new AbortController().signal };

async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const clientOf = (url: string, more: object = {}) => createRegistryClient(SchemaRegistryConfig.parse({ url, ...more }));
const json = (response: ServerResponse, document: object) => response.end(JSON.stringify(document));

test('a schema and its references are read once, with credentials, in dependency order', async () => {
  process.env['PLIMSOLL_TEST_REGISTRY'] = 'not-a-secret';
  const ref = (name: string) => ({ name, subject: `s/${name}`, version: 1 });
  await using served = await serving((request, response) => {
    const answers: Record<string, object> = {
      '/api/schemas/ids/7': { schema: 'main', schemaType: 'PROTOBUF', references: [ref('a'), ref('b')] },
      '/api/subjects/s%2Fa/versions/1': { schema: 'A', references: [ref('b')] },
      '/api/subjects/s%2Fb/versions/1': { schema: 'B' },
    };
    json(response, answers[request.url ?? ''] ?? {});
  });
  const authorization = { username: 'plimsoll', password: '${env:PLIMSOLL_TEST_REGISTRY}' };
  const client = clientOf(`${served.url}/api/`, { authorization });
  const [schema] = await Promise.all([client.schema(7, io), client.schema(7, io)]);
  expect(schema).toEqual({
    type: 'PROTOBUF',
    schema: 'main',
    references: [
      { name: 'b', schema: 'B' },
      { name: 'a', schema: 'A' },
    ],
  });
  expect(served.asked).toHaveLength(3);
  expect(new Set(served.asked.map((each) => each.split(' ').slice(1).join(' ')))).toEqual(
    new Set([`Basic ${Buffer.from('plimsoll:not-a-secret').toString('base64')}`]),
  );
});

test.each([
  ['a status', (response: ServerResponse): void => void response.writeHead(500).end(), 'with status 500'],
  ['no schema', (response: ServerResponse): void => void response.end('<html>'), 'is not a schema'],
  [
    'a redirect',
    (response: ServerResponse): void => void response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
    'with status 302',
  ],
  [
    'too much',
    (response: ServerResponse): void => void response.end(Buffer.alloc(2 ** 20 + 1, 'x')),
    'larger than 1048576 bytes',
  ],
  ['an unknown id', (response: ServerResponse): void => void response.writeHead(404).end(), 'has no schemas/ids/7'],
] as const)('%s from the registry is an error with its URL', async (_, answer, reason) => {
  await using served = await serving((_request, response) => answer(response));
  const failed = clientOf(served.url).schema(7, io);
  await expect(failed).rejects.toThrow(reason);
  await expect(failed).rejects.toThrow(served.url);
});

test('circular references are resolved once each', async () => {
  const ref = (name: string) => ({ name, subject: name, version: 1 });
  await using served = await serving((request, response) =>
    json(response, { schema: 'x', references: [ref(request.url?.includes('/a/') === true ? 'b' : 'a')] }),
  );
  expect((await clientOf(served.url).schema(7, io)).references.map(({ name }) => name)).toEqual(['b', 'a']);
});
