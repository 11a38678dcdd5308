import { expect, test } from 'vitest';
import { createExporterApp, listen } from '../../../exporter/http-server.ts';
import type { MetricsPage } from '../../../exporter/metrics-page.ts';

const io = { signal: new AbortController().signal };
const serve = (render: MetricsPage['render'], address = '127.0.0.1:0') =>
  listen(createExporterApp({ render }), address, io);
const empty = async () => '';

test('serves the page as text format 0.0.4, never to be cached', async () => {
  await using server = await serve(async () => 'a 1\n');
  const response = await fetch(`${server.url}metrics`);
  expect(await response.text()).toBe('a 1\n');
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('the landing page links to the metrics', async () => {
  await using server = await serve(empty);
  expect(await (await fetch(server.url)).text()).toContain('<a href="/metrics">');
});

test('a page still missing something at the deadline of the scraper is sent as it is', async () => {
  await using server = await serve(
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('up 0\n'), { once: true })),
  );
  const response = await fetch(`${server.url}metrics`, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.1' } });
  expect([response.status, await response.text()]).toEqual([200, 'up 0\n']);
});

test('a scraper that hangs up ends the reading', async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await using server = await serve(
    ({ signal }) =>
      new Promise((resolve) => {
        begun.resolve();
        signal.addEventListener('abort', () => (ended.resolve(), resolve('')), { once: true });
      }),
  );
  const scraper = new AbortController();
  const request = fetch(`${server.url}metrics`, { signal: scraper.signal });
  await begun.promise;
  scraper.abort();
  await expect(request).rejects.toThrow(/abort/);
  await ended.promise;
});

test('a port another program has is named', async () => {
  await using first = await serve(empty);
  const { host } = new URL(first.url);
  await expect(serve(empty, host)).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(host),
  });
});

test.each([
  ['nonsense', 'usage'],
  ['203.0.113.7:0', 'usage'],
])('%s cannot be listened on', async (address, code) => {
  await expect(serve(empty, address)).rejects.toMatchObject({ code });
});

test('after it is closed the port is free', async () => {
  const first = await serve(empty);
  await first[Symbol.asyncDispose]();
  await using second = await serve(empty, new URL(first.url).host);
  expect(second.url).toBe(first.url);
});
