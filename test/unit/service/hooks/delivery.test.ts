import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Writable } from 'node:stream';
import { createLogger } from '../../../../core/log.ts';
import { Channel } from '../../../../app/config/service-hooks.ts';
import { createDeliveries } from '../../../../service/hooks/delivery.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { startVendorReceivers, type VendorReceivers } from '../../../support/vendor-receivers.ts';
import { shownWording as wording } from '../../../support/shown-wording.ts';

let receivers: VendorReceivers;
beforeAll(async () => {
  receivers = await startVendorReceivers(() => 0);
});
afterAll(() => receivers[Symbol.asyncDispose]());
beforeEach(() => {
  receivers.taken.length = 0;
  receivers.requests = 0;
  receivers.instead = undefined;
  vi.stubEnv('CHANNEL_URL', receivers.url('wecom'));
});

const channel = Channel.parse({ vendor: 'wecom', url: '${env:CHANNEL_URL}' });

function opened(fetch = globalThis.fetch) {
  const clock = createHandClock();
  const lines: string[] = [];
  const stream = new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) });
  const deliveries = createDeliveries({ clock, log: createLogger('info', stream), fetch });
  const send = (signal = new AbortController().signal) => deliveries.deliver('oncall', channel, wording, { signal });
  return { clock, lines, send };
}

test('a channel that fails is tried four times, longer apart each time, and logged once until it works again', async () => {
  const { clock, lines, send } = opened();
  receivers.instead = { status: 503, body: '' };
  const began = clock.monotonic();
  expect(await send()).toMatchObject({
    kind: 'given-up',
    fault: { code: 'notification-failed', message: 'wecom channel oncall: HTTP status 503; given up after 4 attempts' },
  });
  expect([receivers.requests, clock.monotonic() - began]).toEqual([4, 1 + 2 + 4]);
  clock.advance(60);
  await send();
  expect(lines).toHaveLength(1);
  receivers.instead = undefined;
  clock.advance(60);
  expect(await send()).toEqual({ kind: 'sent' });
  expect(lines[1]).toContain('the notification channel works again');
  expect(lines.join()).not.toContain('t0ken');
});

test('a failure that passes is nobody’s concern', async () => {
  receivers.instead = { status: 500, body: '' };
  const { lines, send } = opened(async (...request) => {
    const response = await fetch(...request);
    receivers.instead = undefined;
    return response;
  });
  expect(await send()).toEqual({ kind: 'sent' });
  expect([receivers.requests, lines]).toEqual([2, []]);
});

test('what is refused once is not sent again', async () => {
  const { send } = opened();
  receivers.instead = { status: 200, body: JSON.stringify({ errcode: 93_000, errmsg: 'invalid webhook url' }) };
  expect(await send()).toMatchObject({ kind: 'refused' });
  expect(receivers.requests).toBe(1);
});

test('a vendor that asks for time gets it, and no request before', async () => {
  const { clock, send } = opened();
  receivers.instead = { status: 429, body: '', headers: { 'Retry-After': '15' } };
  await send();
  expect(receivers.requests).toBe(4);
  clock.advance(60);
  receivers.requests = 0;
  receivers.instead = { status: 200, body: JSON.stringify({ errcode: 45_009, errmsg: 'api freq out of limit' }) };
  expect(await send()).toMatchObject({
    kind: 'given-up',
    fault: { message: expect.stringContaining('errcode 45009: api freq out of limit; given up after one attempt') },
  });
  expect(await send()).toMatchObject({ kind: 'later', afterSeconds: 60 });
  expect(receivers.requests).toBe(1);
});

test('a vendor that takes 20 messages a minute gets 20', async () => {
  const { clock, send } = opened();
  for (let count = 0; count < 20; count++) expect(await send()).toEqual({ kind: 'sent' });
  expect(await send()).toMatchObject({ kind: 'later', afterSeconds: 60 });
  expect(receivers.requests).toBe(20);
  clock.advance(60);
  expect(await send()).toEqual({ kind: 'sent' });
});

test('more than four at once wait for the next attempt, and one that is aborted ends', async () => {
  const { send } = opened();
  receivers.instead = 'hang';
  const stop = new AbortController();
  const four = Array.from({ length: 4 }, () => send(stop.signal));
  expect(await send()).toMatchObject({ kind: 'later' });
  await vi.waitFor(() => expect(receivers.requests).toBe(4));
  stop.abort();
  expect((await Promise.all(four)).map(({ kind }) => kind)).toEqual(['given-up', 'given-up', 'given-up', 'given-up']);
});
