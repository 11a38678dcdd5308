import { expect, test } from 'vitest';
import type { PreparedAction } from '../../../../core/documents/event-outlook.ts';
import { eventPageCommands } from '../../../support/printed-commands.ts';
import { withSteps } from '../../../../service/status/prepared-actions.ts';

const action = (...commands: string[]): PreparedAction => ({
  kind: 'ready',
  lever: 'quota',
  gain: { low: 1, high: 2 },
  targets: [],
  commands,
  evidence: 'measured',
  evidenceZh: '实测',
});
const stepOf = (command: string, broker: 'kafka' | 'rocketmq') => withSteps(action(command), broker).steps?.[0];

test('a plimsoll command is checked by its plan, run with --execute, and lists its permissions', () => {
  const command = 'plimsoll ops kafka reassign --cluster orders --topics top-tps:20';
  const step = stepOf(command, 'kafka');
  expect(step).toMatchObject({ check: command, execute: `${command} --execute` });
  expect(step?.permissions).toContain('topic TOPIC: Describe (find the replicas)');
  const queues = stepOf('plimsoll ops rocketmq queues --cluster c --topic t --to 8 --broker b', 'rocketmq');
  expect(queues?.permissions).toContain('topic TOPIC: CREATE (change the number of queues)');
});

test.each([
  [
    'plimsoll ops kafka alter-quotas --cluster c --client billing --set producer_byte_rate=100',
    'cluster: AlterConfigs',
  ],
  ['plimsoll ops kafka alter-topic --cluster c --topic t --set retention.ms=100', 'topic TOPIC: AlterConfigs'],
])('%s lists its permissions', (command, permission) => {
  expect(stepOf(command, 'kafka')?.permissions).toContainEqual(expect.stringContaining(permission));
});

test('each prepared action lists its permissions', () => {
  const without = eventPageCommands().filter((command) => {
    const broker = command.startsWith('plimsoll ops kafka ') ? 'kafka' : 'rocketmq';
    return stepOf(command, broker)?.permissions.length === 0;
  });
  expect(without).toEqual([]);
});
