import { expect, test } from 'vitest';
import type { PreparedAction } from '../../../../core/documents/event-outlook.ts';
import { withSteps } from '../../../../service/status/change-steps.ts';

const action = (...commands: string[]): PreparedAction => ({
  kind: 'ready',
  lever: 'quota',
  gain: { low: 1, high: 2 },
  targets: [],
  commands,
  evidence: 'measured',
});
const stepOf = (command: string, broker: 'kafka' | 'rocketmq') => withSteps(action(command), broker).steps?.[0];

test('a command of Plimsoll is checked by its plan, and executed with --execute and the permissions of its feature', () => {
  const command = 'plimsoll ops kafka reassign --cluster orders --topics top-tps:20';
  const step = stepOf(command, 'kafka');
  expect(step).toMatchObject({ check: command, execute: `${command} --execute` });
  expect(step?.permissions).toContain('topic TOPIC: Describe (find the replicas)');
  const queues = stepOf('plimsoll ops rocketmq queues --cluster c --topic t --to 8 --broker b', 'rocketmq');
  expect(queues?.permissions).toContain('topic TOPIC: CREATE (change the number of queues)');
});

test.each([
  [
    'kafka-configs.sh --bootstrap-server a:9092 --alter --entity-type clients --entity-name billing --add-config producer_byte_rate=100',
    'kafka-configs.sh --bootstrap-server a:9092 --describe --entity-type clients --entity-name billing',
  ],
  [
    'kafka-configs.sh --bootstrap-server a:9092 --command-config client.properties --alter --entity-type topics --entity-name t --add-config retention.ms=100',
    'kafka-configs.sh --bootstrap-server a:9092 --command-config client.properties --describe --entity-type topics --entity-name t',
  ],
  [
    'mqadmin updateBrokerConfig -n ns:9876 -c DefaultCluster -k fileReservedTime -v 24',
    'mqadmin getBrokerConfig -n ns:9876 -c DefaultCluster',
  ],
])('%s is checked by what is set now', (command, check) => {
  const step = stepOf(command, command.startsWith('mqadmin') ? 'rocketmq' : 'kafka');
  expect(step).toMatchObject({ check, execute: command });
  expect(step?.permissions).not.toEqual([]);
});

test('an election of leaders has no dry run', () => {
  const command = 'kafka-leader-election.sh --bootstrap-server a:9092 --election-type preferred --all-topic-partitions';
  const step = stepOf(command, 'kafka');
  expect([step?.check, step?.execute, step?.permissions]).toEqual([
    undefined,
    command,
    ['cluster: Alter (elect leaders)'],
  ]);
});
