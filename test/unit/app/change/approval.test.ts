// Checks that a change needs the approval of a second person, from plan file to audit log.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { appendFile, chmod, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { readPlanFile, readPrivateKey } from '../../../../app/change/approval-files.ts';
import { commitReceived } from '../../../../app/change/offsets/commit-received.ts';
import { permitChange } from '../../../../app/change/take-lease.ts';
import { offerForApproval, type PlannedSteps } from '../../../../app/change/require-approval.ts';
import { plannedResend } from '../../../../app/change/resend/run-resend.ts';
import type { Caller } from '../../../../app/caller.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { recordAudit, type AuditLine } from '../../../../ops/change/audit.ts';
import { fakeGroupOffsets, running, type FakeGroupOffsets } from '../../../support/fake-group-offsets.ts';
import { startFakeCluster } from '../../../support/fake-name-server.ts';
import { runWords } from '../../../support/run-words.ts';

const what = { change: 'queues', subject: 'topic payments' };
const planned: PlannedSteps = {
  steps: [{ en: 'readers of broker-a: 4 to 8', zh: 'broker-a 的读队列数：4 → 8' }],
  exact: { broker: 'broker-a', queues: 8 },
};

async function twoPeople() {
  await using made = new AsyncDisposableStack();
  const folder = made.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-approval-')));
  const live = made.use(await startFakeCluster('prod'));
  const path = (name: string) => join(folder.path, name);
  const { exitCode, stdout } = await runWords('ops', 'approve', '--new-key', path('alice.pem'));
  expect(exitCode).toBe(0);
  const [, publicKey] = /^publicKey: (\S+)\n$/.exec(stdout) ?? [];
  const entry = {
    broker: 'rocketmq',
    namesrv: [live.namesrv],
    clusterId: { name: 'prod', brokers: [`broker-a@${live.broker}`] },
  };
  const config = path('plimsoll.yaml');
  const changes = { approval: { approvers: { alice: { publicKey } } } };
  await writeFile(config, JSON.stringify({ clusters: { orders: entry }, changes }));
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, columns: 100 };
  const ioWith = (options: Caller['options'], user = 'bob'): Caller => ({
    confirm: () => Promise.reject(new Error('nobody confirms')),
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: { config, 'state-dir': folder.path, ...options },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: { USER: user },
    clock: systemClock,
    openLog: async () => createLogger('silent'),
  });
  const named = { name: 'orders', config: RocketmqClusterConfig.parse(entry) };
  const rest = made.move();
  return {
    folder: folder.path,
    path,
    written,
    /** Writes the plan as Bob. */
    plan: (steps = planned) => offerForApproval(ioWith({ 'write-plan': path('plan.json') }), named, what, steps),
    /** Approves the plan as Alice, on the command line. */
    approve: (...words: string[]) =>
      runWords('ops', 'approve', path('plan.json'), '--config', config, '--key', path('alice.pem'), ...words),
    /** Executes the plan as any user. */
    async execute({ options = { approval: path('plan.json.approval') }, user = 'bob', steps = planned } = {}) {
      const io = ioWith({ execute: true, ...options }, user);
      await offerForApproval(io, named, what, steps);
      return await permitChange(io, { name: 'orders', typed: 'prod' }, what);
    },
    ioWith,
    named,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** The audit line of the start of a change. */
const startedWith = (approval: AuditLine['approval']): AuditLine => ({
  schemaVersion: 1,
  at: new Date().toISOString(),
  cluster: 'orders',
  clusterId: 'prod',
  owner: 'bob',
  host: 'ops-1',
  ...what,
  ...(approval && { approval }),
});

test('one person plans, another approves on the command line, and the first executes exactly once', async () => {
  await using people = await twoPeople();
  await people.plan();
  expect((await stat(people.path('alice.pem'))).mode & 0o777).toBe(0o600);
  const approved = await people.approve();
  expect(approved, approved.stderr).toMatchObject({ exitCode: 0 });
  expect(approved.stdout).toContain('queues of topic payments in cluster prod\n  readers of broker-a: 4 to 8\n');
  expect(approved.stdout).toContain('approved by alice until ');
  const { stdout: inChinese } = await people.approve('--lang', 'zh', '--out', people.path('zh.approval'));
  expect(inChinese).toContain(
    '集群 prod 的变更 queues，对象 topic payments\n  broker-a 的读队列数：4 → 8\n已由 alice 批准',
  );

  const { approval } = await people.execute();
  expect(approval).toMatchObject({ approver: 'alice', digest: expect.stringMatching(/^sha256:/) as string });
  await recordAudit(people.folder, startedWith(approval));
  await expect(people.execute()).rejects.toMatchObject({
    code: 'approval-refused',
    message: expect.stringContaining('valid for one start') as string,
  });
});

test('of two starts that were permitted with one approval, the second to hold the lease is refused', async () => {
  await using people = await twoPeople();
  await people.plan();
  await people.approve();
  const [first, second] = [await people.execute(), await people.execute()];
  await recordAudit(people.folder, startedWith(first.approval));
  await expect(recordAudit(people.folder, startedWith(second.approval))).rejects.toMatchObject({
    code: 'approval-refused',
  });
});

test.each([
  ['a full disk', ''],
  ['a power cut', '\0'.repeat(40)],
])('an approval is valid only once even if %s tore the previous line of the audit log', async (_, rest) => {
  await using people = await twoPeople();
  await people.plan();
  await people.approve();
  const { approval } = await people.execute();
  const torn = JSON.stringify(startedWith(undefined)).slice(0, 60);
  await appendFile(people.path('change-audit.ndjson'), `${torn}${rest}`);
  await recordAudit(people.folder, startedWith(approval));
  await expect(people.execute()).rejects.toThrow('valid for one start');
});

test('refuses to start without an approval, and names the command to get one', async () => {
  await using people = await twoPeople();
  await expect(people.execute({ options: {} as { approval: string } })).rejects.toMatchObject({
    code: 'approval-missing',
    exitCode: 5,
    hint: expect.stringContaining('plimsoll ops approve') as string,
  });
});

test('a change without a plan cannot start', async () => {
  await using people = await twoPeople();
  const io = people.ioWith({ execute: true });
  await expect(permitChange(io, { name: 'orders', typed: 'prod' }, what)).rejects.toMatchObject({
    code: 'approval-missing',
  });
});

test('a rollback or a resumed change needs no new approval', async () => {
  await using people = await twoPeople();
  const cluster = { name: 'orders', typed: 'prod' };
  expect(await permitChange(people.ioWith({}), cluster, { ...what, isBack: true })).toEqual({});
  expect(await permitChange(people.ioWith({ resume: true }), cluster, what)).toEqual({});
});

test('the approver cannot execute the plan, and the approval does not cover another plan', async () => {
  await using people = await twoPeople();
  await people.plan();
  await people.approve();
  await expect(people.execute({ user: 'alice' })).rejects.toThrow('alice approved it and executes it as user alice');
  const steps = { ...planned, exact: { broker: 'broker-a', queues: 16 } };
  await expect(people.execute({ steps })).rejects.toThrow('it is for another plan');
});

test('rejects an altered approval and a file that is not an approval', async () => {
  await using people = await twoPeople();
  await people.plan();
  await people.approve();
  const file = people.path('plan.json.approval');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"queues"', '"switch"'));
  await expect(people.execute()).rejects.toThrow('the file was altered');
  await writeFile(file, text.slice(0, 40));
  await expect(people.execute()).rejects.toMatchObject({ code: 'approval-refused' });
});

test('rejects a private key that others may read, and a key that is not configured', async () => {
  await using people = await twoPeople();
  await people.plan();
  await chmod(people.path('alice.pem'), 0o640);
  expect(await people.approve()).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('chmod 600') as string });
  await runWords('ops', 'approve', '--new-key', people.path('eve.pem'));
  const foreign = await people.approve('--key', people.path('eve.pem'));
  expect(foreign.stderr).toContain('this key belongs to no approver');
});

test('an interruption ends the wait for the writer of a pipe', async () => {
  await using people = await twoPeople();
  const pipe = people.path('plan.json');
  execFileSync('mkfifo', [pipe]);
  const signal = AbortSignal.abort(new Error('interrupted'));
  for (const read of [readPlanFile, readPrivateKey])
    await expect(read(pipe, { signal })).rejects.toThrow('interrupted');
  // Ends the opening of the pipe, which no signal can.
  closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
});

test('refuses to overwrite a plan file, and to write a plan and execute at once', async () => {
  await using people = await twoPeople();
  await people.plan();
  await expect(people.plan()).rejects.toMatchObject({ code: 'file-exists' });
  const options = { 'write-plan': people.path('other.json'), approval: '' };
  await expect(people.execute({ options })).rejects.toMatchObject({ code: 'usage' });
});

test('the commit of received messages can be planned, approved and started', async () => {
  await using people = await twoPeople();
  const moved: string[] = [];
  const offsets: Parameters<typeof commitReceived>[2] = {
    presence: async () => ({ kind: 'stopped' }),
    positions: async () => [],
    async move(group) {
      moved.push(group);
      return { settlesSeconds: 0 };
    },
  };
  const next = [{ topic: 'payments', partition: 3, brokerName: 'broker-a', offset: 42n }];
  const received = { group: 'billing', topic: 'payments', next };
  const plan = people.path('plan.json');
  expect(await commitReceived(people.ioWith({ 'write-plan': plan }), people.named, offsets, received)).toBe(false);
  expect(moved).toEqual([]);
  expect(JSON.parse(await readFile(plan, 'utf8'))).toMatchObject({
    change: 'receive',
    exact: { group: 'billing', topic: 'payments', next: ['partition broker-a:3 at offset 42'] },
  });
  expect(await people.approve()).toMatchObject({ exitCode: 0 });
  const io = people.ioWith({ approval: `${plan}.approval` });
  await expect(commitReceived(io, people.named, offsets, received)).rejects.toThrow('nobody confirms');
});

test.each<{ what: string; meanwhile: (offsets: FakeGroupOffsets) => void; why: string }>([
  {
    what: 'was started',
    meanwhile: (offsets) => (offsets.presences = [running('by-offset')]),
    why: 'it has members, which commit themselves',
  },
  {
    what: 'committed',
    meanwhile: (offsets) => (offsets.committed = [90n]),
    why: 'partition 0 of topic orders was at 50 when its messages were received, and is at 90 now',
  },
])('does not commit received messages for a group that $what before the commit', async ({ meanwhile, why }) => {
  await using people = await twoPeople();
  const offsets = fakeGroupOffsets();
  const next = [{ topic: 'orders', partition: 0, offset: 52n, committed: 50n }];
  const received = { group: 'billing', topic: 'orders', next };
  const plan = people.path('plan.json');
  await commitReceived(people.ioWith({ 'write-plan': plan }), people.named, offsets, received);
  await people.approve();
  const io: Caller = {
    ...people.ioWith({ approval: `${plan}.approval` }),
    confirm: async () => meanwhile(offsets),
    // The lease waits 4 s for other writers.
    clock: { ...systemClock, sleep: (duration, within) => systemClock.sleep(seconds(duration / 100), within) },
  };
  await expect(commitReceived(io, people.named, offsets, received)).rejects.toMatchObject({
    code: 'change-refused',
    message: `nothing is committed for group billing: ${why}`,
  });
  expect(offsets.moves).toBe(0);
});

const chosen = [{ topic: '%DLQ%billing', partition: 0, brokerName: 'broker-a', offset: 7n, target: 'payments' }];
const at = (perSecond: number) => plannedResend({ topic: '%DLQ%billing', perSecond }, chosen);

test('a resend that was planned by a version without Chinese texts can be approved and executed', async () => {
  await using people = await twoPeople();
  const former = {
    schemaVersion: 1,
    cluster: 'orders',
    clusterId: 'prod',
    ...what,
    steps: ['send at most 10 msg/s', 'send message broker-a:0@7 of %DLQ%billing to payments'],
    exact: { messages: [{ message: 'broker-a:0@7', to: 'payments' }], perSecond: 10, topic: '%DLQ%billing' },
  };
  await writeFile(people.path('plan.json'), JSON.stringify(former, undefined, 2));
  const { stdout, stderr } = await people.approve('--lang', 'zh');
  expect(stdout, stderr).toContain('\n  send at most 10 msg/s\n');
  await expect(people.execute({ steps: at(1000) })).rejects.toThrow('it is for another plan');
  const approval = {
    approver: 'alice',
    digest: 'sha256:d5f7d82ba4dfa14e24bd248f826e96ebbde113cc8abc28ea7130ec3b4de3ddbf',
  };
  expect(await people.execute({ steps: at(10) })).toMatchObject({ approval });
});

test('a resend at another rate is another plan', async () => {
  await using people = await twoPeople();
  await people.plan(at(10));
  expect((await people.approve()).stdout).toContain('send at most 10 msg/s\n');
  await expect(people.execute({ steps: at(1000) })).rejects.toThrow('it is for another plan');
  expect(await people.execute({ steps: at(10) })).toMatchObject({ approval: { approver: 'alice' } });
});
