import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { createLogger } from '../../../core/log.ts';
import { createExporterApp, listen } from '../../../exporter/http-server.ts';
import { createFamilies, type Page } from '../../../exporter/exposition/families.ts';
import type { MetricsPage } from '../../../exporter/metrics-page.ts';
import { ShardsConfig } from '../../../exporter/shards/config.ts';
import { openShards } from '../../../exporter/shards/shards.ts';
import { createSteppedClock } from '../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };
const serve = (render: MetricsPage['render'], address = '127.0.0.1:0') =>
  listen(createExporterApp({ render, states: () => [] }), address, io);

/** A page with one family whose lines are all known. */
function pageOf(samples: string): Page {
  const page = createFamilies();
  page.add({ a_total: { type: 'counter', help: 'h' } }, new Map([['a_total', [Buffer.from(samples)]]]));
  return page;
}
const one = async () => pageOf('a_total 1\n');
const oneAsText = '# HELP a_total h\n# TYPE a_total counter\na_total 1\n';

test('serves the page in text format 0.0.4, marked as no-store', async () => {
  await using server = await serve(one);
  const response = await fetch(`${server.url}metrics`);
  expect(await response.text()).toBe(oneAsText);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('the landing page links to the metrics', async () => {
  await using server = await serve(one);
  expect(await (await fetch(server.url)).text()).toContain('<a href="/metrics">');
});

test('serves OpenMetrics, with its end marker, to a client that prefers it', async () => {
  await using server = await serve(one);
  const headers = { Accept: 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3' };
  const response = await fetch(`${server.url}metrics`, { headers });
  expect(response.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(await response.text()).toBe('# TYPE a counter\n# HELP a h\na_total 1\n# EOF\n');
});

test.each([
  ['gzip', 'gzip'],
  ['gzip;q=0', null],
  ['identity', null],
])('for Accept-Encoding %s the coding is %s', async (accepted, coding) => {
  await using server = await serve(one);
  const response = await fetch(`${server.url}metrics`, { headers: { 'Accept-Encoding': accepted } });
  expect(response.headers.get('content-encoding')).toBe(coding);
  expect(await response.text()).toBe(oneAsText);
});

test('a response without compression has a Content-Length', async () => {
  await using server = await serve(one);
  const headers = { 'Accept-Encoding': 'identity', Accept: 'application/openmetrics-text' };
  const response = await fetch(`${server.url}metrics`, { headers });
  expect(Number(response.headers.get('content-length'))).toBe((await response.text()).length);
});

test('HEAD has the headers and causes no reading', async () => {
  let read = 0;
  await using server = await serve(async () => (read++, pageOf('')));
  const response = await fetch(`${server.url}metrics`, { method: 'HEAD' });
  expect([response.status, response.headers.get('content-type'), read]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    0,
  ]);
});

test('a large page is sent completely', async () => {
  const lines = Array.from({ length: 40 }, (_, index) => `a_total{l="${index}"} ${'1'.repeat(100_000)}\n`).join('');
  await using server = await serve(async () => pageOf(lines));
  expect(await (await fetch(`${server.url}metrics`)).text()).toBe(oneAsText.replace('a_total 1\n', lines));
});

test('a scraper that disconnects midway does not affect others', async () => {
  await using server = await serve(async () => pageOf('a_total 1\n'.repeat(3_000_000)));
  const scraper = new AbortController();
  const { body } = await fetch(`${server.url}metrics`, { signal: scraper.signal });
  await body?.getReader().read();
  scraper.abort();
  expect((await fetch(server.url)).status).toBe(200);
});

test('the forty-first concurrent request gets 503, while a health check is served', async () => {
  const { promise, resolve } = Promise.withResolvers<Page>();
  await using server = await serve(() => promise);
  const waiting = Array.from({ length: 40 }, () => fetch(`${server.url}metrics`));
  // Requests arrive in any order; one more is refused once all of them are in.
  let status = 200;
  while (status === 200) ({ status } = await fetch(server.url));
  expect(status).toBe(503);
  expect((await fetch(`${server.url}-/healthy`)).status).toBe(200);
  resolve(pageOf('a_total 1\n'));
  expect(new Set((await Promise.all(waiting)).map((response) => response.status))).toEqual(new Set([200]));
});

test.each([
  ['-/healthy', 200],
  ['-/ready', 200],
  ['metrics', 401],
])('with users configured and without a login, /%s gets %i', async (path, status) => {
  const web = { current: () => ({ headers: {}, users: { prometheus: 'hash' } }) };
  const app = createExporterApp({ render: one, states: () => [] }, { web });
  await using server = await listen(app, '127.0.0.1:0', io);
  expect((await fetch(`${server.url}${path}`)).status).toBe(status);
});

test('a sharded exporter is ready once it exports its own targets', async () => {
  const clock = createSteppedClock();
  const members = { 'exporter-0': 'http://exporter-0:18760', 'exporter-1': 'http://exporter-1:18760' };
  const shardIo = { listen: '0.0.0.0:18760', clock, log: createLogger('silent') };
  await using shards = openShards(ShardsConfig.parse({ members }), 'exporter-0', shardIo);
  const app = createExporterApp({ render: one, states: () => [] }, { shards });
  await using server = await listen(app, '127.0.0.1:0', io);
  const statusOf = async (path: string) => (await fetch(`${server.url}${path}`)).status;
  await clock.advance(9);
  expect([await statusOf('-/healthy'), await statusOf('-/ready')]).toEqual([200, 503]);
  await clock.advance(1);
  expect(await statusOf('-/ready')).toBe(200);
});

const untilDeadline: MetricsPage['render'] = ({ signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(pageOf('a_total 0\n')), { once: true }));

test('a page that is incomplete at the scrape timeout is sent as it is', async () => {
  await using server = await serve(untilDeadline);
  const response = await fetch(`${server.url}metrics`, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.1' } });
  expect([response.status, await response.text()]).toEqual([200, oneAsText.replace('1\n', '0\n')]);
});

test('a scrape timeout longer than the idle limit is respected, and the limit is restored afterwards', async () => {
  const server = createServer(createExporterApp({ render: untilDeadline, states: () => [] }));
  server.setTimeout(100, (socket) => socket.destroy());
  const limits: number[] = [];
  server.on('connection', (socket) => {
    const limit = socket.setTimeout.bind(socket);
    vi.spyOn(socket, 'setTimeout').mockImplementation((ms, ...rest) => (limits.push(ms), limit(ms, ...rest)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '1' };
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
    expect([response.status, await response.text()]).toEqual([200, oneAsText.replace('1\n', '0\n')]);
    expect(limits.slice(0, 2)).toEqual([1100, 100]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a scrape timeout that is not a whole number of milliseconds after the margin works', async () => {
  await using server = await serve(one);
  const response = await fetch(`${server.url}metrics`, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '2.2' } });
  expect([response.status, await response.text()]).toEqual([200, oneAsText]);
});

test('a scraper that disconnects ends the reading', async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await using server = await serve(
    ({ signal }) =>
      new Promise((resolve) => {
        begun.resolve();
        signal.addEventListener('abort', () => (ended.resolve(), resolve(pageOf(''))), { once: true });
      }),
  );
  const scraper = new AbortController();
  const request = fetch(`${server.url}metrics`, { signal: scraper.signal });
  await begun.promise;
  scraper.abort();
  await expect(request).rejects.toThrow(/abort/);
  await ended.promise;
});

test('a port in use by another program is named in the error', async () => {
  await using first = await serve(one);
  const { host } = new URL(first.url);
  await expect(serve(one, host)).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(host),
  });
});

test.each([
  ['nonsense', 'usage'],
  ['203.0.113.7:0', 'usage'],
])('the invalid listen address %s is an error', async (address, code) => {
  await expect(serve(one, address)).rejects.toMatchObject({ code });
});

test('the port is free after the server is closed', async () => {
  const first = await serve(one);
  await first[Symbol.asyncDispose]();
  await using second = await serve(one, new URL(first.url).host);
  expect(second.url).toBe(first.url);
});
