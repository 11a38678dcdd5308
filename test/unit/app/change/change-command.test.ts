import { expect, test } from 'vitest';
import { commandOf } from '../../../../app/change/change-command.ts';
import { commandsIn } from '../../../../cli/command-list.ts';
import { commands } from '../../../../cli/registry.ts';
import type { BrokerKind } from '../../../../core/cluster.ts';
import { newJournal } from '../../../../ops/change/journal.ts';

const wordsOf = (broker: BrokerKind, change: string, subject: string, facts: Record<string, unknown> = {}) => {
  const journal = newJournal({ cluster: 'lab', change, subject, facts }, new Date());
  return commandOf({ ...journal, facts, path: '' }, broker).join(' ');
};

const begun = [
  wordsOf('kafka', 'create-topic', 'orders'),
  wordsOf('kafka', 'delete-topic', 'orders'),
  wordsOf('kafka', 'delete-group', 'billing'),
  wordsOf('kafka', 'settings', 'topic orders', { of: { kind: 'topic', name: 'orders' } }),
  wordsOf('kafka', 'settings', 'broker 1', { of: { kind: 'broker', name: '1' } }),
  wordsOf('kafka', 'settings', 'all brokers', { of: { kind: 'broker', name: '' } }),
  wordsOf('kafka', 'quota', 'user alice', { of: { user: 'alice', clientId: null } }),
  wordsOf('rocketmq', 'define-topic', 'orders'),
  wordsOf('rocketmq', 'delete-topic', 'orders'),
  wordsOf('rocketmq', 'define-group', 'billing'),
  wordsOf('rocketmq', 'delete-group', 'billing'),
  wordsOf('rocketmq', 'broker-settings', 'broker-a'),
  wordsOf('rocketmq', 'broker-settings', 'all-brokers'),
  wordsOf('rocketmq', 'clean', 'unused-topics'),
];

test.each(begun)('an existing command continues or rolls back `%s`', async (words) => {
  const listed = commandsIn(commands).find(({ name }) => words.startsWith(`${name} `));
  const options = Object.keys((await listed?.load())?.options ?? {});
  const given = [...words.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option);
  expect(given.length).toBeGreaterThan(0);
  expect(options).toEqual(expect.arrayContaining([...given, 'resume', 'abort']));
});

test('the command for a quota names the entity of the quota', () => {
  expect(wordsOf('kafka', 'quota', 'user alice', { of: { user: 'alice', clientId: null } })).toBe(
    'ops kafka alter-quotas --user alice --default-client',
  );
});
