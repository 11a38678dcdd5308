// How does a load test run from the command line?

import { AppError, exitCodes } from '../../core/errors.ts';
import { abortWithParent, isInside, runInside } from '../../loadgen/execute/network-namespace.ts';
import { faultOf } from '../../loadgen/execute/run.ts';
import type { Command, CommandIo } from '../command.ts';
import { configFileOption, configPath, loadConfig } from '../config.ts';
import { confirmOption } from '../confirm.ts';
import type { CleanedUp } from '../../loadgen/execute/clean-up.ts';
import { cleanUpRun } from '../load/clean-up-run.ts';
import { planOrResume, textOption } from '../load/asked-run.ts';
import { carryOut } from '../load/carry-out.ts';
import { findCluster } from '../load/find-cluster.ts';
import { describeAllowance } from '../load/prepare-load.ts';
import { unmonitoredTexts } from '../load/unmonitored.ts';
import { describePlan } from '../dry-run/describe-plan.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { planDocument } from '../dry-run/plan-document.ts';
import { endTexts, exitCodeOf, resultDocument } from '../run-result.ts';
import { searchStart } from '../search-start.ts';

export const runCommand = {
  name: 'run',
  positionals: '[WORKLOAD]',
  options: {
    config: configFileOption,
    cluster: { type: 'string', value: 'NAME', help: 'name of the cluster in the config file, if there are several' },
    workload: {
      type: 'string',
      value: 'FILE',
      help: 'workload YAML file, same as WORKLOAD; the options below override it',
    },
    'rate-steps': {
      type: 'string',
      value: 'RATES',
      help: 'target rates in messages per second, one per step, such as 1000,2000,4000',
    },
    'step-duration': { type: 'string', value: 'TIME', help: 'duration of each step (default 20s)' },
    'warm-up': {
      type: 'string',
      value: 'TIME',
      help: 'time at the first rate before measuring starts (default 10s)',
    },
    'message-size': { type: 'string', value: 'BYTES', help: 'size of the message value, such as 500 or 1KiB' },
    groups: { type: 'string', value: 'N', help: 'number of consumer groups; each reads every message (default 1)' },
    workers: { type: 'string', value: 'N', help: 'number of worker threads (default 1)' },
    topic: {
      type: 'string',
      value: 'NAME',
      help: 'topic to use; created for the run if it does not exist (default plimsoll-<run id>)',
    },
    partitions: { type: 'string', value: 'N', help: 'number of partitions of the topic (default 12)' },
    'replication-factor': {
      type: 'string',
      value: 'N',
      help: 'replication factor of the topic (default 3, or the number of brokers if smaller)',
    },
    acks: { type: 'string', value: 'WHO', help: 'acknowledgements to wait for: all, leader or none (default all)' },
    seed: { type: 'string', value: 'N', help: 'random seed of the message contents (default 1)' },
    out: {
      type: 'string',
      value: 'DIR',
      help: 'folder for the run bundle; must not exist (default runs/<run id>)',
    },
    degraded: {
      type: 'string',
      value: 'BROKERS',
      help: 'measure without these brokers (ids, such as 2 or 2,3): waits until they are down and their leaders have moved; needs an existing topic',
    },
    'predicted-by': {
      type: 'string',
      value: 'RUN',
      help: 'with --degraded: use the topic of this earlier run; `plimsoll analyze` then compares its prediction with the measurement',
    },
    'accept-blind': {
      type: 'boolean',
      help: 'run even if some brokers have no host metrics; `plimsoll ready` lists them',
    },
    resume: {
      type: 'string',
      value: 'DIR',
      help: 'resume the run of this bundle at the unfinished step or trial',
    },
    cleanup: {
      type: 'string',
      value: 'DIR',
      help: 'send nothing; delete the topics and groups left by the killed run of this bundle',
    },
    confirm: {
      ...confirmOption,
      help: `with --cleanup: ${confirmOption.help}`,
    },
    calibrate: {
      type: 'boolean',
      help: 'first measure the limit of the load generator against a broker that does nothing (default for searches and runs longer than a minute)',
    },
    'no-calibration': { type: 'boolean', help: 'skip the calibration' },
    'no-ledger': { type: 'boolean', help: 'skip the delivery check: no checksums, no count of lost messages' },
    'keep-topic': { type: 'boolean', help: 'keep the topic and consumer groups after the run' },
    'dry-run': { type: 'boolean', help: 'print the plan; contact no broker and write nothing' },
    json: { type: 'boolean', help: 'print the result as one JSON document' },
  },
  examples: [
    'plimsoll run --rate-steps 1000,2000,4000 --message-size 500',
    'plimsoll run --config lab.yaml --rate-steps 5000 --step-duration 10m --message-size 1KiB --groups 2 --out runs/soak',
    'plimsoll run examples/workloads/steps-500-bytes.yaml --dry-run',
    'plimsoll run --degraded 2 --predicted-by runs/all-brokers --rate-steps 1000,2000,3000 --message-size 500',
    'plimsoll run --resume runs/soak',
    'plimsoll run --cleanup runs/soak --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { options, stdout, stderr, environment, signal: interrupted } = io;
    const config = await loadConfig(configPath(options['config']), { signal: interrupted });
    const namespace = config.loadgen?.networkNamespace;
    const isOutside = namespace !== undefined && !isInside(namespace, environment);
    const leftBehind = textOption(options, 'cleanup');
    if (leftBehind !== undefined) {
      if (isOutside) return runInside(namespace, { signal: interrupted, environment });
      return tellCleanUp(await cleanUpRun(leftBehind, (name) => findCluster(config, name).cluster, io), io);
    }
    const { plan, resumption } = await planOrResume(config, io);
    if (options['dry-run'] === true) {
      const page = {
        columns: stdout.columns,
        isPlain: !knowsUnicode(environment),
        allowance: describeAllowance(plan, findCluster(config, plan.cluster.name).cluster, io.clock),
        notMonitored: unmonitoredTexts(findCluster(config, plan.cluster.name).cluster),
      };
      stdout.write(
        options['json'] === true
          ? `${JSON.stringify(planDocument(plan))}\n`
          : describePlan(plan, namespace, page, searchStart(plan, config)),
      );
      return exitCodes.answered;
    }
    if (isOutside) return runInside(namespace, { signal: interrupted, environment });
    const parentGone = new AbortController();
    if (namespace !== undefined) {
      abortWithParent(() =>
        parentGone.abort(new AppError('aborted', 'the process outside the network namespace is gone')),
      );
    }
    const signal = AbortSignal.any([interrupted, parentGone.signal]);

    const outcome = await carryOut(plan, config, { ...io, signal }, resumption);
    const fault = faultOf(outcome);
    if (fault !== undefined) throw fault;
    if (options['json'] === true) stdout.write(`${JSON.stringify(resultDocument(outcome), undefined, 2)}\n`);
    else stdout.write(`${outcome.directory}\n`);
    // A script takes the folder from standard output; people read this.
    for (const line of endTexts(outcome)) stderr.write(`${line}\n`);
    stderr.write(`next: plimsoll analyze ${outcome.directory}\n`);
    return exitCodeOf(outcome);
  },
} satisfies Command;

/** @throws AppError broker-refused when something is still there */
function tellCleanUp({ deleted, left }: CleanedUp, { options, stdout }: CommandIo): number {
  const lines = [
    ...deleted.topics.map((name) => `deleted topic ${name}`),
    ...deleted.groups.map((name) => `deleted group ${name}`),
  ];
  const isJson = options['json'] === true;
  if (left.length === 0 && isJson) stdout.write(`${JSON.stringify({ schemaVersion: 1, deleted, left })}\n`);
  if (!isJson) {
    const nothing = left.length === 0 ? 'there was nothing to delete\n' : '';
    stdout.write(lines.length === 0 ? nothing : lines.map((line) => `${line}\n`).join(''));
  }
  if (left.length === 0) return exitCodes.answered;
  throw new AppError('broker-refused', left.map(({ what, reason }) => `${what}: ${reason}`).join('; '));
}
