// Declares `plimsoll ops rocketmq alter-acl`.

import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { alterRocketmqAcl, planRocketmqAcl } from '../../ops/rocketmq/access/alter-acl.ts';
import { goneOption, rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { choice, defineCommand, flag, list, option, text } from '../command.ts';

/** Values of RocketMQ's Action, except internal ones. */
const actions = ['All', 'Pub', 'Sub', 'Create', 'Update', 'Delete', 'Get', 'List'] as const;
const Subject = z.string().regex(/^User:.+$/, { error: ({ input }) => `${String(input)}: write it as User:alice` });

export const opsRocketmqAlterAclCommand = defineCommand({
  options: {
    ...rocketmqAdministrationOptions,
    ...goneOption,
    subject: option('User:NAME', 'who, such as User:alice', Subject),
    topic: text('NAME', 'on this topic; order-* is a prefix, * is all'),
    group: text('NAME', 'on this consumer group; patterns as for topics'),
    'on-cluster': text('NAME', 'on the cluster of this name, as its brokers report it'),
    action: list('NAME', `what: ${actions.join(', ')}`, choice(actions)),
    source: list('ADDRESS', 'only from this address or network (default: any)'),
    deny: flag('deny it; by default the rule allows it'),
    remove: flag('delete the rule; by default it is created or replaced'),
  },
  examples: [
    'plimsoll ops rocketmq alter-acl --cluster orders --subject User:billing --topic order-paid --action Sub',
    'plimsoll ops rocketmq alter-acl --cluster orders --subject User:billing --topic order-paid --remove --execute',
  ],

  async run(io) {
    const { subject, topic, group, 'on-cluster': ofCluster, action, source, deny, remove, resume, abort } = io.options;
    const isBegun = !resume && !abort;
    const places = [
      ...(topic === undefined ? [] : [`Topic:${topic}`]),
      ...(group === undefined ? [] : [`Group:${group}`]),
      ...(ofCluster === undefined ? [] : [`Cluster:${ofCluster}`]),
    ];
    if (isBegun && places.length !== 1) {
      throw new AppError('usage', 'on what? give one of --topic, --group and --on-cluster');
    }
    if (isBegun && remove === action.length > 0) throw new AppError('usage', 'give --action NAME, or --remove');
    const entry = {
      actions: [...new Set(action)],
      sources: [...source],
      decision: deny ? ('deny' as const) : ('allow' as const),
    };
    const spec = { subject, resource: places[0] ?? '', ...(!remove && { entry }) };
    return changeRocketmq(io, (tools) => ({
      kind: alterRocketmqAcl,
      subject,
      plan: (within) => planRocketmqAcl(tools, spec, within),
    }));
  },
});
