import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
  [['queues', '--to', '4'], '--topic is missing'],
  [['queues', '--topic', 'orders'], '--to takes a whole number'],
  [['queues', '--topic', 'orders', '--to', '2.5'], '--to takes a whole number'],
  [['name-servers'], 'one of --add, --remove and --replace'],
  [['name-servers', '--add', '10.0.0.7'], 'an address is written host:port'],
  [['name-servers', '--replace', 'a:1=b:1=c:1'], 'is not OLD=NEW'],
  [['scale-in', '--broker', 'b', '--wait', 'soon'], '--wait: "soon" is not a duration'],
  [['scale-in', '--broker', 'b', '--quiet', '0s'], '--quiet: no time is no proof'],
  [['scale-in', '--broker', 'b', '--execute', '--abort'], '--execute and --abort exclude each other'],
  [['scale-in', '--broker', 'b', '--notice', 'fr'], 'a notice is written in zh or en'],
  [['scale-in', '--broker', 'b', '--resume'], 'there is no scale-in of b to resume'],
] as const)('%j is answered with exit code 2 and what is wrong', async (words, message) => {
  const { exitCode, stderr, stdout } = await asked(...words, ...nobody);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('a cluster that nobody answers for is exit code 5, in JSON too', async () => {
  const { exitCode, stdout } = await asked('check-routes', ...nobody, '--json');
  expect(exitCode).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'broker-unreachable' } });
});
