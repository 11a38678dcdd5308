// Declares `plimsoll ops rocketmq delete-group`.

import { deleteGroup, planDeleteGroup } from '../../ops/rocketmq/groups/delete-group.ts';
import { deletionOptions, groupOption, rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { defineCommand } from '../command.ts';

export const opsRocketmqDeleteGroupCommand = defineCommand({
  options: { ...rocketmqAdministrationOptions, group: groupOption, ...deletionOptions },
  examples: [
    'plimsoll ops rocketmq delete-group --cluster orders --group billing-old',
    'plimsoll ops rocketmq delete-group --cluster orders --group billing-old --execute --confirm DefaultCluster --confirm-name billing-old',
  ],

  async run(io) {
    const { group } = io.options;
    return changeRocketmq(io, (tools) => ({
      kind: deleteGroup,
      subject: group,
      deletes: group,
      plan: (within) => planDeleteGroup(tools, group, within),
    }));
  },
});
