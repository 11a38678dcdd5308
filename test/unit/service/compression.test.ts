import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import express, { type Response } from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../../../exporter/http-server.ts';
import { createCompression } from '../../../service/compression.ts';

const long = 'safe max 安全上限 '.repeat(1000);
const answers: Record<string, (response: Response) => void> = {
  '/long': (response) => void response.send(long),
  '/latin': (response) => void response.type('text').end('é'.repeat(2000), 'latin1'),
  '/short': (response) => void response.send('short'),
  '/picture': (response) => void response.type('png').send(Buffer.alloc(5000)),
  '/packed': (response) => void response.set('Content-Encoding', 'br').type('text').send(Buffer.alloc(5000)),
  '/in-parts': (response) => {
    response.type('text').write(long);
    response.end(long);
  },
  '/unchanged': (response) => void response.status(304).end(),
};

let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  const app = express().use(createCompression());
  for (const [path, answer] of Object.entries(answers)) app.get(path, (_request, response) => answer(response));
  server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Unlike fetch, decompresses nothing. */
async function ask(path: string, accepted = 'gzip', method = 'GET') {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(new URL(path, server.url), { method, headers: { 'Accept-Encoding': accepted } }, resolve)
    .on('error', reject)
    .end();
  const response = await promise;
  const body = await buffer(response);
  const coding = response.headers['content-encoding'];
  return { status: response.statusCode, headers: response.headers, coding, body };
}

test('a long text is compressed and decompresses to the same text', async () => {
  const { coding, headers, body } = await ask('/long', 'gzip, br');
  expect([coding, headers['vary'], Number(headers['content-length'])]).toEqual([
    'gzip',
    'Accept-Encoding',
    body.length,
  ]);
  expect(gunzipSync(body).toString()).toBe(long);
  expect(gunzipSync((await ask('/latin')).body).toString('latin1')).toBe('é'.repeat(2000));
});

test.each(['identity', 'gzip;q=0', 'br', ''])(
  'a client that sends Accept-Encoding %j gets plain text, and caches keep the two forms separate',
  async (accepted) => {
    const { coding, headers, body } = await ask('/long', accepted);
    expect([coding, headers['vary'], body.toString()]).toEqual([undefined, 'Accept-Encoding', long]);
  },
);

test.each([
  ['/short', undefined],
  ['/picture', undefined],
  ['/packed', 'br'],
  ['/in-parts', undefined],
])('%s is not compressed by the middleware', async (path, coding) => expect((await ask(path)).coding).toBe(coding));

test('a response without a body stays without one', async () => {
  const head = await ask('/long', 'gzip', 'HEAD');
  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, undefined]);
  const unchanged = await ask('/unchanged');
  expect([unchanged.status, unchanged.coding, unchanged.body.length]).toEqual([304, undefined, 0]);
});
