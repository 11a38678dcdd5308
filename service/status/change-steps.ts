// Lists how a prepared command is checked first, how it is executed, and the least permissions of both.

import { kafkaFeatures } from '../../brokers/kafka/permissions.ts';
import { rocketmqFeatures } from '../../brokers/rocketmq/permissions.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { PreparedAction } from '../../core/documents/event-outlook.ts';
import type { ChangeStep, ShownAction } from '../../dashboards/web/prepared-change.ts';

/** Of `docs/permissions.md`, by what a user runs. */
const features: ByKind<readonly { commands: readonly string[]; permissions: readonly string[] }[]> = {
  kafka: Object.values(kafkaFeatures).map(({ commands, grants }) => ({
    commands,
    permissions: grants.map(({ resource, name, operation, use }) =>
      resource === 'cluster' ? `cluster: ${operation} (${use})` : `${resource} ${name}: ${operation} (${use})`,
    ),
  })),
  rocketmq: Object.values(rocketmqFeatures).map(({ commands, grants }) => ({
    commands,
    permissions: grants.map(({ resource, name, action, use }) => `${resource} ${name}: ${action} (${use})`),
  })),
};

/** Of the brokers' own tools. Kafka: security.html#operations_resources_and_protocols; RocketMQ: an administrator. */
const tools: readonly { begin: RegExp; check?: (command: string) => string; permissions: readonly string[] }[] = [
  {
    begin: /^kafka-configs\.sh .*--entity-type clients /,
    check: described,
    permissions: ['cluster: DescribeConfigs (read client quotas)', 'cluster: AlterConfigs (set client quotas)'],
  },
  {
    begin: /^kafka-configs\.sh .*--entity-type topics /,
    check: described,
    permissions: ['topic TOPIC: DescribeConfigs (read its settings)', 'topic TOPIC: AlterConfigs (set them)'],
  },
  { begin: /^kafka-leader-election\.sh /, permissions: ['cluster: Alter (elect leaders)'] },
  {
    begin: /^mqadmin updateBrokerConfig /,
    check: (command) => command.replace('updateBrokerConfig', 'getBrokerConfig').replace(/ -k \S+ -v \S+$/, ''),
    permissions: ['administrator account (change settings of brokers)'],
  },
];

/** The same tool, showing what is set now. */
function described(command: string): string {
  return command.replace(' --alter ', ' --describe ').replace(/ --add-config \S+$/, '');
}

/** @returns the action with the steps of its commands; of others itself */
export function withSteps(action: PreparedAction, broker: BrokerKind): ShownAction {
  return action.kind === 'ready' ? { ...action, steps: action.commands.map((each) => stepOf(each, broker)) } : action;
}

/** Commands of Plimsoll only plan without `--execute`. */
function stepOf(command: string, broker: BrokerKind): ChangeStep {
  const own = /^plimsoll (.+)$/.exec(command)?.[1];
  if (own !== undefined) {
    const feature = features[broker].find(({ commands }) => commands.some((each) => own.startsWith(`${each} `)));
    return { check: command, execute: `${command} --execute`, permissions: feature?.permissions ?? [] };
  }
  const tool = tools.find(({ begin }) => begin.test(command));
  const check = tool?.check?.(command);
  return { ...(check !== undefined && { check }), execute: command, permissions: tool?.permissions ?? [] };
}
