import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { createFamilies } from '../../../../exporter/exposition/families.ts';
import { OtlpConfig } from '../../../../exporter/otlp/config.ts';
import { metricsOf, createOtlpCounts, createOtlpPush, type OtlpCounts } from '../../../../exporter/otlp/push.ts';
import { encodeRequest, type Metric } from '../../../../exporter/otlp/protobuf.ts';
import { createSendQueue, post, type Delivery } from '../../../../exporter/otlp/send-queue.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const log = createLogger('silent');

const text = `# HELP a_total Things\\nof "x".
# TYPE a_total counter
a_total{t="o\\"r",p="0"} 5
a_total{t="o",p="1"} 9007199254740991
# HELP g Gauge.
# TYPE g gauge
g -1.5
# HELP h_seconds Hist.
# TYPE h_seconds histogram
h_seconds_bucket{c="x",le="0.1"} 1
h_seconds_bucket{c="x",le="1"} 3
h_seconds_bucket{c="x",le="+Inf"} 4
h_seconds_sum{c="x"} 7.5
h_seconds_count{c="x"} 4
`;

async function metricsIn(page: string, mostPoints = 2000): Promise<Metric[][]> {
  const batches = [];
  for await (const batch of metricsOf([Buffer.from(page)], mostPoints)) batches.push(batch);
  return batches;
}

test('counters, gauges and histograms of a page keep type, help, labels and value', async () => {
  expect(await metricsIn(text)).toEqual([
    [
      {
        name: 'a_total',
        type: 'counter',
        help: 'Things\nof "x".',
        points: [
          { metric: 'a_total', labels: { t: 'o"r', p: '0' }, value: 5 },
          { metric: 'a_total', labels: { t: 'o', p: '1' }, value: Number.MAX_SAFE_INTEGER },
        ],
      },
      { name: 'g', type: 'gauge', help: 'Gauge.', points: [{ metric: 'g', labels: {}, value: -1.5 }] },
    ],
    [
      {
        name: 'h_seconds',
        type: 'histogram',
        help: 'Hist.',
        points: [{ labels: { c: 'x' }, count: 4, sum: 7.5, bounds: [0.1, 1], counts: [1, 2, 1] }],
      },
    ],
  ]);
});

test('a large page is split into several requests', async () => {
  const lines = Array.from({ length: 25 }, (_, index) => `g{p="${index}"} ${index}\n`).join('');
  const batches = await metricsIn(`# HELP g Gauge.\n# TYPE g gauge\n${lines}`, 10);
  expect(batches.map((batch) => batch.reduce((sum, { points }) => sum + points.length, 0))).toEqual([10, 10, 5]);
});

test('the encoding can be decoded with the protobuf definitions of OpenTelemetry', async () => {
  const bytes = encodeRequest((await metricsIn(text)).flat(), { 'service.name': 'plimsoll' }, 1_795_413_660_123);
  // Decoded by opentelemetry-proto 1.45.2 (PyPI) to exactly the values of the page.
  expect(bytes.toString('base64')).toBe(
    'Cq4CChwKGgoMc2VydmljZS5uYW1lEgoKCHBsaW1zb2xsEo0CCgoKCHBsaW1zb2xsEnEKB2FfdG90YWwSDlRoaW5ncwpvZiAieCIuOlYKKBnA7IMcNpfqGCEAAAAAAAAUQDoKCgF0EgUKA28icjoICgFwEgMKATAKJhnA7IMcNpfqGCH///////8/QzoICgF0EgMKAW86CAoBcBIDCgExEAIYARIhCgFnEgZHYXVnZS4qFAoSGcDsgxw2l+oYIQAAAAAAAPi/EmkKCWhfc2Vjb25kcxIFSGlzdC5KVQpRGcDsgxw2l+oYIQQAAAAAAAAAKQAAAAAAAB5AMhgBAAAAAAAAAAIAAAAAAAAAAQAAAAAAAAA6EJqZmZmZmbk/AAAAAAAA8D9KCAoBYxIDCgF4EAI=',
  );
});

test('a value of 0 is sent, because a point without a value has another meaning', async () => {
  const page = `# HELP up Up.
# TYPE up gauge
up 0
# HELP h_seconds Hist.
# TYPE h_seconds histogram
h_seconds_bucket{le="1"} 0
h_seconds_bucket{le="+Inf"} 0
h_seconds_sum 0
h_seconds_count 0
`;
  const bytes = encodeRequest((await metricsIn(page)).flat(), {}, 1_795_413_660_123);
  const zero = Buffer.alloc(8);
  const [value, sum] = [0x21, 0x29];
  for (const field of [value, sum]) expect(bytes.includes(Buffer.from([field, ...zero]))).toBe(true);
});

interface Received {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** @param statuses of the responses; 200 after the last */
async function startReceiver(statuses: readonly number[], retryAfter?: string) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(
        statuses[received.length - 1] ?? 200,
        retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      );
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const sending = { headers: () => ({}), body: Buffer.from('x'), timeoutSeconds: 5, signal: AbortSignal.timeout(20_000) };

test('the status of the receiver determines whether a request is retried', async () => {
  await using receiver = await startReceiver([200, 503, 429, 400, 413], '7');
  const outcomes: Delivery[] = [];
  for (let nth = 0; nth < 5; nth++) outcomes.push(await post(receiver.url, sending));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'failed', 'failed', 'refused', 'refused']);
  expect(outcomes[1]).toMatchObject({ retryAfterSeconds: 7, reason: expect.stringContaining('HTTP 503') });
  expect(await post('http://127.0.0.1:9/v1/metrics', sending)).toMatchObject({ kind: 'failed' });
});

test.each(['1400ms', '30d'])('with a timeout of %s requests are accepted', async (timeout) => {
  await using receiver = await startReceiver([]);
  const { timeout: timeoutSeconds } = OtlpConfig.parse({ url: receiver.url, timeout });
  expect(await post(receiver.url, { ...sending, timeoutSeconds })).toEqual({ kind: 'accepted' });
});

/** Runs a queue until everything is delivered. */
async function delivered(bodies: readonly Buffer[], deliveries: Delivery[]) {
  const end = new AbortController();
  const clock = createHandClock();
  const tried: { body: string; at: number }[] = [];
  const outcomes: string[] = [];
  const queue = createSendQueue(
    async (body) => {
      tried.push({ body: body.toString().slice(0, 1), at: clock.monotonic() });
      const next = deliveries.shift() ?? { kind: 'accepted' };
      if (queue.bytes === body.length && next.kind !== 'failed') queueMicrotask(() => end.abort());
      return next;
    },
    { clock, log, note: (outcome) => outcomes.push(outcome) },
  );
  for (const body of bodies) queue.add(body);
  await queue.run(end.signal);
  return { tried, outcomes };
}

test('a failing receiver is retried with growing delays, in order', async () => {
  const failed: Delivery = { kind: 'failed', reason: 'down' };
  const { tried } = await delivered(
    [Buffer.from('a'), Buffer.from('b')],
    [failed, failed, failed, { ...failed, retryAfterSeconds: 100 }, { kind: 'accepted' }],
  );
  expect(tried).toEqual([
    { body: 'a', at: 0 },
    { body: 'a', at: 1 },
    { body: 'a', at: 3 },
    { body: 'a', at: 7 },
    { body: 'a', at: 107 },
    { body: 'b', at: 107 },
  ]);
});

test('refused requests are dropped, and the oldest waiting request is dropped if too much waits', async () => {
  const large = (name: string) => Buffer.alloc(30 * 2 ** 20, name);
  const { tried, outcomes } = await delivered(
    [large('a'), large('b'), large('c')],
    [{ kind: 'refused', reason: 'HTTP 400' }],
  );
  expect(tried.map(({ body }) => body)).toEqual(['b', 'c']);
  expect(outcomes.slice(0, 2)).toEqual(['dropped', 'refused']);
});

test('a push keeps the time of its reading over retries, and sends configured headers and attributes', async () => {
  await using receiver = await startReceiver([503]);
  process.env['OTLP_TEST_TENANT'] = 'team-a';
  const counts = createOtlpCounts();
  const page = {
    async render() {
      const families = createFamilies();
      families.add({ g: { type: 'gauge', help: 'Gauge.' } }, new Map([['g', [Buffer.from('g 1\n')]]]));
      return families;
    },
  };
  const config = OtlpConfig.parse({
    url: receiver.url,
    every: '3600s',
    headers: { 'X-Scope-OrgID': '${env:OTLP_TEST_TENANT}' },
    attributes: { 'deployment.environment': 'test' },
  });
  const wall = createHandClock();
  const clock = {
    ...wall,
    sleep: (duration: number, options: { signal?: AbortSignal } = {}) =>
      duration > 60
        ? new Promise<void>((_, reject) =>
            options.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
          )
        : wall.sleep(wall.monotonic(), options),
  };
  wall.advance(1_795_413_660);
  {
    await using push = createOtlpPush(config, { page, counts, instance: 'ops-1:18761', clock, log });
    push.start();
    await expect.poll(() => receiver.received.length).toBe(2);
    await expect
      .poll(async () => (await counts.families()).lines.get('plimsoll_otlp_requests_total')?.toString())
      .toContain('outcome="accepted"} 1');
  }
  const [first, second] = receiver.received;
  expect(second?.body).toEqual(first?.body);
  expect(first?.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
    'x-scope-orgid': 'team-a',
  });
  const expected = encodeRequest(
    [{ name: 'g', help: 'Gauge.', type: 'gauge', points: [{ labels: {}, value: 1 }] }],
    { 'service.name': 'plimsoll', 'service.instance.id': 'ops-1:18761', 'deployment.environment': 'test' },
    1_795_413_660_000,
  );
  expect(gunzipSync(first?.body ?? Buffer.alloc(0))).toEqual(expected);
});

/** Pushes once to a receiver that is down, so that a request waits. */
async function pushWaiting(receiver: { url: string; received: readonly Received[] }, counts: OtlpCounts) {
  const page = {
    async render() {
      const families = createFamilies();
      families.add({ g: { type: 'gauge', help: 'Gauge.' } }, new Map([['g', [Buffer.from('g 1\n')]]]));
      return families;
    },
  };
  const config = OtlpConfig.parse({ url: receiver.url, every: '3600s' });
  const before = receiver.received.length;
  const push = createOtlpPush(config, { page, counts, instance: 'ops-1', clock: systemClock, log });
  push.start();
  await expect.poll(() => receiver.received.length).toBe(before + 1);
  return push;
}
const linesOf = async (counts: OtlpCounts, metric: string) =>
  (await counts.families()).lines.get(metric)?.toString() ?? '';

test('a new push to the same receiver takes over unsent requests of the previous one', async () => {
  await using receiver = await startReceiver([503, 503]);
  const counts = createOtlpCounts();
  const before = await pushWaiting(receiver, counts);
  await using _ = await pushWaiting(receiver, counts);
  await before[Symbol.asyncDispose]();
  await expect.poll(() => receiver.received.length, { timeout: 5000 }).toBe(4);
  await expect.poll(() => linesOf(counts, 'plimsoll_otlp_requests_total')).toContain('outcome="accepted"} 2');
  expect(await linesOf(counts, 'plimsoll_otlp_requests_total')).toContain('outcome="dropped"} 0');
});

test('requests that wait when a push ends without a successor are counted as dropped', async () => {
  await using receiver = await startReceiver([503]);
  const counts = createOtlpCounts();
  const push = await pushWaiting(receiver, counts);
  await push[Symbol.asyncDispose]();
  expect(await linesOf(counts, 'plimsoll_otlp_requests_total')).toContain('outcome="dropped"} 1');
  expect(await linesOf(counts, 'plimsoll_otlp_queue_bytes')).toContain(' 0\n');
});

test('two instances push different series, and configured attributes replace their identity', async () => {
  await using receiver = await startReceiver([]);
  const counts = createOtlpCounts();
  const page = {
    async render() {
      const families = createFamilies();
      const lines = new Map([['a_total', [Buffer.from('a_total 1\n')]]]);
      families.add({ a_total: { type: 'counter', help: 'Things.' } }, lines);
      return families;
    },
  };
  async function pushed(instance: string, attributes = {}): Promise<Buffer> {
    const config = OtlpConfig.parse({ url: receiver.url, every: '3600s', attributes });
    const before = receiver.received.length;
    await using push = createOtlpPush(config, { page, counts, instance, clock: systemClock, log });
    push.start();
    await expect.poll(() => receiver.received.length).toBe(before + 1);
    return gunzipSync(receiver.received.at(-1)?.body ?? Buffer.alloc(0));
  }
  const [first, second] = [await pushed('exporter-0'), await pushed('exporter-1')];
  expect([first.includes('exporter-0'), first.includes('exporter-1')]).toEqual([true, false]);
  expect([second.includes('exporter-0'), second.includes('exporter-1')]).toEqual([false, true]);
  const named = await pushed('exporter-0', { 'service.name': 'capacity', 'service.instance.id': 'east' });
  expect(['capacity', 'east', 'exporter-0'].filter((each) => named.includes(each))).toEqual(['capacity', 'east']);
});
