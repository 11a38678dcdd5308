import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWebRouter } from '../../../dashboards/web/page.ts';
import { analysisNames, readAnalysis } from '../../support/analyses.ts';

const runs = analysisNames.map((name) => ({ id: name, analysis: readAnalysis(name) }));
let listRuns = async () => runs;
const server = createServer(express().use(createWebRouter({ listRuns: () => listRuns() })));
let origin: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(origin + path, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
/** Text of a page without its script. */
const wordsOf = (page: string) =>
  page
    .replace(/<script[\s\S]*?<\/script>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

test('the first page lists every run, the newest first and readings last', async () => {
  const { status, text } = await get('/');
  expect(status).toBe(200);
  expect([...text.matchAll(/href="\/runs\/([^"]+)"/g)].map(([, id]) => id)).toEqual([
    'generator-limited',
    'load-test',
    'readings',
  ]);
});

test('the page of a run shows the findings by step and resource without scripts', async () => {
  const words = wordsOf((await get('/runs/load-test')).text);
  for (const said of [
    'Safe maximum predicted 21,841 msg/s',
    '95% interval 21,841 to 22,484',
    'Limited by network-out of broker 2',
    'saturated : network-out of broker 2 412 ms 1.93 s',
    'Disk use of broker 2 is unknown',
    '6.25 MB/s plimsoll lab (tc-tbf)',
  ]) {
    expect(words).toContain(said);
  }
});

test('a manually entered reading shows its basis instead of charts, and why it has none', async () => {
  const { text } = await get('/runs/readings');
  const words = wordsOf(text);
  expect(words).toContain(
    'Safe maximum observed 56,000 msg/s 28 MB/s of payload one reading at 70,000, scaled to the policy limit',
  );
  expect(words).toContain('66,000 – 70,000');
  expect(words).toContain('manually entered readings, which have no histograms');
  expect(text).not.toMatch(/<canvas|charts?\.js/);
});

test('a run that reached no limit shows no maximum', async () => {
  const words = wordsOf((await get('/runs/generator-limited')).text);
  expect(words).toContain('≥ 10,000 msg/s');
  expect(words).toContain('The load generator reached its limit');
});

test('the language is Chinese by parameter or Accept-Language, and links keep the parameter', async () => {
  const chosen = await get('/?lang=zh');
  expect(chosen.text).toMatch(/<html\s+lang="zh"/);
  expect(chosen.text).toContain('/runs/load-test?lang=zh');
  expect((await get('/', { 'Accept-Language': 'zh-CN,zh;q=0.9' })).text).toContain('安全上限');
  expect((await get('/?lang=xx', { 'Accept-Language': 'de' })).text).toMatch(/<html\s+lang="en"/);
});

test('pages have no inline scripts or styles and set no cookies', async () => {
  for (const path of ['/', '/runs/load-test', '/runs/readings', '/runs/absent']) {
    const { headers, text } = await get(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers.get('set-cookie')).toBeNull();
    expect(text).not.toMatch(/ style=| on[a-z]+=|<style|https?:\/\/(?!www\.w3\.org)/);
    expect(text.replace(/<script type="application\/json"[\s\S]*?<\/script>/g, '')).not.toMatch(
      /<script(?! src="\/assets\/)/,
    );
  }
});

test('text from an analysis is escaped', async () => {
  const { text } = await get('/runs/readings');
  expect(text).toContain('&lt;b&gt;one port&lt;/b&gt; &amp; two followers');
});

test("chart.js and the page's scripts are served by this server", async () => {
  for (const path of ['/assets/chart.js', '/assets/charts.js', '/assets/page.css', '/assets/mark.svg']) {
    expect(await get(path), path).toMatchObject({ status: 200 });
  }
  expect((await get('/assets/..%2fpage.ts')).status).toBe(404);
});

test('the page links to the analysis as JSON', async () => {
  expect(JSON.parse((await get('/runs/load-test.json')).text)).toEqual(readAnalysis('load-test'));
});

test('an unknown run and a failing source each get an error page', async () => {
  const absent = await get('/runs/%3Cscript%3E');
  expect(absent).toMatchObject({ status: 404, text: expect.stringContaining('Run not found.') });
  listRuns = () => Promise.reject(new Error('cannot read the folder <runs>'));
  const broken = await get('/');
  listRuns = async () => runs;
  // The reason is only in the log, because it may reveal internals of the service.
  expect(broken).toMatchObject({ status: 500, text: expect.stringContaining('This page could not be created.') });
  expect(broken.text).not.toContain('cannot read the folder');
});
