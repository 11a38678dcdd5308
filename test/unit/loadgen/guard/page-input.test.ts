import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { PageRule } from '../../../../loadgen/guard/config.ts';
import { pageInput } from '../../../../loadgen/guard/page-input.ts';

const io = { signal: new AbortController().signal };

async function page(text: string) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers['x-prometheus-scrape-timeout-seconds'] as string | undefined);
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics` };
}

test('the worst of the matching series is the value', async () => {
  const { url } = await page('lag{group="a"} 3\nlag{group="b"} 7\nlag_sum{group="a"} 90\n');
  const read = (rule: object) => pageInput(PageRule.parse({ page: url, ...rule })).read(io);
  expect(await read({ metric: 'lag', above: 1 })).toBe(7);
  expect(await read({ metric: 'lag', below: 1 })).toBe(3);
  expect(await read({ metric: 'lag', above: 10, below: 5 })).toBe(3);
  expect(await read({ metric: 'lag', above: 5, below: 1 })).toBe(7);
  expect(await read({ metric: 'lag{group="a"}', above: 1 })).toBe(3);
  expect(await read({ metric: 'lag{group="c"}', above: 1 })).toBeUndefined();
});

test('a counter is refused, because it only grows and would stop every run eventually', () => {
  const rule = PageRule.parse({
    page: 'http://127.0.0.1:9100/metrics',
    metric: 'node_pressure_io_stalled_seconds_total{host="kafka-1"}',
    above: 1000,
  });
  expect(() => pageInput(rule)).toThrow(
    expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining('is a counter') }),
  );
});

test('an exporter gets the timeout in a header, so that it responds in time with what it has', async () => {
  const { url, asked } = await page('lag 3\n');
  for (const every of ['100ms', '5s'])
    await pageInput(PageRule.parse({ page: url, metric: 'lag', above: 1, every })).read(io);
  expect(asked).toEqual(['1', '5']);
});
