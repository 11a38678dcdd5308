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
  const gate = createPromotionGate({ file: join(folder.path, 'state', 'promotion-messages.json'), log: logTo(lines) });
  gate.note('watchers', firing);
  expect(gate.isDue('watchers', firing, true)).toBe(false);
  expect(lines.join('')).toContain('cannot write which messages a promotion channel got');
});
