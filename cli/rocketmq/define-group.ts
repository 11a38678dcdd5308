// Creates or alters a RocketMQ subscription group for a command.

import { AppError } from '../../core/errors.ts';
import { defineGroup } from '../../ops/rocketmq/groups/define-group.ts';
import { planDefineGroup } from '../../ops/rocketmq/groups/plan-define-group.ts';
import {
  assigned,
  assignments,
  groupOption,
  goneOption,
  rocketmqAdministrationOptions,
} from '../change/administration-options.ts';
import { changeRocketmq } from './change-rocketmq.ts';
import { type IoOf, list } from '../command.ts';
import { BrokerName } from './run-change.ts';

export const defineGroupOptions = {
  ...rocketmqAdministrationOptions,
  ...goneOption,
  group: groupOption,
  broker: list(
    'NAME',
    'only on this broker (default: on all that have the group; a new group on all of the only cluster)',
    BrokerName,
  ),
  set: assignments('a field of the group, such as retryMaxTimes=5 or consumeEnable=false'),
};

/** @throws AppError usage if nothing is to be altered; errors of the plan */
export async function runDefineGroup(io: IoOf<typeof defineGroupOptions>, action: 'create' | 'alter'): Promise<number> {
  const { group, broker: brokers, set, resume, abort } = io.options;
  if (action === 'alter' && set.length === 0 && !resume && !abort) {
    throw new AppError('usage', 'nothing to change: give --set FIELD=VALUE');
  }
  const spec = { group, action, brokers, set: assigned(set) };
  return changeRocketmq(io, (tools) => ({
    kind: defineGroup,
    subject: group,
    plan: (within) => planDefineGroup(tools, spec, within),
  }));
}
