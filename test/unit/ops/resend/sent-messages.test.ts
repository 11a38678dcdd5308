import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newResendId, openSent, refuseSent, sentBefore, sentFile } from '../../../../ops/resend/sent-messages.ts';

const of = { cluster: 'orders', topic: 'order-paid.DLT' };
const at = '2026-11-20T10:00:00.000Z';
const chosen = [17n, 18n].map((offset) => ({ topic: of.topic, partition: 0, offset }));

test('refuses to send messages that another resend has sent since the plan was shown', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-sent-'));
  const look = () => sentBefore(folder.path, of);
  expect(await look()).toEqual(new Set());
  expect(() => refuseSent(chosen, new Set())).not.toThrow();
  {
    await using other = await openSent(sentFile(folder.path, { ...of, id: newResendId() }));
    const place = { topic: 'order-paid', partition: 3 };
    await other.note([
      { at, message: '0@17', state: 'sending', ...place },
      { at, message: '0@17', state: 'sent', ...place, offset: '900' },
    ]);
  }
  const sent = await look();
  expect(() => refuseSent(chosen, sent)).toThrow(
    'nothing was sent: another resend has sent messages of this plan since it was shown (1): 0@17',
  );
  expect(() => refuseSent(chosen.slice(1), sent)).not.toThrow();
});

test('a message of a re-created topic at the offset of a sent one does not block the resend', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-sent-'));
  const storedAtMs = Date.parse(at);
  {
    await using other = await openSent(sentFile(folder.path, { ...of, id: newResendId() }));
    await other.note([{ at, message: '0@17', state: 'sending', storedAtMs, topic: 'order-paid', partition: 3 }]);
  }
  const sent = await sentBefore(folder.path, of);
  const stored = (atMs: number) => chosen.map((message) => ({ ...message, storedAtMs: atMs }));
  expect(() => refuseSent(stored(storedAtMs), sent)).toThrow('(1): 0@17');
  expect(() => refuseSent(stored(storedAtMs + 1), sent)).not.toThrow();
});

test('finds sent messages of the topic with the longest name, and of that topic only', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-sent-'));
  const long = { cluster: 'orders', topic: 't'.repeat(249) };
  {
    await using sent = await openSent(sentFile(folder.path, { ...long, id: newResendId() }));
    await sent.note([{ at, message: '0@17', state: 'sending', topic: 'order-paid', partition: 3 }]);
  }
  expect(await sentBefore(folder.path, long)).toEqual(new Set(['0@17']));
  expect(await sentBefore(folder.path, { ...long, topic: `${'t'.repeat(248)}u` })).toEqual(new Set());
});
