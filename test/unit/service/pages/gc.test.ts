import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import { html } from '../../../../core/text/html.ts';
import { emptyState, prose } from '../../../../dashboards/web/layout.ts';
import { gcLanguages } from '../../../../dashboards/web/gc/gc-texts.ts';
import type { ServedCluster } from '../../../../service/parts.ts';
import { createGcPage, gcContent, type GcParts } from '../../../../service/pages/gc.ts';
import { watchGc, type ObservedGcLogs } from '../../../../service/gc/gc-watch.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { fixedParts } from '../../../support/fixed-parts.ts';
import { gcTotals, shownGc } from '../../../support/shown-gc.ts';

const at = '2026-11-10T12:00:00.000Z';
const neverRead = html`${prose(gcLanguages.en.neverRead)}`.text;
const hostile = `<script>alert(1)</script>"'`;
const hosts = { 'broker-a:0': 'mq-1', 'broker-a:1': 'mq-2', 'broker-b:0': 'mq-3' };
const finding = {
  severity: 'warning',
  code: 'gc-busy',
  message: 'The JVM on mq-1 stood still.',
  evidence: [],
} as const;

function parts(over: Partial<GcParts> = {}): GcParts {
  const document = { ...readAnalysis('load-test'), findings: [finding] };
  const entry = { id: 7, at, by: { name: 'anna', through: 'cli' }, kind: 'test', document } as unknown as HistoryEntry;
  return {
    gc: shownGc(at, 'rocketmq', hosts, 'orders'),
    history: { latest: () => entry } as unknown as GcParts['history'],
    clock: { now: () => new Date(at) } as GcParts['clock'],
    clusters: new Map([['orders', { broker: 'rocketmq' as const, last: () => undefined }]]),
    ...over,
  };
}

async function answer(query: string, given = parts()): Promise<{ status: number; text: string }> {
  const app = express().get('/gc', createGcPage(given, { prefix: '/p', sections: [] }));
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/gc${query}`);
  return { status: response.status, text: (await response.text()).replaceAll(/\s+/g, ' ') };
}

test('each broker of a cluster has a row with its log, or the reason why it has none', async () => {
  const { hosts: told } = gcContent('orders', undefined, parts()) ?? {};
  expect(
    told?.map(({ host, readAt, whyNot, logs }) => [host, readAt !== undefined, whyNot !== undefined, logs.length]),
  ).toEqual([
    ['mq-1', true, false, 1],
    ['mq-2', true, true, 0],
    ['mq-3', false, false, 0],
  ]);
  const { text } = await answer('?cluster=orders');
  expect(text).toContain('full-collections');
  expect(text).toContain(neverRead);
  expect(text).toContain('of hosts with <code>probe: ssh</code>');
  expect(text).toContain('href="/p/gc?cluster=orders&amp;broker=broker-a%3A0"');
});

test.each(['en', 'zh'] as const)(
  'the page of a broker has charts, findings, totals and load test results, in %s',
  async (language) => {
    const words = gcLanguages[language];
    const { text } = await answer(`?cluster=orders&broker=broker-a:0&lang=${language}`);
    for (const each of [words.stops, words.heap, words.totals, words.cycles, words.tested])
      expect(text).toContain(each);
    expect(text).toContain('id="lines-data"');
    expect(text).toContain('Pause Young (Normal)');
    expect(text).toContain(
      language === 'zh'
        ? '1 次 Full GC 使 JVM 停顿 3.2 秒（约在 2026-11-10 11:00 UTC）'
        : '1 full collection stopped the JVM for 3.2 s, about 2026-11-10 11:00 UTC.',
    );
    expect(text).toContain(
      language === 'zh'
        ? '且每小时增加 102 MiB：约 6 小时后（2026-11-10 18:00 UTC）堆将占满'
        : 'and this rises by 102 MiB/h: the heap is full in about 6 h (2026-11-10 18:00 UTC).',
    );
    expect(text.replaceAll(/<\/?span>/g, '')).toContain(
      'plimsoll gc ssh://mq-1/dev/shm/rmq_broker_gc_123_0.log --html gc.html',
    );
    expect(text).not.toContain('≤ 5 ');
    expect(text).toContain('The JVM on mq-1 stood still.');
    expect(text).not.toContain('mq-2');
  },
);

test('figures, charts and pauses of a log are refreshed, and charts keep their key', async () => {
  const { text } = await answer('?cluster=orders&broker=broker-a:0');
  const fixed = fixedParts(text);
  for (const each of ['id="stops-0-0"', 'Pause Young (Normal)', 'id="lines-data"'])
    expect([each, text.includes(each), fixed.includes(each)]).toEqual([each, true, false]);
  expect(text).toContain('<article data-key="0-0 broker">');
});

test('missing data is explained in text, and no chart is drawn', async () => {
  const gc = watchGc(new Map([['orders', { broker: 'kafka', hosts: { '1': { host: 'k-1' } } }]]));
  const given = parts({ gc });
  const page = async () => (await answer('?cluster=orders&broker=1', given)).text;
  expect(await page()).toContain(neverRead);
  gc.fail('k-1', 'connection refused', new Date(at));
  const failed = await page();
  expect(failed).toContain('connection refused');
  expect(failed).not.toContain(neverRead);
  gc.note('k-1', { gcLogs: [] }, new Date(at));
  const empty = await page();
  expect(empty).toContain(emptyState(gcLanguages.en.noLog).text);
  expect(empty).not.toContain('connection refused');
  gc.note('k-1', { gcLogs: [{ name: 'kafka', unreadBytes: 3 * 2 ** 20, trouble: 'permission denied' }] }, new Date(at));
  const unread = await page();
  expect(unread).toContain(gcLanguages.en.isRead('3 MiB'));
  expect(unread).toContain(gcLanguages.en.trouble('permission denied'));
  gc.note('k-1', { gcLogs: [{ name: 'kafka', unreadBytes: 0, totals: gcTotals(1) }] }, new Date(at));
  const once = await page();
  expect(once).toContain(gcLanguages.en.tooEarly);
  expect(once).not.toContain('lines-data');
});

test('a broker without a configured host is explained, and an unknown broker has no page', async () => {
  const snapshot = { cluster: { brokers: [{ id: '1' }] } };
  const last = () => ({ at: new Date(at), snapshot }) as unknown as ReturnType<ServedCluster['last']>;
  const given = parts({ gc: watchGc(new Map()), clusters: new Map([['orders', { broker: 'kafka', last }]]) });
  expect((await answer('?cluster=orders&broker=1', given)).text).toContain(emptyState(gcLanguages.en.noHost).text);
  expect((await answer('?cluster=orders', given)).text).toContain(emptyState(gcLanguages.en.noHosts).text);
  for (const query of ['?cluster=orders&broker=9', '?cluster=nobody'])
    expect((await answer(query, given)).status).toBe(404);
});

test('without a cluster parameter the page lists clusters to choose, with hostile names escaped', async () => {
  expect((await answer('')).text).toContain('href="/p/gc?cluster=orders"');
  const gc = watchGc(new Map([[hostile, { broker: 'kafka', hosts: { [hostile]: { host: hostile } } }]]));
  const reading = {
    name: hostile,
    file: hostile,
    trouble: hostile,
    unreadBytes: 0,
    totals: gcTotals(1, { jvmVersion: hostile }),
  };
  gc.note(hostile, { gcLogs: [reading] }, new Date(at));
  const clusters = new Map([[hostile, { broker: 'kafka' as const, last: () => undefined }]]);
  const name = encodeURIComponent(hostile);
  for (const query of ['', `?cluster=${name}`, `?cluster=${name}&broker=${name}`]) {
    const { text } = await answer(query, parts({ gc, clusters }));
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script&gt;alert(1)');
  }
});

test('a host that belongs to no configured broker is not kept', () => {
  const gc = watchGc(new Map([['orders', { broker: 'kafka', hosts: { '1': { host: 'k-1' } } }]]));
  gc.note('elsewhere', { gcLogs: [] }, new Date(at));
  expect(gc.of('orders')).toEqual([{ host: 'k-1', brokers: ['1'], logs: [] }]);
  expect(gc.of('nobody')).toEqual([]);
});

test('GC readings continue after a reload of the config', () => {
  const told: ObservedGcLogs = new Map();
  const places = new Map([['orders', { broker: 'kafka' as const, hosts: { '1': { host: 'k-1' } } }]]);
  for (const hours of [1, 2]) {
    const reading = { name: 'kafka', unreadBytes: 0, totals: gcTotals(hours) };
    watchGc(places, told).note('k-1', { gcLogs: [reading] }, new Date(Date.parse(at) + hours * 3_600_000));
  }
  expect(watchGc(places, told).of('orders')[0]?.logs[0]?.course.intervals).toHaveLength(1);
});
