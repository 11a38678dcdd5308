// Tests the reader of a past promotion with responses of Prometheus's query_range.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../analyzer/evidence/sources/config.ts';
import { requestedHistory } from '../../../../app/rehearsal/requested-history.ts';
import { readHistory } from '../../../../app/rehearsal/read-history.ts';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/clock.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { startScriptedHttp, type SentRequest } from '../../../support/scripted-http.ts';

interface Told {
  labels: Readonly<Record<string, string>>;
  /** A rate for each interval; absent where the series has no sample. */
  rates: readonly (number | undefined)[];
}

/** A response of Prometheus 2 and 3 to a range query. */
function matrix(series: readonly Told[], { parameters: { start, step } }: SentRequest): string {
  const result = series.map(({ labels: metric, rates }) => ({
    metric,
    values: rates.flatMap((rate, at) =>
      rate === undefined ? [] : [[Number(start) + at * Number(step), String(rate)]],
    ),
  }));
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}

const from = Date.parse('2025-11-10T12:00:00Z');
const orders = (rates: Told['rates']): Told => ({ labels: { topic: 'orders' }, rates });
const billing: Told = { labels: { consumergroup: 'billing', topic: 'orders' }, rates: [1, 2, 3, 4] };

/** @param answer undefined: HTTP 503 */
async function reading(
  answer: (query: string, start: number) => readonly Told[] | undefined,
  { topics = [], points = 4 }: { topics?: readonly string[]; points?: number } = {},
) {
  await using server = await startScriptedHttp((asked, response) => {
    const series = answer(asked.parameters['query'] ?? '', Number(asked.parameters['start']));
    if (series === undefined) response.writeHead(503).end('no healthy upstream');
    else response.end(matrix(series, asked));
  });
  const request = {
    source: PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url }),
    broker: 'kafka' as const,
    cluster: 'shop',
    nameInSource: 'shop-prod',
    replayed: { name: 'Double 11 2025', fromMs: from, toMs: from + points * 60_000 },
    topics,
    intervalSeconds: 60,
  };
  const io = { signal: AbortSignal.timeout(10_000), clock: createHandClock() };
  const history = await readHistory(request, io).catch((error: unknown) => error);
  return { history, queries: server.asked.map(({ parameters }) => parameters['query'] ?? '') };
}

const isCommits = (query: string) => query.includes('kafka_consumergroup_current_offset');
const labelled = (query: string) => query.includes('cluster="shop-prod"');

test('reads the rate of each topic and its consumer groups under the cluster name of the source', async () => {
  const { history, queries } = await reading((query) => (isCommits(query) ? [billing] : [orders([10, 20, 40, 30])]));
  expect(history).toMatchObject({
    promotion: 'Double 11 2025',
    cluster: 'shop',
    from: '2025-11-10T12:00:00.000Z',
    intervalSeconds: 60,
    topics: [{ name: 'orders', rates: [10, 20, 40, 30], groups: ['billing'] }],
    notes: [],
  });
  expect(queries.every(labelled)).toBe(true);
  // Two exporter instances or pods that monitor the cluster must not double its traffic.
  // To rate() an offset that falls is a counter that restarts from 0.
  const isOfOne = /\(clamp_min\(max without \(instance, pod, [^)]*\) \(deriv\(/;
  expect(queries.filter((query) => !isOfOne.test(query))).toEqual([]);
});

test('does not replay topics in which brokers keep internal records', async () => {
  const { queries } = await reading(() => [orders([1, 1, 1, 1])]);
  const topics = [
    'rmq_sys_wheel_timer',
    'rmq_sys_REVIVE_LOG_lab',
    'RMQ_SYS_TRANS_HALF_TOPIC',
    'SCHEDULE_TOPIC_XXXX',
    'lab_REPLY_TOPIC',
    'DefaultHeartBeatSyncerTopic',
    '%RETRY%billing',
    '__consumer_offsets',
  ];
  const replayed = queries.map((query) => {
    const internal = new RegExp(`^(?:${/topic!~"([^"]*)"/.exec(query)?.[1] ?? ''})$`);
    return [...topics, 'orders'].filter((topic) => !internal.test(topic));
  });
  expect(replayed).toEqual([['orders'], ['orders']]);
});

test('states that series without a cluster label are attributed to the named cluster', async () => {
  const { history } = await reading((query) => {
    if (labelled(query)) return [];
    return isCommits(query) ? [billing] : [orders([10, 20, 40, 30])];
  });
  expect(history).toMatchObject({
    topics: [{ rates: [10, 20, 40, 30], groups: ['billing'] }],
    notes: [expect.stringMatching(/^series without the label `cluster` are taken for shop: if .* several clusters/)],
  });
});

test('keeps topics in order of traffic, and counts those below 1% as left out', async () => {
  const topic = (name: string, rate: number): Told => ({ labels: { topic: name }, rates: [rate, rate, rate, rate] });
  const answer = (query: string) =>
    isCommits(query)
      ? [{ labels: { consumergroup: 'billing', topic: 'waybills' }, rates: [1, 1, 1, 1] }]
      : [topic('waybills', 25), topic('orders', 75), topic('audit', 0.5)];
  const { history } = await reading(answer);
  expect(history).toMatchObject({
    topics: [
      { name: 'orders', groups: [] },
      { name: 'waybills', groups: ['billing'] },
    ],
    leftOut: { topics: 1, share: 0.5 / 100.5 },
  });
  const { history: named } = await reading(answer, { topics: ['audit'] });
  expect(named).toMatchObject({ topics: [{ name: 'audit' }], leftOut: { topics: 2 } });
});

test('rejects a topic without traffic by its name, and lists topics with traffic', async () => {
  const { history } = await reading((query) => (isCommits(query) ? [] : [orders([1, 1, 1, 1])]), {
    topics: ['refunds'],
  });
  expect(history).toBeInstanceOf(AppError);
  expect(history).toMatchObject({
    code: 'source-empty',
    message: expect.stringContaining('no traffic of topic refunds') as string,
    hint: 'topics with traffic: orders',
  });
});

test('interpolates an interval without samples, and states it', async () => {
  const { history } = await reading((query) => (isCommits(query) ? [] : [orders([10, undefined, 30, 40])]));
  expect(history).toMatchObject({
    topics: [{ rates: [10, 20, 30, 40] }],
    notes: ['topic orders: 1 interval unknown, taken from their neighbours'],
  });
});

test.each<[string, (query: string, start: number) => boolean]>([
  ['the traffic', (query) => !isCommits(query)],
  ['the end of the traffic', (query, start) => !isCommits(query) && start > from / 1000 + 2000 * 60],
  ['the consumer groups', isCommits],
])('fails while %s cannot be read, because that is not a time without load', async (_, isRefused) => {
  // A response has at most 2,000 points of 100 topics.
  const points = 2001;
  const rates = Array.from({ length: points }, () => 5);
  const { history } = await reading(
    (query, start) => {
      if (isRefused(query, start)) return undefined;
      return isCommits(query) ? [{ ...billing, rates }] : [orders(rates)];
    },
    { points },
  );
  expect(history).toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringMatching(/for the (traffic|consumer groups) of Double 11 2025: HTTP 503$/) as string,
  });
});

test('rejects a promotion of which less than half is known', async () => {
  const { history } = await reading((query) =>
    isCommits(query) ? [] : [orders([10, undefined, undefined, undefined])],
  );
  expect(history).toMatchObject({
    code: 'source-empty',
    message: expect.stringContaining('1 of 4 intervals') as string,
  });
});

test('does not overwrite a saved history, and the hint names the option that reads it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-saved-history-'));
  const [config, saved] = [join(folder.path, 'plimsoll.yaml'), join(folder.path, 'history.json')];
  await writeFile(config, 'clusters: { shop: { broker: kafka, bootstrap: ["127.0.0.1:1"] } }\n');
  await using server = await startScriptedHttp((asked, response) => {
    const series = isCommits(asked.parameters['query'] ?? '') ? [] : [orders([10, 20, 40, 30])];
    response.end(matrix(series, asked));
  });
  const options = {
    promotion: 'Double 11 2025',
    config,
    from: '2025-11-10T12:00:00Z',
    to: '2025-11-10T12:04:00Z',
    prometheus: server.url,
    'save-history': saved,
    interval: seconds(60),
    topics: [],
  };
  const io = { signal: AbortSignal.timeout(10_000), clock: createHandClock(Date.parse('2026-10-01T00:00:00Z') / 1000) };
  await requestedHistory(options, io);
  await expect(requestedHistory(options, io)).rejects.toMatchObject({
    code: 'file-exists',
    hint: expect.stringContaining(`--history ${saved} instead`) as string,
  });
});
