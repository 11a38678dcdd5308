import { expect, onTestFinished, test, vi } from 'vitest';
import { Writable } from 'node:stream';
import { createLogger } from '../../../../core/log.ts';
import { Channel } from '../../../../app/config/service-hooks.ts';
import { word } from '../../../../service/hooks/alert-text.ts';
import { createDeliveries } from '../../../../service/hooks/delivery.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { startMailServer } from '../../../support/mail-server.ts';

const message = {
  version: '4',
  status: 'firing',
  truncatedAlerts: 0,
  groupKey: 'g',
  commonLabels: { cluster: 'orders\r\nBcc: all@example.com' },
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DiskFull', severity: 'critical', cluster: 'orders' },
      annotations: { summary: 'A disk is full.', summary_zh: '磁盘已满。', description_zh: '请扩容。' },
      startsAt: '2026-11-11T12:00:00Z',
    },
  ],
} as const;

function send(url: string, over: object = {}) {
  return opened(url, over)();
}

function opened(url: string, over: object = {}, log = createLogger('silent')) {
  vi.stubEnv('MAIL_URL', url);
  const channel = Channel.parse({
    vendor: 'mail',
    url: '${env:MAIL_URL}',
    from: 'plimsoll@example.com',
    to: ['oncall@example.com', 'lead@example.com'],
    ...over,
  });
  const wording = word({ ...message, alerts: [...message.alerts] }, channel.language, {
    acknowledge: () => 'https://plimsoll.example.com/acknowledge?link=x',
  });
  const deliveries = createDeliveries({ clock: createHandClock(), log });
  return (signal = new AbortController().signal) => deliveries.deliver('tickets', channel, wording, { signal });
}

/** Shortens the time of each attempt to a hundredth. */
function hurry(): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => timeout(milliseconds / 100));
  onTestFinished(() => spy.mockRestore());
}

test('a mail has the content of a chat message and is sent once for all recipients', async () => {
  await using server = await startMailServer();
  expect(await send(`smtp://${server.address}`)).toEqual({ kind: 'sent' });
  expect(server.mails).toHaveLength(1);
  const [mail] = server.mails;
  expect(mail?.to).toEqual(['oncall@example.com', 'lead@example.com']);
  expect(mail?.headers).toMatch(/^Auto-Submitted: auto-generated$/m);
  // A line end in a name must not start a header.
  expect(mail?.headers).not.toMatch(/^Bcc/im);
  for (const part of [
    '【严重】磁盘已满。',
    '请扩容。',
    '2026-11-11 12:00:00 UTC',
    '确认告警: https://plimsoll.example.com/acknowledge?link=x',
  ]) {
    expect(mail?.text).toContain(part);
  }
});

test('a busy mail server is retried, and a refused mail is not', async () => {
  await using server = await startMailServer();
  server.status = 451;
  expect(await send(`smtp://${server.address}`)).toMatchObject({
    kind: 'given-up',
    fault: { message: 'mail channel tickets: SMTP status 451; given up after 4 attempts' },
  });
  expect(server.connections).toBe(4);
  server.status = 552;
  expect(await send(`smtp://${server.address}`)).toMatchObject({
    kind: 'refused',
    fault: { message: 'mail channel tickets: SMTP status 552' },
  });
  expect([server.connections, server.mails]).toEqual([5, []]);
});

test('a mail server that takes 40 s to accept a mail gets it once', async () => {
  await using server = await startMailServer();
  server.answerMs = 400;
  hurry();
  expect(await send(`smtp://${server.address}`)).toEqual({ kind: 'sent' });
  expect(server.mails).toHaveLength(1);
});

test('a mail without a reply in time is not sent again, because it may have been accepted', async () => {
  await using server = await startMailServer();
  server.answerMs = 1500;
  hurry();
  expect(await send(`smtp://${server.address}`)).toMatchObject({
    kind: 'refused',
    fault: { message: 'mail channel tickets: no answer in time' },
  });
  expect(server.mails).toHaveLength(1);
});

test('a mail whose connection ends before the reply is sent once more with the same identifier', async () => {
  await using server = await startMailServer();
  server.breaks = true;
  const again = opened(`smtp://${server.address}`);
  const ids = () => server.mails.map(({ headers }) => /^message-id: *(\S+@example\.com>)\r?$/im.exec(headers)?.[1]);
  expect(await again()).toMatchObject({ fault: { message: expect.stringMatching(/; given up after 2 attempts$/) } });
  const [first, second, ...others] = ids();
  expect([first, second, others]).toEqual([expect.stringMatching(/^</), first, []]);
  // A repeated alert is another mail.
  server.breaks = false;
  expect(await again()).toEqual({ kind: 'sent' });
  expect(ids()[2]).not.toBe(first);
});

test('a mail server that is not reachable is tried four times', async () => {
  const { address, ...server } = await startMailServer();
  await server[Symbol.asyncDispose]();
  const message = 'mail channel tickets: ESOCKET; given up after 4 attempts';
  expect(await send(`smtp://${address}`)).toMatchObject({ fault: { message } });
});

test('a mail in transmission is completed even if Alertmanager disconnects', async () => {
  await using server = await startMailServer();
  server.answerMs = 300;
  const stop = new AbortController();
  const delivery = opened(`smtp://${server.address}`)(stop.signal);
  await vi.waitFor(() => expect(server.mails).toHaveLength(1));
  stop.abort();
  expect(await delivery).toEqual({ kind: 'sent' });
});

test('a mail that one recipient accepts counts as sent, and the refused address is logged once', async () => {
  await using server = await startMailServer();
  server.unknown.add('lead@example.com');
  const lines: string[] = [];
  const stream = new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) });
  const again = opened(`smtp://${server.address}`, {}, createLogger('info', stream));
  // Otherwise Alertmanager would post it every group_interval and drop the end of an alert that was not sent.
  expect([await again(), await again()]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
  expect(server.mails.map(({ to }) => to)).toEqual([['oncall@example.com'], ['oncall@example.com']]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('mail channel tickets: 1 of 2 recipients refused: lead@example.com');
  server.unknown.add('oncall@example.com');
  expect(await again()).toMatchObject({ kind: 'refused', fault: { message: 'mail channel tickets: SMTP status 550' } });
});

test('a password is not sent to a server without TLS', async () => {
  await using server = await startMailServer({ login: { user: 'plimsoll', password: 'p4ss' } });
  const delivery = await send(`smtp://plimsoll:p4ss@${server.address}`);
  expect(delivery).toMatchObject({ kind: 'refused', fault: { message: expect.stringContaining('offers no TLS') } });
  expect(JSON.stringify(delivery)).not.toContain('p4ss');
});

test.each(['http://mail.example.com', 'mail.example.com:25', 'smtp://'])(
  '%s is not a valid mail server URL',
  async (url) => {
    expect(await send(url)).toMatchObject({
      kind: 'refused',
      fault: { message: expect.stringContaining('${env:MAIL_URL}') },
    });
  },
);
