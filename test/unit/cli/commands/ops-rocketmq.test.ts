import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newJournal, saveJournal, journalFile } from '../../../../ops/change/journal.ts';
import { runWords } from '../../../support/run-words.ts';

const nobody = ['--namesrv', '127.0.0.1:1'];
const asked = async (...words: string[]) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-rocketmq-'));
  return await runWords(
    'ops',
    'rocketmq',
    ...words,
    ...(words[0] === 'check-routes' ? [] : ['--state-dir', folder.path]),
  );
};

test.each([
  [['scale-in'], '--broker is missing'],
  [['scale-out'], '--broker is missing'],
  [['clean'], '--what is missing: what the brokers delete: expired-consume-queues, unused-topics, expired-commit-log'],
  [['queues', '--to', '4'], '--topic is missing'],
  [['queues', '--topic', 'orders'], '--to takes a whole number'],
  [['queues', '--topic', 'orders', '--to', '2.5'], '--to: 2.5 is not a whole number'],
  [['alter-topic', '--topic', 'orders', '--set', 'perm=4'], '--set: perm is not an attribute of a topic'],
  [
    ['alter-topic', '--topic', 'orders', '--set', 'mesage.type=FIFO'],
    '--set: mesage.type is not an attribute of a topic',
  ],
  [['name-servers'], 'one of --add, --remove and --replace'],
  [['name-servers', '--add', '10.0.0.7'], 'expected host:port'],
  [['name-servers', '--replace', 'a:1=b:1=c:1'], 'is not OLD=NEW'],
  [['scale-in', '--broker', 'b', '--wait', 'soon'], '--wait: "soon" is not a duration'],
  [['scale-in', '--broker', 'b', '--quiet', '0s'], '--quiet: give more than 0s'],
  [['scale-in', '--broker', 'b', '--execute', '--abort'], '--execute and --abort exclude each other'],
  [['scale-in', '--broker', 'b', '--gone', 'b'], '--gone ends a rollback: give it with --abort'],
  [['scale-in', '--broker', 'b', '--gone', 'b', '--resume'], '--gone ends a rollback: give it with --abort'],
  [
    ['alter-config', '--all-brokers', '--set', 'fileReservedTime=48', '--gone', 'b', '--execute'],
    '--gone ends a rollback: give it with --abort',
  ],
  [['scale-in', '--broker', 'b', '--notice', 'fr'], 'is not a language of a notice: zh or en'],
  [
    ['alter-user', '--user', 'shop', '--password-file', '/nonexistent'],
    'cannot read --password-file /nonexistent: no such file',
  ],
  [['scale-in', '--broker', 'b', '--resume'], 'no scale-in of b to resume'],
  [['scale-in', '--broker', 'b:0', '--resume'], 'no scale-in of b to resume'],
] as const)('rejects %j with exit code 2 and the reason', async (words, message) => {
  const { exitCode, stderr, stdout } = await asked(...words, ...nobody);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('an unreachable cluster exits with 5, in JSON too', async () => {
  const { exitCode, stdout } = await asked('check-routes', ...nobody, '--json');
  expect(exitCode).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'broker-unreachable' } });
});

test('an abort with a journal rolls back without a name server, and reports what it could not restore', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ops-rocketmq-'));
  const named = { cluster: 'orders', clusterId: 'DefaultCluster', change: 'scale-in', subject: 'broker-b' };
  const journal = newJournal(
    {
      ...named,
      facts: {
        brokerName: 'broker-b',
        members: [{ brokerId: 0, address: '127.0.0.1:1', permission: 6 }],
        topics: [],
        names: [],
        quietSeconds: 60,
        delaySeconds: [],
        ignoredGroups: [],
        giveUpReplay: false,
      },
    },
    new Date('2026-11-20T10:00:00.000Z'),
  );
  journal.steps.push({ id: 'close-writes', begunAt: journal.startedAt, evidence: [] });
  const path = journalFile(folder.path, 'rocketmq-changes', ['rocketmq', 'scale-in', 'broker-b']);
  await saveJournal(path, journal);
  const words = ['ops', 'rocketmq', 'scale-in', '--broker', 'broker-b', ...nobody, '--state-dir', folder.path];
  const resumed = await runWords(...words, '--resume');
  expect(resumed.exitCode).toBe(5);
  const { exitCode, stderr } = await runWords(...words, '--abort', '--confirm', 'DefaultCluster');
  expect(exitCode).toBe(5);
  expect(stderr).toContain('rolling back on the brokers that can be reached');
  expect(stderr).toContain('rolling back without the lease of the cluster');
  expect(stderr).toContain('rollback incomplete: ');
});

test('an attribute of a newer release is left to the broker', async () => {
  const { stderr } = await asked('alter-topic', '--topic', 'orders', '--set', 'message.ttl=60', ...nobody);
  expect(stderr).toContain('127.0.0.1:1');
});
