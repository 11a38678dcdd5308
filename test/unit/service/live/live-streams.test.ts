import { setTimeout as delay } from 'node:timers/promises';
import express, { type RequestHandler } from 'express';
import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { ClusterState } from '../../../../core/documents/cluster-status.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createAccess } from '../../../../service/access/create-access.ts';
import { createChanges } from '../../../../service/live/changes.ts';
import { createLiveStreams, type LiveBounds } from '../../../../service/live/live-streams.ts';
import { statusOf } from '../../../support/served-api.ts';
import { stallingReader } from '../../../support/stalling-reader.ts';

const gatherMs = 20;

/** @param closeLateMs delay until the server notices that a response has ended, as on a busy machine */
async function served(over: Partial<LiveBounds> = {}, closeLateMs = 0) {
  const resources = new AsyncDisposableStack();
  const changes = createChanges();
  const states: Record<string, ClusterState> = { orders: 'ok', logs: 'ok' };
  const access = createAccess(ServiceConfig.parse({}), { address: '127.0.0.1:0', clock: systemClock });
  const fleet = () => ({ clusters: Object.entries(states).map(([cluster, state]) => statusOf(cluster, { state })) });
  const live = createLiveStreams({ changes, fleet, letStay: access.letStay }, { gatherMs, ...over });
  const hearLate: RequestHandler = (_request, response, next) => {
    const emit = response.emit.bind(response);
    response.emit = (name: string | symbol, ...values: unknown[]) => {
      if (name !== 'close') return emit(name, ...values);
      setTimeout(() => emit(name, ...values), closeLateMs);
      return true;
    };
    next();
  };
  const reader = stallingReader();
  const app = express()
    .use(reader.handler, ...(closeLateMs > 0 ? [hearLate] : []), access.guard)
    .get('/live', live.answer);
  app.get('/page', (_request, response) => void response.send('page'));
  const server = resources.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  return {
    changes,
    states,
    live,
    reader,
    ask: (path: string, request?: RequestInit) => fetch(new URL(path, server.url), request),
    async open(path = 'live') {
      const response = await fetch(new URL(path, server.url));
      let text = '';
      const ended = (async () => {
        if (response.body === null) return;
        const decoder = new TextDecoder();
        for await (const bytes of response.body) text += decoder.decode(bytes);
      })();
      return { response, ended, events: () => text.split('event: changed').length - 1, text: () => text };
    },
    async [Symbol.asyncDispose]() {
      live.close();
      await resources.disposeAsync();
    },
  };
}

const gathered = () => delay(gatherMs * 5);

test('many readings produce one event, only for the fleet and for the page of their cluster', async () => {
  await using service = await served();
  const [fleet, orders, logs] = [
    await service.open(),
    await service.open('live?cluster=orders'),
    await service.open('live?cluster=logs'),
  ];
  for (let reading = 0; reading < 100; reading++) service.changes.note('orders');
  await gathered();
  expect([fleet.events(), orders.events(), logs.events(), service.live.events()]).toEqual([1, 1, 0, 1]);
});

test('HEAD ends at once and takes no stream of another page', async () => {
  await using service = await served({ mostStreams: 1 });
  const head = await service.ask('live', { method: 'HEAD', signal: AbortSignal.timeout(2000) });
  expect([head.status, head.headers.get('Content-Type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  expect((await service.open()).response.status).toBe(200);
});

test('a cluster that goes down is an event for every page', async () => {
  await using service = await served();
  const logs = await service.open('live?cluster=logs');
  service.states['orders'] = 'down';
  service.changes.note('orders');
  await gathered();
  expect(logs.events()).toBe(1);
  service.changes.note('orders');
  await gathered();
  expect(logs.events()).toBe(1);
});

test('a change of the whole fleet, such as a new entry of the history, is an event for every page', async () => {
  await using service = await served();
  const logs = await service.open('live?cluster=logs');
  service.changes.note();
  await gathered();
  expect(logs.events()).toBe(1);
});

test('response headers and heartbeats keep proxies from buffering or closing a stream', async () => {
  await using service = await served({ heartbeatMs: 10 });
  const { response, text } = await service.open();
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  await gathered();
  expect(text()).toMatch(/^retry: 5000\n\n(?::\n\n)+$/);
});

test('streams above the limit are refused, and a stream ends at its maximum age', async () => {
  await using service = await served({ mostStreams: 1, longestMs: 1000 });
  const { ended } = await service.open();
  expect((await service.ask('live')).status).toBe(503);
  await ended;
  expect((await service.open()).response.status).toBe(200);
});

test('a page whose stream has ended can open a new one at once, even if the end is noticed late', async () => {
  await using service = await served({ mostStreams: 1, longestMs: 50 }, 200);
  const { ended } = await service.open();
  await ended;
  expect((await service.open()).response.status).toBe(200);
});

test('a hundred streams do not block pages, and they end with the service', async () => {
  await using service = await served();
  const streams = await Promise.all(Array.from({ length: 100 }, () => service.open()));
  expect((await service.ask('page')).status).toBe(200);
  service.live.close();
  await Promise.all(streams.map(({ ended }) => ended));
  expect((await service.ask('live')).status).toBe(503);
});

test('nothing is written to a stream after its end, even if its reader is stalled', async () => {
  await using service = await served({ heartbeatMs: 10 });
  const { ended } = await service.open();
  service.reader.stall();
  service.live.close();
  // A heartbeat after the end would be an uncaught error of the process.
  await delay(100);
  service.reader.readOn();
  await ended;
});

test('nothing is computed without listeners', async () => {
  await using service = await served();
  service.changes.note('orders');
  await gathered();
  expect(service.live.events()).toBe(0);
});
