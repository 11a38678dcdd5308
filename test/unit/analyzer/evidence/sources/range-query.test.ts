import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { PrometheusTelemetry } from '../../../../../analyzer/evidence/sources/config.ts';
import { queryRange, type Conversation, type Grid } from '../../../../../analyzer/evidence/sources/range-query.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { startScriptedHttp, type SentRequest } from '../../../../support/scripted-http.ts';

const grid = (points: number): Grid => ({ firstEnd: 1000, gridSeconds: 10, points });

/** One series whose values are the timestamps. */
function matrix({ parameters: { start, end, step } }: SentRequest): string {
  const values = [];
  for (let time = Number(start); time <= Number(end); time += Number(step)) values.push([time, String(time)]);
  return JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: [{ metric: { host: 'a' }, values }] },
  });
}

type Answer = (asked: SentRequest, response: ServerResponse, nth: number) => void;
const whole: Answer = (asked, response) => void response.end(matrix(asked));

async function reading(answer: Answer, points: number, over: object = {}, expectedSeries = 1) {
  await using server = await startScriptedHttp(answer);
  const source = PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url, ...over });
  const clock = createHandClock();
  const talk: Conversation = {
    source,
    name: 'test',
    clock,
    signal: AbortSignal.timeout(10_000),
    requests: 0,
    wireBytes: 0,
    failedInARow: 0,
  };
  const result = await queryRange(talk, 'x', grid(points), expectedSeries).catch((error: Error) => error);
  return { result, asked: server.asked, waited: clock.monotonic(), talk };
}
const answered = ({ result }: Awaited<ReturnType<typeof reading>>) => {
  if (result instanceof Error) throw result;
  return result;
};
const all = (points: number) => Array.from({ length: points }, (_, index) => 1000 + index * 10);

test('requests at most the points that Prometheus returns per series, and joins the parts', async () => {
  const read = await reading(whole, 25_000);
  expect(read.asked).toHaveLength(3);
  for (const { parameters } of read.asked) {
    expect((Number(parameters['end']) - Number(parameters['start'])) / 10 + 1).toBeLessThanOrEqual(11_000);
  }
  expect([...(answered(read).series[0]?.values ?? [])]).toEqual(all(25_000));
});

test('many series make shorter parts', async () => {
  expect((await reading(whole, 1000, {}, 1000)).asked).toHaveLength(5);
});

test('a part that exceeds the sample limit is halved until it fits', async () => {
  const read = await reading((asked, response, nth) => {
    const { start, end } = asked.parameters;
    if (Number(end) - Number(start) <= 3000) return whole(asked, response, nth);
    const error = 'query processing would load too many samples into memory in query execution';
    response.writeHead(422).end(JSON.stringify({ status: 'error', errorType: 'execution', error }));
  }, 1000);
  expect([...(answered(read).series[0]?.values ?? [])]).toEqual(all(1000));
});

test('waits as long as Retry-After states, or with doubling delays, and retries', async () => {
  const read = await reading((asked, response, nth) => {
    if (nth === 1) response.writeHead(429, { 'Retry-After': '17' }).end('too many');
    else if (nth <= 3) response.writeHead(503).end('overloaded');
    else whole(asked, response, nth);
  }, 100);
  expect(read.waited).toBe(17 + 1 + 2);
  expect([...(answered(read).series[0]?.values ?? [])]).toEqual(all(100));
});

test.each<[string, Answer]>([
  [
    'is cut off',
    (asked, response) => {
      const body = matrix(asked);
      response.writeHead(200, { 'Content-Length': String(body.length) }).write(body.slice(0, 200));
      setImmediate(() => response.destroy());
    },
  ],
  [
    'is cut off in its gzip',
    (asked, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(matrix(asked)).subarray(0, 60));
    },
  ],
  ['ends early without an error', (asked, response) => void response.end(matrix(asked).slice(0, 200))],
  ['ends with an error text', (asked, response) => void response.end(`${matrix(asked).slice(0, 200)}upstream error`)],
])('a response that %s once is requested again, without loss', async (_, broken) => {
  const read = await reading((asked, response, nth) => (nth === 1 ? broken : whole)(asked, response, nth), 100);
  expect(answered(read).gaps).toEqual([]);
  expect([...(answered(read).series[0]?.values ?? [])]).toEqual(all(100));
});

test('points that cannot be read are a gap, and the rest is returned', async () => {
  const read = await reading(
    (asked, response, nth) => {
      const { start, end } = asked.parameters;
      // Every request that covers the 100th of 400 points fails.
      if (Number(start) <= 2000 && Number(end) >= 2000) response.writeHead(503).end();
      else whole(asked, response, nth);
    },
    400,
    {},
    2000,
  );
  const { series, gaps } = answered(read);
  expect(gaps).toEqual([{ from: 2000, to: 2990, reason: 'HTTP 503' }]);
  expect([...(series[0]?.values ?? [])].filter((value) => !Number.isNaN(value))).toHaveLength(300);
});

test('a response that is always cut off at the same size is requested in smaller parts', async () => {
  const most = 5000;
  const read = await reading((asked, response) => {
    const body = matrix(asked);
    if (body.length <= most) return void response.end(body);
    response.writeHead(200, { 'Content-Length': String(body.length) }).write(body.slice(0, most));
    setImmediate(() => response.destroy());
  }, 500);
  expect(answered(read).gaps).toEqual([]);
  expect([...(answered(read).series[0]?.values ?? [])]).toEqual(all(500));
});

test('a server without any successful response is an error with its reason, not an empty result', async () => {
  const { result } = await reading((_, response) => void response.writeHead(502).end(), 50_000);
  expect(result).toMatchObject({ code: 'prometheus-refused', message: expect.stringContaining('HTTP 502') });
});

test('accepts a timeout that floating point makes a fraction of a millisecond longer', async () => {
  expect(answered(await reading(whole, 100, { timeout: '700ms' })).gaps).toEqual([]);
});

test('a server that is too slow is queried in smaller parts and then reported as a gap', async () => {
  const { result } = await reading(() => undefined, 100, { timeout: '10ms' });
  expect(answered({ result } as never).gaps).toEqual([
    { from: 1000, to: 1990, reason: 'no whole answer within 0.01 s' },
  ]);
});

test('an expression that the server rejects fails immediately', async () => {
  const { result, asked } = await reading((_, response) => {
    response.writeHead(400).end('{"status":"error","errorType":"bad_data","error":"parse error: unexpected end"}');
  }, 100);
  expect(result).toMatchObject({ code: 'prometheus-refused', message: expect.stringContaining('unexpected end') });
  expect(asked).toHaveLength(1);
});

test('returns the warnings of the server', async () => {
  const read = await reading((asked, response) => {
    response.end(JSON.stringify({ ...(JSON.parse(matrix(asked)) as object), warnings: ['store a is down'] }));
  }, 10);
  expect(answered(read).warnings).toEqual(['store a is down']);
});

test('a partial response is retried, and is a gap if it remains partial', async () => {
  const partial = (asked: SentRequest) => JSON.stringify({ ...(JSON.parse(matrix(asked)) as object), isPartial: true });
  const always = await reading((asked, response) => void response.end(partial(asked)), 10);
  expect(answered(always)).toMatchObject({ series: [], gaps: [{ reason: expect.stringContaining('partial') }] });
  let times = 0;
  const once = await reading((asked, response) => {
    response.end(times++ === 0 ? partial(asked) : matrix(asked));
  }, 10);
  expect(answered(once)).toMatchObject({ gaps: [], series: [expect.anything()] });
});

test('sends the tenant and the authorization', async () => {
  vi.stubEnv('SOURCE_TEST_TOKEN', 'xyzzy');
  const authorization = { bearerToken: '${env:SOURCE_TEST_TOKEN}' };
  const { asked } = await reading(whole, 10, { tenant: 'mq', authorization });
  expect(asked[0]?.headers).toMatchObject({
    'x-scope-orgid': 'mq',
    'thanos-tenant': 'mq',
    authorization: 'Bearer xyzzy',
  });
});

test('refused credentials are not retried', async () => {
  const { result, asked } = await reading((_, response) => void response.writeHead(401).end(), 10);
  expect(result).toMatchObject({ code: 'credentials-refused' });
  expect(asked).toHaveLength(1);
});
