import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBackup } from '../../../../ops/offsets/backup.ts';
import { startGroupWithoutMaster } from '../../../support/group-without-master.ts';
import { runWords } from '../../../support/run-words.ts';

const asked = (...words: string[]) => askedOf(() => startGroupWithoutMaster(), ...words);

async function askedOf(start: () => ReturnType<typeof startGroupWithoutMaster>, ...words: string[]) {
  await using peer = await start();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-offsets-'));
  const ended = await runWords('ops', 'offsets', ...words, '--namesrv', peer.address, '--state-dir', folder.path);
  return { ...ended, files: await readdir(folder.path) };
}

test.each([
  { topic: [], message: 'broker group broker-b of cluster rocketmq has no master now' },
  { topic: ['--topic', 'orders'], message: 'cannot read the offsets of billing in orders broker-b:0' },
])('backup and copy fail instead of leaving out a broker without a master: $message', async ({ topic, message }) => {
  const backup = await asked('backup', '--group', 'billing', ...topic);
  expect(backup).toMatchObject({ exitCode: 5, stdout: '', files: [] });
  expect(backup.stderr).toContain(message);
  const copy = await asked('copy', '--group', 'billing-v2', '--from', 'billing', ...topic);
  expect(copy).toMatchObject({ exitCode: 5, stdout: '' });
  expect(copy.stderr).toContain(message);
});

test('backup and copy leave out static and lite topics of a group, and name them', async () => {
  const start = () => startGroupWithoutMaster(0, () => 5, 'orders', true);
  const left =
    'orders is a static topic, whose queues are mapped to brokers; sessions (lite topics) accept commits only of members';
  const whole = await askedOf(start, 'backup', '--group', 'billing');
  expect(whole).toMatchObject({ exitCode: 0, files: ['offset-backups'] });
  expect(whole.stdout).toMatch(/^offsets of billing in refunds saved: 1, in \S+; not saved: /);
  expect(whole.stdout).toContain(`; not saved: ${left}\n`);
  const copy = await askedOf(start, 'copy', '--group', 'billing-v2', '--from', 'billing');
  expect(copy).toMatchObject({ exitCode: 0, stderr: '' });
  expect(copy.stdout).toMatch(/^refunds +broker-a:0 +0 +9 +never +3 /m);
  expect(copy.stdout).toContain(`warning: Not copied: ${left}. Group billing-v2 keeps its offsets there.\n`);
  const alone = await askedOf(start, 'backup', '--group', 'billing', '--topic', 'orders');
  expect(alone).toMatchObject({ exitCode: 5, stdout: '', files: [] });
  expect(alone.stderr).toContain('orders is a static topic');
});

test('the file of a backup names the topics that it does not contain', async () => {
  await using peer = await startGroupWithoutMaster(0, undefined, undefined, true);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-offsets-'));
  const file = join(folder.path, 'backup.json');
  await runWords('ops', 'offsets', 'backup', '--group', 'billing', '--namesrv', peer.address, '--out', file);
  const { notSaved } = await readBackup(file, { broker: 'rocketmq', cluster: 'rocketmq', group: 'billing' });
  expect(notSaved).toMatchObject([{ topic: 'sessions (lite topics)' }]);
});

test('backs up offsets of a topic on other brokers although one broker has no master', async () => {
  const { exitCode, files } = await asked('backup', '--group', 'billing', '--topic', 'refunds');
  expect({ exitCode, files }).toEqual({ exitCode: 0, files: ['offset-backups'] });
});

test('restores one topic of a backup, another topic of which was deleted', async () => {
  await using peer = await startGroupWithoutMaster(0);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-offsets-'));
  const file = join(folder.path, 'backup.json');
  const of = { broker: 'rocketmq', cluster: 'rocketmq', group: 'billing', takenAt: '2026-11-30T08:00:00Z' };
  const positions = ['gone', 'refunds'].map((topic) => ({
    topic,
    partition: 0,
    brokerName: 'broker-a',
    committed: '1',
  }));
  await writeFile(file, JSON.stringify({ schemaVersion: 1, kind: 'group-offsets', ...of, positions }));
  const restored = async (...topic: string[]) => {
    const words = ['restore', '--group', 'billing', '--from', file, ...topic];
    return await runWords('ops', 'offsets', ...words, '--namesrv', peer.address, '--state-dir', folder.path);
  };
  expect((await restored()).stderr).toContain('the cluster has no topic gone');
  expect((await restored('--topic', 'shipped')).stderr).toContain('has no topic shipped');
  const { stdout } = await restored('--topic', 'refunds');
  expect(stdout).toMatch(/^refunds +broker-a:0 +0 +9 +3 +1 /m);
});

test('does not receive messages that cannot be committed', async () => {
  await using peer = await startGroupWithoutMaster();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-offsets-'));
  const words = ['--topic', 'orders', '--group', 'shipping', '--commit', '--state-dir', folder.path];
  const { exitCode, stdout, stderr } = await runWords('receive', ...words, '--namesrv', peer.address);
  expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
  expect(stderr).toContain('nothing is committed for group shipping: broker-b has no master now');
  // PULL_MESSAGE
  expect(peer.received.filter(({ code }) => code === 11)).toEqual([]);
});
