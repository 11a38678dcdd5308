import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { listObjects } from '../../../../app/kubernetes/get-objects.ts';

let stop = () => {};
afterEach(() => stop());

const resource = { group: 'kafka.strimzi.io', plural: 'kafkas', versions: ['v1', 'v1beta2'] };
const group = { kind: 'APIGroup', versions: [{ groupVersion: 'kafka.strimzi.io/v1beta2', version: 'v1beta2' }] };
const signal = new AbortController().signal;

/** Lists objects from a local server with responses of an API server. */
async function listFrom(answer: RequestListener, namespace?: string) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = () => void server.close();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const access = { server: new URL(`http://127.0.0.1:${address.port}/k8s/`), token: 'secret' };
  return listObjects(access, resource, namespace, signal);
}

test('reads the newest version of the server page by page, with the token', async () => {
  const requests: (string | undefined)[] = [];
  const items = await listFrom((request, response) => {
    requests.push(request.url);
    expect(request.headers.authorization).toBe('Bearer secret');
    const isFirst = !request.url?.includes('continue=');
    const page = { metadata: isFirst ? { continue: 'a+b' } : {}, items: [isFirst ? 1 : 2] };
    response.end(JSON.stringify(request.url?.includes('limit') ? page : group));
  }, 'kafka');
  expect(items).toEqual([1, 2]);
  const list = '/k8s/apis/kafka.strimzi.io/v1beta2/namespaces/kafka/kafkas?limit=200';
  expect(requests).toEqual(['/k8s/apis/kafka.strimzi.io', list, `${list}&continue=a%2Bb`]);
});

test('a server without the resource has no list', async () => {
  expect(await listFrom((_, response) => response.writeHead(404).end('{}'))).toBeUndefined();
});

test('retries after the time that a server names when it starts to watch a kind', async () => {
  let asked = 0;
  const items = await listFrom((request, response) => {
    asked += 1;
    if (asked === 2) response.writeHead(429, { 'Retry-After': '1' }).end('storage is (re)initializing');
    else response.end(JSON.stringify(request.url?.includes('limit') ? { items: [] } : group));
  });
  expect(items).toEqual([]);
  expect(asked).toBe(3);
});

test.each([
  ['a token that is not accepted', 401, '{}', 'does not accept the token or certificate (401)'],
  ['a list that is forbidden', 403, '{}', '/apis/kafka.strimzi.io is forbidden (403)'],
  ['a server that fails', 500, '{}', '/apis/kafka.strimzi.io answered 500'],
  ['a page of something else', 200, '<html>', 'is not a response of the Kubernetes API'],
])('%s is an error with its reason', async (_, status, body, message) => {
  await expect(listFrom((__, response) => response.writeHead(status).end(body))).rejects.toMatchObject({
    code: 'kubernetes-refused',
    message: expect.stringContaining(message),
  });
});
