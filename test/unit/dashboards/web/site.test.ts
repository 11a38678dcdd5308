import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import express from 'express';
import { expect, test } from 'vitest';
import { analyzeWritten } from '../../../../analyzer/verdict/analyze-written.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import { AppError } from '../../../../core/errors.ts';
import { RunDocument } from '../../../../core/documents/run-bundle.ts';
import { createWebRouter } from '../../../../dashboards/web/page.ts';
import { answerFaults, renderNotFound, sendHtml, viewOf } from '../../../../dashboards/web/site.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { examplePolicy } from '../../../support/example-policy.ts';

/** Sends the path unchanged: `fetch` would normalize it. */
function ask(url: string, path: string): Promise<{ status: number | undefined; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; text: string }>();
  const { hostname, port } = new URL(url);
  get({ hostname, port, path }, (response) => {
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    response.on('end', () => resolve({ status: response.statusCode, text }));
  }).on('error', reject);
  return promise;
}

test('a page that fails is reported in the browser, with the reason only in the log', async () => {
  const logged: unknown[] = [];
  const router = createWebRouter({
    listRuns: () => Promise.reject(new Error('cannot read /srv/plimsoll/runs')),
    log: { error: (...words: unknown[]) => void logged.push(words) },
  });
  await using server = await listen(express().use(router), '127.0.0.1:0', { signal: new AbortController().signal });
  const { status, text } = await ask(server.url, '/');
  expect(status).toBe(500);
  expect(text).toContain('This page could not be created.');
  expect(text).not.toContain('/srv/plimsoll');
  expect(String((logged[0] as [{ err: Error }])[0].err)).toContain('/srv/plimsoll');
});

test.each(['//evil.example/runs', '/\\\\evil.example/runs', '///evil.example'])(
  'no link of a page requested as %s leads to another site',
  async (path) => {
    const app = express().use((request, response) =>
      sendHtml(response, 404, renderNotFound(viewOf(request, { prefix: '', sections: [] }))),
    );
    await using server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
    const { text } = await ask(server.url, path);
    const links = [...text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, link = '']) => link);
    expect(links.filter((link) => link.includes('evil.example'))).not.toEqual([]);
    expect(links.filter((link) => /^[/\\]{2}/.test(link))).toEqual([]);
  },
);

test.each([
  ['en', '<h1>cannot read ledger.sqlite</h1>'],
  ['zh', '<h1>无法生成本页。</h1> <p><bdi lang="en">cannot read ledger.sqlite; '],
])('in %s, a fault that the reader may see has a title in that language', async (language, shown) => {
  const fault = new AppError('ledger-damaged', 'cannot read ledger.sqlite');
  const failing = () => Promise.reject(fault);
  const app = express().use(
    failing,
    answerFaults({ prefix: '', sections: [] }, { error() {} }, () => ({ status: 503, fault })),
  );
  await using server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const { status, text } = await ask(server.url, `/?lang=${language}`);
  expect([status, text.replaceAll(/\s+/g, ' ')]).toEqual([503, expect.stringContaining(shown)]);
});

/** @returns the page of a site with one run, and its text without markup */
async function pageOf(analysis: Analysis, path: string): Promise<{ page: string; text: string }> {
  const router = createWebRouter({ listRuns: () => Promise.resolve([{ id: 'one', analysis }]) });
  await using server = await listen(express().use(router), '127.0.0.1:0', { signal: new AbortController().signal });
  const { text: page } = await ask(server.url, path);
  return { page, text: page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ') };
}

test.each([
  ['en', 'lab (Kafka)', 'Target (msg/s)'],
  ['zh', 'lab（Kafka）', '目标（条/秒）'],
])('in %s, a run names the product, if known, and the unit of its targets', async (lang, cluster, target) => {
  const known = readAnalysis('load-test');
  const { broker: _, ...run } = known.run;
  expect((await pageOf(known, `/runs/one?lang=${lang}`)).text).toContain(cluster);
  const { text } = await pageOf({ ...known, run }, `/runs/one?lang=${lang}`);
  expect(text).toContain(target);
  expect(text).not.toMatch(/undefined|Kafka[)）]/);
});

test.each([
  ['en', 'Brokers down broker 2, broker 3', 'without broker 2, broker 3'],
  ['zh', '停机的 Broker Broker 2、Broker 3', 'Broker 2、Broker 3 停机'],
])('in %s, a run with brokers down is marked on its page and in the list', async (language, fact, inList) => {
  const analysis = { ...readAnalysis('load-test'), degraded: { lost: ['2', '3'], waitedSeconds: 3, copies: 1 } };
  expect((await pageOf(analysis, `/runs/one?lang=${language}`)).text).toContain(fact);
  expect((await pageOf(analysis, `/?lang=${language}`)).text).toContain(inList);
});

test.each([
  ['en', 'Steps and resources only broker 2', 'redline of broker 2'],
  ['zh', '台阶与资源 仅 Broker 2', 'Broker 2 的真实流量极限测试'],
])('in %s, steps of a redline test are not drawn with the maximum of the cluster', async (language, fact, inList) => {
  const whole = readAnalysis('load-test');
  const { safeMaxTps, saturationTps } = whole;
  const basis = { broker: '2', clusterTps: 9, ledTps: { '2': 3 }, stepShare: 0.1, holdSeconds: 60, maxMoves: 3 };
  const analysis = { ...whole, redline: { ...basis, safeMaxTps, saturationTps } };
  const path = `/runs/one?lang=${language}`;
  expect((await pageOf(whole, path)).page).toContain('id="load-line"');
  const { page, text } = await pageOf(analysis, path);
  expect(page).not.toContain('id="load-line"');
  expect(text).toContain(fact);
  expect((await pageOf(analysis, `/?lang=${language}`)).text).toContain(inList);
});

test('the list shows an observed maximum as scaled by the policy, with the reading beside it', async () => {
  const { text } = await pageOf(readAnalysis('readings'), '/');
  expect(text).toContain('56,000 observed one reading at 70,000, scaled to the policy limit');
});

test('the capacity that a reading is compared with is in Chinese on a Chinese page', async () => {
  const bundle = new URL('../../../../examples/founding-70k/run.json', import.meta.url);
  const run = RunDocument.parse(JSON.parse(readFileSync(bundle, 'utf8')));
  if (run.origin !== 'readings') throw new Error(run.origin);
  const { text } = await pageOf(analyzeWritten(run, examplePolicy()), '/runs/one?lang=zh');
  expect(text).toContain('出向，负载 70,000 条/秒');
  expect(text).toContain('1 Gbit/s 的线速');
  expect(text).toContain('文本给出的这类网卡的实际上限，每秒 100M');
});
