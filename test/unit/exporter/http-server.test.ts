import { expect, test } from 'vitest';
import { createExporterApp, listen } from '../../../exporter/http-server.ts';
import { createFamilies, type Page } from '../../../exporter/exposition/families.ts';
import type { MetricsPage } from '../../../exporter/metrics-page.ts';

const io = { signal: new AbortController().signal };
const serve = (render: MetricsPage['render'], address = '127.0.0.1:0') =>
  listen(createExporterApp({ render, states: () => [] }), address, io);

/** One family of which every line is known. */
function pageOf(samples: string): Page {
  const page = createFamilies();
  page.add({ a_total: { type: 'counter', help: 'h' } }, new Map([['a_total', [Buffer.from(samples)]]]));
  return page;
}
const one = async () => pageOf('a_total 1\n');
const oneAsText = '# HELP a_total h\n# TYPE a_total counter\na_total 1\n';

test('serves the page as text format 0.0.4, never to be cached', async () => {
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

test('a page still missing something at the deadline of the scraper is sent as it is', async () => {
  await using server = await serve(
    ({ signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(pageOf('a_total 0\n')), { once: true })),
  );
  const response = await fetch(`${server.url}metrics`, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.1' } });
  expect([response.status, await response.text()]).toEqual([200, oneAsText.replace('1\n', '0\n')]);
});

test('a scraper that hangs up ends the reading', async () => {
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

test('a port another program has is named', async () => {
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
])('%s cannot be listened on', async (address, code) => {
  await expect(serve(one, address)).rejects.toMatchObject({ code });
});

test('after it is closed the port is free', async () => {
  const first = await serve(one);
  await first[Symbol.asyncDispose]();
  await using second = await serve(one, new URL(first.url).host);
  expect(second.url).toBe(first.url);
});
