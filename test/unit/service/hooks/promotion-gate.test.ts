import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../../../../core/log.ts';
import { AlertMessage } from '../../../../service/hooks/alert-message.ts';
import { createPromotionGate } from '../../../../service/hooks/promotion-gate.ts';

const logTo = (lines: string[]) =>
  createLogger('info', new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }));

const messageOf = (status: 'firing' | 'resolved') =>
  AlertMessage.parse({
    version: '4',
    status,
    groupKey: '{}:{cluster="orders"}',
    commonLabels: { cluster: 'orders' },
    alerts: [{ status, labels: { alertname: 'A' }, annotations: {}, startsAt: '2026-11-11T12:00:00Z' }],
  });
const [firing, resolved] = [messageOf('firing'), messageOf('resolved')];

test('another instance with the same state folder sends no message again, and the end of what the first one sent', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotion-gate-'));
  const kept = {
    file: join(folder.path, 'state', 'promotion-messages.json'),
    log: logTo([]),
    openedMs: 0,
  };
  const [first, second] = [createPromotionGate(kept), createPromotionGate(kept)];
  expect(second.isDue('watchers', firing, true)).toBe(true);
  expect(first.isDue('watchers', firing, true)).toBe(true);
  first.note('watchers', firing);
  expect(second.isDue('watchers', firing, true)).toBe(false);
  expect(second.isDue('pager', firing, true)).toBe(true);
  expect(second.isDue('watchers', resolved, false)).toBe(true);
  second.note('watchers', resolved);
  expect(first.isDue('watchers', resolved, false)).toBe(false);
  expect(first.isDue('watchers', firing, true)).toBe(true);
});

test('after a restart in the next promotion, an alert that still fires is sent again', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotion-gate-'));
  const kept = {
    file: join(folder.path, 'promotion-messages.json'),
    log: logTo([]),
    openedMs: 0,
  };
  const before = createPromotionGate(kept);
  before.note('watchers', firing);
  expect(before.isDue('watchers', firing, false)).toBe(false);
  expect(createPromotionGate(kept).isDue('watchers', firing, true)).toBe(true);
});

test('if the state folder cannot be written, this instance still sends each message once, and logs why', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotion-gate-'));
  await writeFile(join(folder.path, 'state'), '');
  const lines: string[] = [];
  const file = join(folder.path, 'state', 'promotion-messages.json');
  const gate = createPromotionGate({ file, log: logTo(lines), openedMs: 0 });
  gate.note('watchers', firing);
  expect(gate.isDue('watchers', firing, true)).toBe(false);
  gate.note('watchers', firing);
  expect(lines).toEqual([expect.stringContaining('cannot write which messages a promotion channel got')]);
});

test.each([
  ['no file', undefined, 0],
  ['a file that was cut off', '[["', 1],
])(
  'with %s, the end of an alert that an earlier process may have sent is sent during a promotion',
  async (_, text, logged) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotion-gate-'));
    const file = join(folder.path, 'promotion-messages.json');
    if (text !== undefined) await writeFile(file, text);
    const lines: string[] = [];
    const opened = (at: string) => createPromotionGate({ file, log: logTo(lines), openedMs: Date.parse(at) });
    const gate = opened('2026-11-11T12:05:00Z');
    expect(gate.isDue('watchers', resolved, false)).toBe(false);
    expect(gate.isDue('watchers', resolved, true)).toBe(true);
    expect(lines).toHaveLength(logged);
    expect(opened('2026-11-11T11:55:00Z').isDue('watchers', resolved, true)).toBe(false);
    gate.note('watchers', resolved);
    // Both instances of a pair of Alertmanagers may post it.
    expect(gate.isDue('watchers', resolved, true)).toBe(false);
    expect(gate.isDue('pager', resolved, true)).toBe(true);
    expect(opened('2026-11-11T12:05:00Z').isDue('watchers', resolved, true)).toBe(false);
  },
);
