import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, test, vi } from 'vitest';
import { createDeadlines, sendPage } from '../../../../exporter/http/send-page.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

test('a page completed too late for its scraper leaves the next ones more time, which then decreases slowly', async () => {
  using timeout = vi.spyOn(AbortSignal, 'timeout');
  timeout.mockImplementation(() => AbortSignal.abort());
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  const deadlines: number[] = [];
  for (const neededSeconds of [0.2, 2, 6, 0.1, 0]) {
    using deadline = begin(10);
    deadlines.push(deadline.seconds);
    await clock.advance(deadline.seconds + neededSeconds);
  }
  expect(deadlines).toEqual([9.5, 9.5, 6, 5, 5.5]);
});

test('a scraper with a short timeout leaves the slack of the others as it is', async () => {
  using timeout = vi.spyOn(AbortSignal, 'timeout');
  timeout.mockImplementation(() => AbortSignal.abort());
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  const deadlines: number[] = [];
  for (const [timeoutSeconds, neededSeconds] of [
    [0.2, 0],
    [10, 2],
    [1, 0],
    [10, 0],
  ] as const) {
    using deadline = begin(timeoutSeconds);
    deadlines.push(deadline.seconds);
    await clock.advance(deadline.seconds + neededSeconds);
  }
  expect(deadlines).toEqual([0.1, 9.5, 0.5, 6.4]);
});

test('a page that needs no deadline leaves the slack as it is', async () => {
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  {
    using deadline = begin(10);
    await clock.advance(deadline.seconds + 3);
  }
  expect(begin(10).seconds).toBe(9.5);
});

test('the time in which a scraper receives a page does not count for the slack', async () => {
  // More than the buffers of a connection hold.
  const chunks = Array.from<Buffer>({ length: 1024 }).fill(Buffer.alloc(65_536));
  const page = {
    chunks: () => chunks,
    byteLength: () => chunks.length * 65_536,
    [Symbol.dispose]: vi.fn<() => void>(),
  };
  const ended = vi.fn<() => void>();
  const deadline = { seconds: 9.5, signal: new AbortController().signal, [Symbol.dispose]: ended };
  const app = express().get('/', (request, response) =>
    sendPage(
      request,
      response,
      () => Promise.resolve(page),
      () => deadline,
    ),
  );
  await using server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [received] = (await once(
    get({ port: (server.address() as AddressInfo).port, headers: { 'Accept-Encoding': 'identity' } }),
    'response',
  )) as [IncomingMessage];
  const calls = { sent: page[Symbol.dispose].mock.calls.length, ended: ended.mock.calls.length };
  received.destroy();
  expect(calls).toEqual({ sent: 0, ended: 1 });
});
