import { request as rawRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import { serveApi, statusOf, type ServedApi } from '../../../support/served-api.ts';

const json = { 'Content-Type': 'application/json' };
const note = JSON.stringify({ what: 'annotated', note: 'x' });

let api: ServedApi;
beforeAll(async () => void (api = await serveApi()));
afterAll(() => api[Symbol.asyncDispose]());

/** Unlike fetch, sends path and headers unchanged. */
async function send(
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: object; body?: string } = {},
) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asking = rawRequest(new URL(api.url).origin, { path, method, headers: { ...headers } }, resolve).on(
    'error',
    reject,
  );
  asking.end(body);
  const response = await promise;
  const answer = await text(response);
  return {
    status: response.statusCode,
    headers: response.headers,
    text: answer,
    body: answer.startsWith('{') ? JSON.parse(answer) : undefined,
  };
}
const post = (headers: object, body = note) =>
  send('/api/v1/changes', { method: 'POST', headers: { ...json, ...headers }, body });

test('an unchanged response is a 304 without a body, and a changed one is sent in full', async () => {
  const first = await fetch(`${api.url}/clusters`);
  const tag = first.headers.get('ETag') ?? '';
  const again = () => fetch(`${api.url}/clusters`, { headers: { 'If-None-Match': `"other", ${tag}` } });
  const unchanged = await again();
  expect([unchanged.status, await unchanged.text(), unchanged.headers.get('ETag')]).toEqual([304, '', tag]);
  expect(first.headers.get('Cache-Control')).toBe('private, no-cache');
  api.stand({ at: '2026-11-01T00:00:15.000Z', clusters: [statusOf('orders')] });
  expect((await again()).status).toBe(200);
  const now = (await fetch(`${api.url}/clusters`)).headers.get('ETag') ?? '';
  api.history.append({ kind: 'change', document: { what: 'annotated', after: 'x' } }, { name: 'a', through: 'cli' });
  expect((await fetch(`${api.url}/clusters`, { headers: { 'If-None-Match': now } })).status).toBe(200);
});

test('an ETag is not valid for another address, and a refusal has none', async () => {
  const tag = (await fetch(`${api.url}/ledger`)).headers.get('ETag') ?? '';
  expect((await fetch(`${api.url}/ledger?limit=3`, { headers: { 'If-None-Match': tag } })).status).toBe(200);
  const refused = await fetch(`${api.url}/ledger?limit=x`, { headers: { 'If-None-Match': '*' } });
  expect([refused.status, refused.headers.get('ETag'), refused.headers.get('Cache-Control')]).toEqual([
    400,
    null,
    'no-store',
  ]);
});

test('HEAD has the headers of GET and no body; OPTIONS lists the methods', async () => {
  const head = await send('/api/v1/healthz', { method: 'HEAD' });
  expect([head.status, head.text, head.headers['content-type']]).toEqual([200, '', 'application/json; charset=utf-8']);
  const options = await send('/api/v1/changes', { method: 'OPTIONS' });
  expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
});

test.each(['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])('no path accepts the method %s', async (method) => {
  const { status, headers, body } = await send('/api/v1/fleet', { method });
  expect([status, headers['allow'], body.error.code]).toEqual([405, 'GET, HEAD, OPTIONS', 'method-not-allowed']);
});

test('a response has no CORS header and carries security headers', async () => {
  const { headers } = await send('/api/v1/fleet', { headers: { Origin: 'https://evil.example' } });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('a client that does not accept JSON gets 406', async () => {
  expect(await send('/api/v1/fleet', { headers: { Accept: 'text/html' } })).toMatchObject({
    status: 406,
    body: { error: { code: 'not-acceptable' } },
  });
  expect((await send('/api/v1/fleet', { headers: { Accept: 'text/html, */*;q=0.1' } })).status).toBe(200);
});

const host = () => new URL(api.url).host;
test.each([
  ['a form of another site', { 'Content-Type': 'text/plain', Origin: 'https://evil.example' }, 403],
  ['JSON of another site', { Origin: 'https://evil.example' }, 403],
  ['a site beside ours', { 'Sec-Fetch-Site': 'same-site' }, 403],
  ['another site that gives our address as its own', { 'Sec-Fetch-Site': 'cross-site', Origin: 'OWN' }, 403],
  ['a page without an origin', { Origin: 'null' }, 403],
  ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
  ['no word of what it is', { 'Content-Type': '' }, 415],
  ['JSON in another charset', { 'Content-Type': 'application/json; charset=latin1' }, 415],
  ['a packed body', { 'Content-Encoding': 'gzip' }, 415],
  ['a page of ours', { 'Sec-Fetch-Site': 'same-origin', Origin: 'OWN' }, 201],
  ['a page of ours in a browser that tells no site', { Origin: 'OWN' }, 201],
  ['a program', {}, 201],
])('a change sent by %s gets the expected status', async (_name, headers: Record<string, string>, expected) => {
  const own = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value === 'OWN' ? `http://${host()}` : value]),
  );
  expect((await post(own)).status).toBe(expected);
});

test.each([
  ['no JSON', '{', 400, 'request-invalid'],
  ['no object', '[]', 422, 'body-invalid'],
  ['nothing', '', 422, 'body-invalid'],
  ['a key there is none of', '{"what":"annotated","note":"x","__proto__":{"a":1},"more":1}', 422, 'body-invalid'],
  ['too much', JSON.stringify({ what: 'annotated', note: 'x'.repeat(300_000) }), 413, 'body-too-large'],
  ['brackets without end', '['.repeat(200_000), 400, 'request-invalid'],
])('a request body with %s is refused', async (_name, body, status, code) => {
  expect(await post({}, body)).toMatchObject({ status, body: { schemaVersion: 1, error: { code } } });
});

test('a viewer cannot change anything', async () => {
  await using read = await serveApi({ user: { name: 'eve', role: 'viewer' } });
  const answer = await fetch(`${read.url}/changes`, { method: 'POST', headers: json, body: note });
  expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'role-missing' } }]);
  expect(read.history.revision()).toBe(0);
});

test.each([
  ['/api/v1/fleet?limit=0', 400],
  ['/api/v1/fleet?limit=1&limit=2', 400],
  ['/api/v1/fleet?Limit=1', 400],
  ['/api/v1/fleet?__proto__=1', 400],
  ['/api/v1/fleet?limit[]=1', 400],
  ['/api/v1/ledger?cursor=e0', 400],
  ['/api/v1/ledger?since=yesterday', 400],
  ['/api/v1/ledger/1.5', 400],
  ['/api/v1/ledger/constructor', 400],
  ['/api/v1/clusters/%E0%A4%A', 400],
  ['/api/v1/clusters/..%2f..%2fetc%2fpasswd', 404],
  ['/api/v1/clusters/__proto__', 404],
  [`/api/v1/clusters/${'x'.repeat(250)}`, 400],
  ['/api/v1/fleet/', 404],
  ['/api/v1/FLEET', 404],
  ['/api/v1/', 404],
  ['/api/v1/<script>', 404],
])('%s is refused with %i', async (path, status) => {
  const answer = await send(path);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ schemaVersion: 1, error: { hint: expect.stringMatching(/\S/) } });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
});

test('a history that cannot be read is reported; an internal error is a 500 without details', async () => {
  const statuses = {
    fleet: () => {
      throw new Error('secret of the inside');
    },
    cluster: () => undefined,
    promotions: () => [],
  };
  await using broken = await serveApi({ statuses, log: createLogger('silent') });
  const answer = await fetch(`${broken.url}/fleet`);
  const words = await answer.text();
  expect([answer.status, words.includes('secret')]).toEqual([500, false]);
  const reading = () => {
    throw new AppError('ledger-damaged', 'cannot read the ledger');
  };
  await using damaged = await serveApi({ statuses: { ...statuses, fleet: reading } });
  const told = await fetch(`${damaged.url}/fleet`);
  expect([told.status, told.headers.get('Retry-After')]).toEqual([503, '2']);
});

test('a full history refuses new entries but can still be read', async () => {
  await using full = await serveApi();
  const send = (text: string) =>
    fetch(`${full.url}/changes`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ what: 'annotated', note: text }),
    });
  expect((await send('before')).status).toBe(201);
  full.history.limitBytes(1);
  let last = await send('x'.repeat(2000));
  for (let count = 0; count < 20 && last.status === 201; count++) last = await send('x'.repeat(2000));
  expect([last.status, await last.json()]).toMatchObject([507, { error: { code: 'ledger-full' } }]);
  const { entries } = (await (await fetch(`${full.url}/changes`)).json()) as { entries: object[] };
  expect(entries.length).toBeGreaterThan(0);
});

test('a long response is compressed only for clients that accept gzip', async () => {
  const packed = await fetch(`${api.url}/openapi.json`, { headers: { 'Accept-Encoding': 'gzip' } });
  const plain = await fetch(`${api.url}/openapi.json`, { headers: { 'Accept-Encoding': 'identity' } });
  expect([packed.headers.get('Content-Encoding'), plain.headers.get('Content-Encoding')]).toEqual(['gzip', null]);
  expect(await packed.json()).toEqual(await plain.json());
  expect(Number(packed.headers.get('Content-Length'))).toBeLessThan(Number(plain.headers.get('Content-Length')) / 4);
  expect([packed.headers.get('Vary'), plain.headers.get('Vary')]).toEqual(['Accept-Encoding', 'Accept-Encoding']);
});
