import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Writable } from 'node:stream';
import { createLogger } from '../../../../core/log.ts';
import { type Clock, seconds } from '../../../../core/clock.ts';
import { Channel } from '../../../../app/config/service-hooks.ts';
import { createDeliveries, type Delivery } from '../../../../service/hooks/delivery.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { createManualRunClock } from '../../../support/manual-run-clock.ts';
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
  const deliveries = createDeliveries({ clock, log: createLogger('warn', stream), fetch });
  const send = (signal = new AbortController().signal) => deliveries.deliver('oncall', channel, wording, { signal });
  return { clock, lines, send, deliveries };
}

test('a failing channel is tried four times with growing delays and logged once until it works again', async () => {
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

test('a failure followed by a successful retry is not logged', async () => {
  receivers.instead = { status: 500, body: '' };
  const { lines, send } = opened(async (...request) => {
    const response = await fetch(...request);
    receivers.instead = undefined;
    return response;
  });
  expect(await send()).toEqual({ kind: 'sent' });
  expect([receivers.requests, lines]).toEqual([2, []]);
});

test('a message without an answer in time is sent once more only, because it may have been delivered', async () => {
  const { send } = opened((url, request) => fetch(url, { ...request, signal: AbortSignal.timeout(100) }));
  receivers.instead = 'hang';
  expect(await send()).toMatchObject({
    kind: 'given-up',
    fault: { message: 'wecom channel oncall: no answer in time; given up after 2 attempts' },
  });
  expect(receivers.requests).toBe(2);
});

test('an incident may be sent again, so an answer that does not come in time has all retries', async () => {
  vi.stubEnv('CHANNEL_KEY', 'k3y');
  const { deliveries } = opened((_, request) =>
    fetch(receivers.url('pagerduty'), { ...request, signal: AbortSignal.timeout(100) }),
  );
  receivers.instead = 'hang';
  const incidents = Channel.parse({ vendor: 'pagerduty', key: '${env:CHANNEL_KEY}' });
  const delivery = await deliveries.deliver('oncall', incidents, wording, { signal: new AbortController().signal });
  expect(delivery).toMatchObject({ fault: { message: expect.stringMatching(/given up after 4 attempts$/) } });
});

test('a connection that breaks after the request is tried once more, one that is refused three times more', async () => {
  let requests = 0;
  const server = createServer(
    (request) => void (requests++, request.resume().once('end', () => request.socket.destroy())),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('CHANNEL_URL', `http://127.0.0.1:${port}/`);
  const { send } = opened();
  const reasonOf = (delivery: Delivery) => ('fault' in delivery ? delivery.fault.message : delivery.kind);
  expect([reasonOf(await send()), requests]).toEqual([expect.stringMatching(/ given up after 2 attempts$/), 2]);
  await once(server.close(), 'close');
  expect(reasonOf(await send())).toMatch(/: ECONNREFUSED; given up after 4 attempts$/);
});

test('a refused message is not sent again', async () => {
  const { send } = opened();
  receivers.instead = { status: 200, body: JSON.stringify({ errcode: 93_000, errmsg: 'invalid webhook url' }) };
  expect(await send()).toMatchObject({ kind: 'refused' });
  expect(receivers.requests).toBe(1);
});

test('Retry-After of a vendor is respected before the next request', async () => {
  const { clock, lines, send } = opened();
  receivers.instead = { status: 429, body: '', headers: { 'Retry-After': '15' } };
  await send();
  expect(receivers.requests).toBe(4);
  clock.advance(60);
  receivers.requests = 0;
  receivers.instead = { status: 200, body: JSON.stringify({ errcode: 45_009, errmsg: 'api freq out of limit' }) };
  // Too long to wait here: Alertmanager retries.
  const limited = { kind: 'later', reason: 'errcode 45009: api freq out of limit', afterSeconds: 60 };
  expect(await send()).toEqual(limited);
  expect(await send()).toMatchObject({ kind: 'later', afterSeconds: 60 });
  expect([receivers.requests, lines.length]).toEqual([1, 1]);
  clock.advance(60);
  receivers.instead = undefined;
  expect(await send()).toEqual({ kind: 'sent' });
});

test('a Retry-After of years closes an address for an hour only', async () => {
  const { clock, send } = opened();
  receivers.instead = { status: 503, body: '', headers: { 'Retry-After': '999999999' } };
  expect(await send()).toMatchObject({ kind: 'later' });
  receivers.instead = undefined;
  expect(await send()).toMatchObject({ kind: 'later', afterSeconds: 3600 });
  clock.advance(3600);
  expect(await send()).toEqual({ kind: 'sent' });
});

test('a vendor limited to 20 messages a minute gets exactly 20', async () => {
  const { clock, send } = opened();
  for (let count = 0; count < 20; count++) expect(await send()).toEqual({ kind: 'sent' });
  expect(await send()).toMatchObject({ kind: 'later', afterSeconds: 60 });
  expect(receivers.requests).toBe(20);
  clock.advance(60);
  expect(await send()).toEqual({ kind: 'sent' });
});

test('channels with one address share its limit and its wait, and channels of other addresses do not', async () => {
  const { clock, deliveries } = opened();
  vi.stubEnv('OTHER_URL', `${receivers.url('wecom')}&debug=1`);
  vi.stubEnv('SAME_URL', receivers.url('wecom'));
  const other = Channel.parse({ ...channel, url: '${env:OTHER_URL}' });
  const same = Channel.parse({ ...channel, url: '${env:SAME_URL}', language: 'en' });
  const send = (name: string, by: Channel) =>
    deliveries.deliver(name, by, wording, { signal: new AbortController().signal });
  for (let count = 0; count < 10; count++) await Promise.all([send('oncall', channel), send('lead', same)]);
  expect(await send('lead', same)).toMatchObject({ kind: 'later', reason: 'its rate limit', afterSeconds: 60 });
  expect(await send('other', other)).toEqual({ kind: 'sent' });
  clock.advance(60);
  receivers.instead = { status: 429, body: '' };
  expect(await send('oncall', channel)).toMatchObject({ kind: 'later', afterSeconds: 60 });
  receivers.instead = undefined;
  expect(await send('lead', same)).toMatchObject({ kind: 'later', afterSeconds: 60 });
});

/** Lets waiting requests run concurrently. */
function openedAlike(answer: () => object = () => ({ errcode: 0 })) {
  const { elapsed, sleepUntil, advanceTo } = createManualRunClock();
  const clock: Clock = {
    now: () => new Date(elapsed() * 1000),
    monotonic: () => seconds(elapsed()),
    sleep: (duration, { signal = new AbortController().signal } = {}) => sleepUntil(elapsed() + duration, { signal }),
  };
  const sentAt: number[] = [];
  const deliveries = createDeliveries({
    clock,
    log: createLogger('silent'),
    fetch: async () => (sentAt.push(elapsed()), new Response(JSON.stringify(answer()))),
  });
  const send = () => deliveries.deliver('oncall', channel, wording, { signal: new AbortController().signal });
  return { until: advanceTo, sentAt, send };
}

test("messages that wait together never exceed the vendor's limit in any minute", async () => {
  const { until, sentAt, send } = openedAlike();
  const sent = [];
  for (let second = 0; second < 20; second++) {
    await until(second);
    sent.push(send());
  }
  await until(45);
  for (let count = 0; count < 4; count++) sent.push(send());
  await until(120);
  expect((await Promise.all(sent)).map(({ kind }) => kind)).toEqual(Array.from({ length: 24 }, () => 'sent'));
  for (const at of sentAt) {
    expect(sentAt.filter((each) => each >= at && each < at + 60).length).toBeLessThanOrEqual(20);
  }
  expect(sentAt.slice(20)).toEqual([60, 61, 62, 63]);
});

test("a vendor's wait of one minute is kept even if another request fails in the meantime", async () => {
  const answers = [
    { errcode: 45_009, errmsg: 'api freq out of limit' },
    { errcode: -1, errmsg: 'system busy' },
  ];
  const { until, sentAt, send } = openedAlike(() => answers.shift() ?? { errcode: 0 });
  // Both requests are in flight when the first response arrives.
  const both = [send(), send()];
  await until(30);
  expect((await Promise.all(both)).map(({ kind }) => kind)).toEqual(['later', 'later']);
  expect([await send(), sentAt]).toMatchObject([{ kind: 'later', afterSeconds: 30 }, [0, 0]]);
});

test('more than four concurrent messages are deferred, and aborted deliveries end', async () => {
  const { send } = opened();
  receivers.instead = 'hang';
  const stop = new AbortController();
  const four = Array.from({ length: 4 }, () => send(stop.signal));
  expect(await send()).toMatchObject({ kind: 'later' });
  await vi.waitFor(() => expect(receivers.requests).toBe(4));
  stop.abort();
  expect((await Promise.all(four)).map(({ kind }) => kind)).toEqual(['given-up', 'given-up', 'given-up', 'given-up']);
});
