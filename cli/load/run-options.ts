// Declares the options of `plimsoll run`; load options have the name of the workload file key that they override.

import { Amount, type CommandIo, commaSeparated, flag, number, option, type OptionValues, text } from '../command.ts';
import { configFileOption } from '../options.ts';
import { confirmOption } from '../confirm.ts';
import { z } from 'zod';

/** The schema of the workload file completes them and checks ranges. */
const workloadOptions = {
  'rate-steps': option(
    'RATES',
    'target rates in messages per second, one per step, such as 1000,2000,4000',
    commaSeparated(Amount).optional(),
  ),
  'step-duration': text('TIME', 'duration of each step (default 20s)'),
  'warm-up': text('TIME', 'time at the first rate before measuring starts (default 10s)'),
  'message-size': option(
    'BYTES',
    'size of the message value, such as 500 or 1KiB',
    z
      .string()
      .transform((size) => (/^\d+$/.test(size) ? `${size}B` : size))
      .optional(),
  ),
  groups: number('N', 'number of consumer groups; each reads every message (default 1)'),
  workers: number('N', 'number of worker threads (default 1)'),
  topic: text('NAME', 'topic to use; created for the run if it does not exist (default plimsoll-<run id>)'),
  partitions: number('N', 'number of partitions of the topic (default 12)'),
  'replication-factor': number('N', 'replication factor of the topic (default 3, or the number of brokers if smaller)'),
  acks: text('WHO', 'acknowledgements to wait for: all, leader or none (default all)'),
  seed: number('N', 'random seed of the message contents (default 1)'),
};

/** Exceptions to the rule that workload keys are option names in camel case. */
const keys: Readonly<Record<string, string>> = { 'rate-steps': 'rates' };

const keyOf = (name: string) => keys[name] ?? name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** @returns overrides of the workload file, by its keys */
export const workloadValues = (options: RunOptions): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(workloadOptions)
      .map((name) => [keyOf(name), options[name as keyof typeof workloadOptions]] as const)
      .filter(([, value]) => value !== undefined),
  );

export const runOptions = {
  config: configFileOption,
  cluster: text('NAME', 'name of the cluster in the config file (default: the only one)'),
  workload: text(
    'FILE',
    'workload YAML file, same as WORKLOAD, such as a search for the safe maximum (`kind: find-safe`); the options below override it',
  ),
  ...workloadOptions,
  out: text('DIR', 'folder for the run bundle; must not exist (default runs/<run id>)'),
  degraded: option(
    'BROKERS',
    'measure without these brokers (ids, such as 2 or 2,3): waits until they are down and their leaders have moved; needs an existing topic',
    commaSeparated(z.string().min(1, { error: 'a broker id is empty' })).optional(),
  ),
  'predicted-by': text(
    'RUN',
    'with --degraded: use the topic of this earlier run; `plimsoll analyze` then compares its prediction with the measurement',
  ),
  'accept-blind': flag('run even if some brokers have no host metrics; `plimsoll ready` lists them'),
  resume: text('DIR', 'resume the run of this bundle at the unfinished step or trial'),
  cleanup: text('DIR', 'send nothing; delete the topics and groups left by the killed run of this bundle'),
  confirm: { ...confirmOption, help: `with --cleanup: ${confirmOption.help}` },
  calibrate: flag(
    'first measure the maximum of the load generator against a built-in broker that does nothing (default for searches and runs longer than a minute)',
  ),
  'no-calibration': flag('skip the calibration'),
  'no-delivery-check': {
    ...flag('skip the delivery check: no checksums, no count of lost messages'),
    formerly: 'no-ledger',
  },
  'keep-topic': flag('keep the topic and consumer groups after the run'),
  'dry-run': flag('print the plan; contact no broker and write nothing'),
  json: flag('print the result as one JSON document'),
};

/** Also for other commands that run load tests, which declare some of them. */
export type RunOptions = Partial<OptionValues<typeof runOptions>>;
export type RunIo = CommandIo<RunOptions>;
