// Declares `plimsoll ops rocketmq alter-group`.

import { defineGroupOptions, runDefineGroup } from '../rocketmq/define-group.ts';
import { defineCommand } from '../command.ts';

export const opsRocketmqAlterGroupCommand = defineCommand({
  options: defineGroupOptions,
  examples: [
    'plimsoll ops rocketmq alter-group --cluster orders --group billing --set retryMaxTimes=5',
    'plimsoll ops rocketmq alter-group --cluster orders --group billing --set retryMaxTimes=5 --execute',
  ],
  run: (io) => runDefineGroup(io, 'alter'),
});
