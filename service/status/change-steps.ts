// Lists how to check a prepared command first, how to execute it, and the least permissions of both.

import { kafkaFeatures } from '../../brokers/kafka/permissions.ts';
import { rocketmqFeatures } from '../../brokers/rocketmq/permissions.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { PreparedAction } from '../../core/documents/event-outlook.ts';
import type { ChangeStep, ShownAction } from '../../dashboards/web/prepared-change.ts';

/** Features of `docs/permissions.md`, by the command of the user. */
const features: ByKind<readonly { commands: readonly string[]; permissions: readonly string[] }[]> = {
  kafka: Object.values(kafkaFeatures).map(({ commands, grants }) => ({
    commands,
    permissions: grants.map(({ resource, name, operation, use }) =>
      resource === 'cluster' ? `cluster: ${operation} (${use})` : `${resource} ${name}: ${operation} (${use})`,
    ),
  })),
  rocketmq: Object.values(rocketmqFeatures).map(({ commands, grants }) => ({
    commands,
    permissions:
      grants.length === 0
        ? ['an account; for RocketMQ 4.x with `admin: true` in plain_acl.yml']
        : grants.map(({ resource, name, action, use }) => `${resource} ${name}: ${action} (${use})`),
  })),
};

/** @returns the action with the steps of its commands; other kinds of actions unchanged */
export function withSteps(action: PreparedAction, broker: BrokerKind): ShownAction {
  return action.kind === 'ready' ? { ...action, steps: action.commands.map((each) => stepOf(each, broker)) } : action;
}

/** Without `--execute`, every command only plans. */
function stepOf(command: string, broker: BrokerKind): ChangeStep {
  const own = command.replace(/^plimsoll /, '');
  const feature = features[broker].find(({ commands }) => commands.some((each) => own.startsWith(`${each} `)));
  return { check: command, execute: `${command} --execute`, permissions: feature?.permissions ?? [] };
}
