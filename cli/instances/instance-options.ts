// Declares the options of the commands that operate instances.

import { leaseOptions } from '../change/administration-options.ts';
import { configFileOption } from '../options.ts';
import { duration, flag, text } from '../command.ts';

export const inventoryOptions = {
  config: configFileOption,
  cluster: text('NAME', 'only instances of this cluster (default: all)'),
  json: flag('print one JSON document'),
};

/** For rolling changes of a cluster under load. */
export const rollingOptions = {
  canary: text(
    'TOPIC',
    'send ten messages a second to this topic, and stop no instance while their p99 is above 1.5 times that at the beginning (default: the canary topic of the exporter)',
  ),
  'abort-when-held': flag(
    'roll back, as --abort does, when a step fails or is held for longer than --wait; exit code 6 then',
  ),
  'accept-refused-sends': flag(
    'stop a RocketMQ master although clients still send to it after 35 s; their sends are refused until it serves again; also with --resume or --abort',
  ),
};

export const instanceChangeOptions = {
  config: configFileOption,
  cluster: text('NAME', 'the cluster of the instances (default: that of the named instance, or the only one)'),
  execute: flag('carry the plan out; without it nothing is changed'),
  resume: flag('continue a change that was interrupted'),
  abort: flag('roll back a change that was interrupted: stopped instances are started again'),
  wait: duration('how long a step may wait, such as 0s or 30m (default 5m); --resume continues later', 300),
  ...leaseOptions,
  json: flag('print one JSON document'),
};
