// Declares `plimsoll ops rocketmq delete-group`.

import { administerRocketmq } from '../../app/change/administration/administer-rocketmq.ts';
import { deleteGroup, planDeleteGroup } from '../../ops/rocketmq/groups/delete-group.ts';
import { deletionOptions, groupOption, rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';

export const opsRocketmqDeleteGroupCommand = defineCommand({
  name: 'ops rocketmq delete-group',
  options: { ...rocketmqAdministrationOptions, group: groupOption, ...deletionOptions },
  examples: [
    'plimsoll ops rocketmq delete-group --cluster orders --group billing-old',
    'plimsoll ops rocketmq delete-group --cluster orders --group billing-old --execute --confirm DefaultCluster --confirm-name billing-old',
  ],

  async run(io) {
    const { group } = io.options;
    const state = await administerRocketmq(io, {
      kind: deleteGroup,
      subject: group,
      deletes: group,
      plan: (tools, within) => planDeleteGroup(tools, group, within),
    });
    return printChange(io, state);
  },
});
