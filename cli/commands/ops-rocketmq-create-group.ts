// Declares `plimsoll ops rocketmq create-group`.

import { defineGroupOptions, runDefineGroup } from '../rocketmq/define-group.ts';
import { defineCommand } from '../command.ts';

export const opsRocketmqCreateGroupCommand = defineCommand({
  options: defineGroupOptions,
  examples: [
    'plimsoll ops rocketmq create-group --cluster orders --group billing --set retryMaxTimes=5',
    'plimsoll ops rocketmq create-group --cluster orders --group billing --set retryMaxTimes=5 --execute',
  ],
  run: (io) => runDefineGroup(io, 'create'),
});
