import express from 'express';
import { expect, test } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import { sendHtml } from '../../../../dashboards/web/site.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { refreshHeader, shareRefreshes } from '../../../../service/live/shared-refreshes.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import type { User } from '../../../../service/access/access.ts';

async function served() {
  const clock = createHandClock();
  const visitor: User = { name: 'anna', role: 'viewer', via: 'token' };
  const state = { event: 0, rendered: 0, text: 'calm', visitor };
  const app = express().disable('etag');
  app.use(shareRefreshes({ access: { userOf: () => state.visitor }, clock }, () => state.event));
  app.get('/', (_request, response) => {
    state.rendered++;
    sendHtml(response, 200, `<p>${state.text}</p>`);
  });
  app.get('/missing', (_request, response) => {
    state.rendered++;
    sendHtml(response, 404, '<p>missing</p>');
  });
  app.get('/messages', (_request, response) => {
    state.rendered++;
    sendHtml(response, 200, '<p>a value</p>', 'no-store');
  });
  const server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const ask = (path = '', headers: Record<string, string> = {}) => fetch(new URL(path, server.url), { headers });
  return {
    state,
    clock,
    ask,
    refresh: (path = '', headers: Record<string, string> = {}) => ask(path, { [refreshHeader]: '1', ...headers }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test('ten browsers that refresh after one event cause one rendering', async () => {
  await using service = await served();
  for (const event of [1, 2]) {
    Object.assign(service.state, { event, text: `event ${event}` });
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.refresh()));
    expect(new Set(await Promise.all(answers.map((each) => each.text())))).toEqual(new Set([`<p>event ${event}</p>`]));
    expect(service.state.rendered).toBe(event);
  }
});

test('a change without an event is visible after five seconds', async () => {
  await using service = await served();
  await service.refresh();
  service.state.text = 'changed';
  service.clock.advance(seconds(4));
  expect(await (await service.refresh()).text()).toContain('calm');
  service.clock.advance(seconds(2));
  expect(await (await service.refresh()).text()).toContain('changed');
});

test('another user, language or address is rendered separately, and so is every newly opened page', async () => {
  await using service = await served();
  await service.refresh();
  await service.refresh('?page=2');
  await service.refresh('', { 'Accept-Language': 'zh' });
  service.state.visitor = { name: 'anna', role: 'operator', via: 'session' };
  await service.refresh();
  await service.ask();
  expect(service.state.rendered).toBe(5);
});

test('an unchanged page is not sent again', async () => {
  await using service = await served();
  const tag = (await service.refresh()).headers.get('etag') ?? '';
  // As a browser revalidates what it has cached.
  const known = { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' };
  service.state.event++;
  expect((await service.refresh('', known)).status).toBe(304);
  service.state.event++;
  service.state.text = 'changed';
  expect((await service.refresh('', known)).status).toBe(200);
});

test('a missing page is not cached', async () => {
  await using service = await served();
  for (let time = 0; time < 2; time++) expect((await service.refresh('missing')).status).toBe(404);
  expect(service.state.rendered).toBe(2);
});

test('a page marked no-store is not cached and has no ETag', async () => {
  await using service = await served();
  for (let time = 0; time < 2; time++) {
    const answer = await service.refresh('messages');
    expect([answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual(['no-store', null]);
  }
  expect(service.state.rendered).toBe(2);
});
