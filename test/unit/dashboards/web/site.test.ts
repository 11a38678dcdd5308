import { get } from 'node:http';
import express from 'express';
import { expect, test } from 'vitest';
import { createWebRouter } from '../../../../dashboards/web/page.ts';
import { listen } from '../../../../exporter/http-server.ts';

/** As sent: `fetch` would tidy up the path. */
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

test('a page that cannot be made says so in the browser, and why in the log', async () => {
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
  'no link of a page asked for as %s leads to another site',
  async (path) => {
    const router = createWebRouter({ listRuns: () => Promise.resolve([]) });
    await using server = await listen(express().use(router), '127.0.0.1:0', { signal: new AbortController().signal });
    const { text } = await ask(server.url, path);
    const links = [...text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, link = '']) => link);
    expect(links.filter((link) => /^[/\\]{2}/.test(link))).toEqual([]);
  },
);
