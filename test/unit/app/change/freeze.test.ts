// Checks changes during a freeze: refusal, override with a reason, and rollback.

import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { changeRulesFor } from '../../../../app/change/change-rules.ts';
import { takeLease } from '../../../../app/change/take-lease.ts';
import { LeasesDocument } from '../../../../core/documents/change-leases.ts';
import type { Caller } from '../../../../app/caller.ts';
import { confirm } from '../../../../cli/confirm.ts';
import { systemClock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { AuditLine } from '../../../../ops/change/audit.ts';
import { currentFreeze, nextFreeze } from '../../../../ops/change/freeze.ts';
import { runWords } from '../../../support/run-words.ts';

/** Address without a listener. */
const nobody = '127.0.0.1:1';
const entry = { broker: 'rocketmq', namesrv: [nobody], clusterId: { name: 'prod', brokers: ['a@10.0.0.1:10911'] } };
const cluster = { name: 'orders', config: RocketmqClusterConfig.parse(entry), typed: 'prod' };
const what = { change: 'queues', subject: 'topic payments' };
const freeze = { reason: 'Double Eleven', from: '2026-11-10T00:00', to: '2026-11-12T00:00', timeZone: 'Asia/Shanghai' };

async function frozen(now: string, options: Caller['options'] = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-freeze-'));
  const config = join(folder.path, 'plimsoll.yaml');
  await writeFile(config, JSON.stringify({ clusters: { orders: entry }, changes: { freezes: [freeze] } }));
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, columns: 100 };
  const io: Caller = {
    confirm: (name, said) => confirm(io, name, said),
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: { config, 'state-dir': folder.path, ...options },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: {},
    clock: { ...systemClock, now: () => new Date(now) },
    openLog: async () => createLogger('silent'),
  };
  return {
    io,
    config,
    written,
    audit: async () => AuditLine.parse(JSON.parse(await readFile(join(folder.path, 'change-audit.ndjson'), 'utf8'))),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const during = '2026-11-11T12:00:00Z';

test('refuses a change with window, end and reason of the freeze, and the option to override', async () => {
  await using at = await frozen(during);
  await expect(takeLease(at.io, cluster, what)).rejects.toMatchObject({
    code: 'change-frozen',
    exitCode: 5,
    message:
      'queues of topic payments is refused: orders is frozen until 2026-11-12 00:00 Asia/Shanghai ' +
      '(2026-11-10 00:00 to 2026-11-12 00:00 Asia/Shanghai): Double Eleven; nothing was changed',
    hint: expect.stringContaining('--during-freeze "REASON"') as string,
  });
});

test('allows changes before and after the freeze', async () => {
  for (const now of ['2026-11-09T15:59:59Z', '2026-11-11T16:00:00Z']) {
    await using at = await frozen(now);
    await expect(takeLease(at.io, cluster, what)).rejects.toMatchObject({ code: 'lease-unreachable' });
  }
});

test('a rollback is allowed with a notice, and recorded', async () => {
  await using at = await frozen(during);
  await using lease = await takeLease(at.io, cluster, { ...what, isBack: true });
  await lease.begin();
  expect(at.written.join('')).toContain('rolling back is allowed during a freeze');
  expect(await at.audit()).toMatchObject({ cluster: 'orders', clusterId: 'prod', change: 'queues' });
});

test('an override needs a reason of a minimum length', async () => {
  await using at = await frozen(during, { 'during-freeze': ' yes ' });
  await expect(takeLease(at.io, cluster, what)).rejects.toMatchObject({ code: 'usage' });
});

test('an override with a reason proceeds to the lease', async () => {
  await using at = await frozen(during, { 'during-freeze': 'disk of broker-2 is full' });
  await expect(takeLease(at.io, cluster, what)).rejects.toMatchObject({ code: 'lease-unreachable' });
  expect(at.written.join('')).toContain('starting during the freeze: disk of broker-2 is full');
});

test('a cluster given by address is frozen if its id is that of a frozen cluster', async () => {
  await using at = await frozen(during, { namesrv: nobody });
  await expect(takeLease(at.io, { ...cluster, name: 'rocketmq' }, what)).rejects.toMatchObject({
    code: 'change-frozen',
  });
});

test.each(['orders', 'payments'])(
  'if several clusters have the same id, the freeze of %s applies to an address',
  async (named) => {
    await using at = await frozen(during, { namesrv: nobody });
    const payments = { ...entry, clusterId: { name: 'prod', brokers: ['b@10.0.1.1:10911'] } };
    const freezes = [{ ...freeze, clusters: [named] }];
    await writeFile(at.config, JSON.stringify({ clusters: { orders: entry, payments }, changes: { freezes } }));
    await expect(takeLease(at.io, { ...cluster, name: 'rocketmq' }, what)).rejects.toMatchObject({
      code: 'change-frozen',
      message: expect.stringContaining(`refused: ${named} is frozen`) as string,
    });
  },
);

test('ops status shows the current or next freeze', async () => {
  await using at = await frozen(during);
  const daily = { reason: 'settlement', daily: { from: '00:00', to: '00:00' }, clusters: ['orders'] };
  await writeFile(at.config, JSON.stringify({ clusters: { orders: entry }, changes: { freezes: [daily] } }));
  const text = await runWords('ops', 'status', '--config', at.config);
  expect(text.stdout).toMatch(/CLUSTER\s+FREEZE\s+FROM\s+UNTIL\s+REASON\norders\s+current .* no end\s+settlement/);
  const json = await runWords('ops', 'status', '--config', at.config, '--json');
  expect(LeasesDocument.parse(JSON.parse(json.stdout)).freezes).toMatchObject([
    { cluster: 'orders', state: 'current', reason: 'settlement' },
  ]);
});

test.each([
  [{ reason: 'x', from: '2026-11-10T00:00' }, 'a freeze that has from needs to'],
  [{ reason: 'x' }, 'a freeze needs from and to, daily, or promotion'],
  [{ ...freeze, daily: { from: '01:00', to: '02:00' } }, 'a freeze has either daily, or from and to'],
  [{ ...freeze, to: '2026-11-09T00:00' }, 'the end of a freeze must be after its start'],
  [{ ...freeze, to: '2026-02-30T00:00' }, 'no such day'],
  [{ ...freeze, timeZone: 'Mars' }, 'such as Asia/Shanghai'],
  [{ ...freeze, clusters: ['order'] }, 'did you mean orders?'],
])('config check explains an invalid freeze: %j', async (wrong, words) => {
  await using at = await frozen(during);
  await writeFile(at.config, JSON.stringify({ clusters: { orders: entry }, changes: { freezes: [wrong] } }));
  const { exitCode, stderr } = await runWords('config', 'check', '--config', at.config);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(words);
});

const promotions = [
  { name: '618 2026', from: '2026-06-18T00:00', to: '2026-06-19T00:00', timezone: 'Asia/Shanghai' },
  { name: 'Double 11 2026', from: '2026-11-10T20:00', to: '2026-11-12T00:00', timezone: 'Asia/Shanghai' },
];
const ofPromotion = { reason: 'promotion', promotion: 'Double 11 2026', before: '2d', after: '12h' };

/** In Asia/Shanghai it begins on the 8th at 20:00 and ends on the 12th at 12:00. */
test.each([
  ['just before it begins', '2026-11-08T11:59:00Z', undefined],
  ['as it begins', '2026-11-08T12:00:00Z', 'frozen'],
  ['after the promotion', '2026-11-12T03:59:00Z', 'frozen'],
  ['as it ends', '2026-11-12T04:00:00Z', undefined],
] as const)('a freeze uses the dates of a promotion plus the time before and after it: %s', async (_, now, state) => {
  await using at = await frozen(now);
  const written = { clusters: { orders: entry }, changes: { freezes: [ofPromotion] }, service: { promotions } };
  await writeFile(at.config, JSON.stringify(written));
  const { freezes } = await changeRulesFor(at.io, cluster);
  expect(currentFreeze(freezes, 'orders', new Date(now)) === undefined ? undefined : 'frozen').toBe(state);
  expect(nextFreeze(freezes, 'orders', new Date('2026-01-01'))).toMatchObject({
    freeze: { from: '2026-11-08T20:00', to: '2026-11-12T12:00', timeZone: 'Asia/Shanghai' },
  });
});

test('a freeze can cover all promotions of the config, and an unknown promotion is reported', async () => {
  await using at = await frozen(during);
  const check = async (promotion: string) => {
    const freezes = [{ ...ofPromotion, promotion }];
    const written = { clusters: { orders: entry }, changes: { freezes }, service: { promotions } };
    await writeFile(at.config, JSON.stringify(written));
    return runWords('config', 'check', '--config', at.config);
  };
  expect((await check('*')).exitCode).toBe(0);
  expect((await changeRulesFor(at.io, cluster)).freezes.map(({ from }) => from)).toEqual([
    '2026-06-16T00:00',
    '2026-11-08T20:00',
  ]);
  const { exitCode, stderr, stdout } = await check('Double 12 2026');
  expect([exitCode, stdout + stderr]).toEqual([
    2,
    expect.stringContaining(
      'unknown promotion "Double 12 2026" under service.promotions; did you mean Double 11 2026?',
    ),
  ]);
});

test.each([
  [{ reason: 'x', promotion: '*', before: 'two days' }, 'changes.freezes[0].before'],
  [{ reason: 'x', promotion: '*', from: '2026-11-10T00:00' }, 'changes.freezes[0].from'],
  [{ promotion: '*' }, 'changes.freezes[0].reason'],
] as const)('config check reports the location of an invalid freeze of a promotion: %j', async (wrong, place) => {
  await using at = await frozen(during);
  await writeFile(at.config, JSON.stringify({ clusters: { orders: entry }, changes: { freezes: [wrong] } }));
  const { exitCode, stdout, stderr } = await runWords('config', 'check', '--config', at.config);
  expect([exitCode, stdout + stderr]).toEqual([2, expect.stringContaining(place)]);
});
