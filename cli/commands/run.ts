// How does a load test run from the command line?

import { driverOf } from '../../brokers/registry.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { abortWithParent, isInside, runInside } from '../../loadgen/network-namespace.ts';
import type { Resumption } from '../../loadgen/bundle/resumption.ts';
import { createPlan, createRunId, type RunPlan } from '../../loadgen/plan.ts';
import { faultOf, runLoadTest, type RunOutcome } from '../../loadgen/run.ts';
import { startTrafficThread } from '../../loadgen/workers/traffic-thread.ts';
import { askedWorkload, codecOf } from '../asked-workload.ts';
import { hasColours } from '../command-line.ts';
import type { Command, CommandIo } from '../command.ts';
import { configFileOption, configPath, loadConfig, type Config } from '../config.ts';
import type { CleanedUp } from '../../loadgen/clean-up.ts';
import { cleanUpRun } from '../load/clean-up-run.ts';
import { calibrationOf } from '../load/calibration.ts';
import { openWorkers } from '../load/open-workers.ts';
import { checkPlan, describeAllowance, prepareLoad } from '../load/prepare-load.ts';
import { readProvenance } from '../provenance.ts';
import { describePlan } from '../dry-run/describe-plan.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { planDocument } from '../dry-run/plan-document.ts';
import { resumedRun } from '../resumed-run.ts';
import { endTexts, exitCodeOf, resultDocument } from '../run-result.ts';
import { createRunProgress } from '../run-progress.ts';
import { searchStart } from '../search-start.ts';
import { createTelemetrySource } from '../telemetry.ts';

/** Where nobody names the generator's host, this machine is read under this name. */
const unnamedGenerator = 'generator';

export const runCommand = {
  name: 'run',
  summary: 'Drive a load in steps and record it with its hosts and brokers in a run bundle.',
  positionals: '[WORKLOAD]',
  options: {
    config: configFileOption,
    cluster: { type: 'string', value: 'NAME', help: 'which entry of `clusters`, when there are several' },
    workload: {
      type: 'string',
      value: 'FILE',
      help: 'workload YAML, as if it were named without the option; the options below take the place of what it says',
    },
    'rate-steps': { type: 'string', value: 'RATES', help: 'messages per second of each step, such as 1000,2000,4000' },
    'step-duration': { type: 'string', value: 'TIME', help: 'how long each step lasts (default 20s)' },
    'warm-up': {
      type: 'string',
      value: 'TIME',
      help: "load at the first step's rate that is not judged (default 10s)",
    },
    'message-size': { type: 'string', value: 'BYTES', help: 'of the value of each message, such as 500 or 1KiB' },
    groups: { type: 'string', value: 'N', help: 'consumer groups, each reading every message (default 1)' },
    workers: { type: 'string', value: 'N', help: 'producer threads (default 1)' },
    topic: {
      type: 'string',
      value: 'NAME',
      help: 'topic to use; made for the run unless it is there (default plimsoll-<run id>)',
    },
    partitions: { type: 'string', value: 'N', help: 'of the topic (default 12)' },
    'replication-factor': {
      type: 'string',
      value: 'N',
      help: 'of the topic (default 3, or the number of brokers if smaller)',
    },
    acks: { type: 'string', value: 'WHO', help: 'all, leader or none (default all)' },
    seed: { type: 'string', value: 'N', help: 'of the bytes in the messages (default 1)' },
    out: {
      type: 'string',
      value: 'DIR',
      help: 'the run bundle, a folder that does not exist yet (default runs/<run id>)',
    },
    'accept-blind': {
      type: 'boolean',
      help: 'run though not every broker is in sight; `plimsoll ready` says what is missing',
    },
    resume: {
      type: 'string',
      value: 'DIR',
      help: 'go on with the run of this bundle, at the step or trial that was not finished',
    },
    cleanup: {
      type: 'string',
      value: 'DIR',
      help: 'send nothing: delete the topics and groups that the killed run of this bundle made',
    },
    calibrate: {
      type: 'boolean',
      help: 'first drive the workload against a broker that does nothing (default for searches and runs of over a minute)',
    },
    'no-calibration': { type: 'boolean', help: 'do not, whatever the run' },
    'no-ledger': { type: 'boolean', help: 'do not prove each message: no checksums, no account of lost ones' },
    'keep-topic': { type: 'boolean', help: 'leave topic and consumer groups on the cluster' },
    'dry-run': { type: 'boolean', help: 'say what would happen, and touch nothing' },
    json: { type: 'boolean', help: 'print the result as one JSON document' },
  },
  examples: [
    'plimsoll run --rate-steps 1000,2000,4000 --message-size 500',
    'plimsoll run --config lab.yaml --rate-steps 5000 --step-duration 10m --message-size 1KiB --groups 2 --out runs/soak',
    'plimsoll run examples/workloads/steps-500-bytes.yaml --dry-run',
    'plimsoll run --resume runs/soak',
    'plimsoll run --cleanup runs/soak',
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
    abortWithParent(() =>
      parentGone.abort(new AppError('aborted', 'the process outside the network namespace is gone')),
    );
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

async function planOrResume(config: Config, io: CommandIo): Promise<{ plan: RunPlan; resumption?: Resumption }> {
  const directory = textOption(io.options, 'resume');
  if (directory === undefined) return { plan: await planRun(config, io) };
  return resumedRun(directory, (name) => findCluster(config, name), io);
}

async function planRun(config: Config, io: CommandIo): Promise<RunPlan> {
  const { options, clock } = io;
  const asked = await askedWorkload(io);
  const machines = config.loadgen?.workers?.machines;
  const workload = {
    ...asked,
    ...(options['no-ledger'] === true && { ledger: false }),
    // Each of their threads is a producer, and nobody else is one.
    ...(machines && { workers: machines.reduce((sum, { threads }) => sum + threads, 0) }),
  };
  const { name, cluster } = findCluster(config, textOption(options, 'cluster'));
  const directory = textOption(options, 'out');
  return createPlan({
    id: createRunId(clock.now()),
    ...(directory !== undefined && { directory }),
    // Threads are told plain data; a secret goes as the reference it is written as.
    cluster: { name, broker: cluster.broker, config: JSON.parse(JSON.stringify(cluster)) as unknown },
    workload,
    ...(await codecOf(workload, cluster.broker)),
    keepTopic: options['keep-topic'] === true,
    loadTest: cluster.loadTest,
  });
}

const textOption = (options: CommandIo['options'], name: string) =>
  typeof options[name] === 'string' ? options[name] : undefined;

/** @param asked may be left away when there is only one */
function findCluster({ clusters }: Config, asked: string | undefined) {
  const names = Object.keys(clusters);
  const name = asked ?? (names.length === 1 ? names[0] : undefined);
  const cluster = name === undefined ? undefined : clusters[name];
  if (name !== undefined && cluster !== undefined) return { name, cluster };
  const listed = names.length === 0 ? 'the config file has none' : `there are ${names.join(', ')}`;
  throw new AppError('usage', asked === undefined ? `which cluster? ${listed}` : `no cluster ${asked}: ${listed}`, {
    hint: names.length === 0 ? '`plimsoll init` writes a config file for a cluster' : 'give one of them with --cluster',
  });
}

async function carryOut(
  plan: RunPlan,
  config: Config,
  io: CommandIo,
  resumption: Resumption | undefined,
): Promise<RunOutcome> {
  const { stderr, environment, signal, clock } = io;
  const { name, cluster } = findCluster(config, plan.cluster.name);
  const permission = checkPlan(plan, cluster, clock);
  const driver = driverOf(cluster);
  await using inspector = await driver.inspect(name, cluster, { signal });
  await using admin = await driver.administer(name, cluster, { signal });
  const generatorHost = config.loadgen?.host ?? unnamedGenerator;
  const watched = new Set([...Object.values(cluster.brokers).map(({ host }) => host), generatorHost]);
  const probes = new Map([...watched].map((host) => [host, openHost(host, hostConfig(config, host))] as const));
  await using telemetry = createTelemetrySource({
    cluster: name,
    inspector,
    brokerHosts: cluster.brokers,
    hosts: [...probes].map(([host, probe]) => ({ name: host, probe })),
    generatorHost,
    topics: plan.topic.names,
    groups: plan.topic.groups,
    clock,
  });
  const guard = await prepareLoad(
    {
      plan,
      config,
      cluster,
      permission,
      inspector,
      probes,
      acceptBlind: io.options['accept-blind'] === true,
      onBlind: (words) => stderr.write(`${words}\n`),
      environment,
      clock,
    },
    { signal },
  );
  const provenance = await readProvenance({ signal });
  const search = searchStart(plan, config);
  const calibration =
    resumption === undefined
      ? await calibrationOf(
          {
            plan,
            // The floor and the ceiling of this machine say nothing of others.
            wanted: config.loadgen?.workers === undefined ? wantsCalibration(io.options) : false,
            brokers: (await inspector.describe({ signal })).brokers.length,
            ...(search && { startTps: search.options.start }),
            versions: provenance.versions,
            startThread: startTrafficThread,
            environment,
            clock,
            tell: (words) => stderr.write(`${words}\n`),
          },
          { signal },
        )
      : undefined;
  await using crew = await crewOf(config, io);
  const onProgress = createRunProgress(stderr, {
    colours: hasColours(stderr, environment),
    isPlain: !knowsUnicode(environment),
  });
  const tools = {
    admin,
    inspector,
    openInspector: (its: { signal: AbortSignal }) => driver.inspect(name, cluster, its),
    telemetry,
    startThread: crew?.startThread ?? startTrafficThread,
    ...(crew && { shares: crew.shares }),
    ...(config.loadgen?.workers?.onLoss === 'move' && { lostWorker: 'move' as const }),
    onProgress,
    guard,
    recorded: { loadTest: permission },
    ...(calibration && { calibration }),
    ...(search && { search }),
    ...provenance,
  };
  // Awaited here, or what it works with would be closed before it has begun.
  return await runLoadTest(plan, tools, { signal }, resumption);
}

/** @returns undefined where threads of this process send everything */
async function crewOf(config: Config, { stderr, environment, signal, clock }: CommandIo) {
  const workers = config.loadgen?.workers;
  if (workers === undefined) return undefined;
  const onLog = (line: string) => stderr.write(`${line}\n`);
  return openWorkers(workers, config, { signal, clock, environment, onLog });
}

/** @throws AppError usage */
function wantsCalibration({ calibrate, 'no-calibration': none }: CommandIo['options']): boolean | undefined {
  if (calibrate === true && none === true)
    throw new AppError('usage', '--calibrate and --no-calibration exclude each other');
  return none === true ? false : calibrate === true ? true : undefined;
}

function hostConfig({ hosts }: Config, name: string) {
  return hosts[name] ?? HostConfig.parse({ probe: 'local' });
}
