// Runs the demo of `npm start`: an example verdict, a load test of a broker on this machine, and a page of both.

import { readdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { createWebRouter } from '../../dashboards/web/page.ts';
import { ExporterConfig } from '../../exporter/config.ts';
import { createMetricsRouter, listen } from '../../exporter/http-server.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { type Command, type CommandIo, defineCommand, flag, type IoOf, option, type Options } from '../command.ts';
import { policyFile, policyOf, policyOption } from '../options.ts';
import { parseArguments } from '../parse-arguments.ts';
import { createRunLibrary } from '../../app/analysis/run-library.ts';
import { loadConfig } from '../../app/config/config-file.ts';
import { carryOut } from '../../app/load-test/carry-out.ts';
import { planOrResume } from '../../app/load-test/plan-run.ts';
import { faultOf } from '../../loadgen/execute/run.ts';
import { runCallerOf, runRequestOf } from '../load/run-request.ts';
import { endTexts } from '../run-result.ts';
import { analyzeCommand, printAnalysis } from './analyze.ts';
import { runCommand } from './run.ts';
import { labUpCommand } from './lab-up.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { identify } from '../../core/started-process.ts';
import { seconds } from '../../core/clock.ts';
import { stopLab } from '../../lab/stop-lab.ts';
import { makeFolder } from '../../core/files.ts';

const foundingCase = fileURLToPath(new URL('../../examples/founding-70k', import.meta.url));
const runsFolder = 'runs';
const defaultAddress = ExporterConfig.parse({}).listen;

/** At most 48 s; a slow machine sustains the first step, and the last one needs more CPU than two server cores have. */
const load = {
  'rate-steps': '5000,15000,40000,100000,300000',
  'step-duration': '8s',
  'warm-up': '8s',
  'message-size': '500',
  groups: '1',
};

/** Latency at which the guard ends the load: half a step, which only a step below half of its rate reaches. More load would be dropped. */
const longestDelay = seconds(4);

const startOptions = {
  listen: option(
    'HOST:PORT',
    `address of the page and /metrics (default ${defaultAddress}; port 0 takes any free one)`,
    z.string().default(defaultAddress),
  ),
  config: policyOption,
  once: flag('exit after the load test without serving a page'),
  verbose: flag('print both analyses with all tables and findings'),
};

type StartIo = IoOf<typeof startOptions>;

export const startCommand = defineCommand({
  options: startOptions,
  examples: ['npm start', 'npm start -- --listen 127.0.0.1:0', 'npm start -- --once'],

  async run(given) {
    const io = { ...given, options: { ...given.options, config: policyFile(given) } };
    const { options, stdout, signal } = io;
    await using resources = new AsyncDisposableStack();
    // Starts first, so that a port in use is reported immediately.
    const url = options.once ? undefined : await serve(io, resources);
    stdout.write(introduction);
    if (url !== undefined) stdout.write(`listening on ${url}\n`);

    title(io, 'Example: figures of a real cluster', `plimsoll analyze ${relative('', foundingCase)}`);
    stdout.write('\n');
    await printVerdict(io, foundingCase);
    const run = await testThisMachine(io);

    stdout.write(nextSteps(run ?? relative('', foundingCase)));
    if (url === undefined) return;
    stdout.write(`\nThe page is at ${url} and the metrics are at ${url}metrics until Ctrl-C.\n`);
    if (!signal.aborted) await once(signal, 'abort');
  },
});

const introduction = `Plimsoll computes how much load a Kafka or RocketMQ cluster can safely carry, and what limits it.
This demo analyzes an example, then load-tests a Kafka broker that it starts on this machine (1 min).
`;

const nextSteps = (run: string) => `
Next
  plimsoll analyze ${run} --verbose
      all tables and findings of this verdict
  plimsoll init --bootstrap HOST:PORT
      write a config file for your own cluster; then \`plimsoll ready\` and \`plimsoll exporter\`
  plimsoll --help, docs/tutorial/quick-start.md
`;

function printVerdict(io: StartIo, directory: string): Promise<number> {
  const { verbose, config } = io.options;
  const args = config === undefined ? [directory] : [directory, '--config', config];
  const command = { name: 'analyze', ...analyzeCommand };
  return printAnalysis({ ...io, ...parseArguments(command, args) }, verbose ? 'full' : 'summary');
}

/** @returns the folder of the run; undefined if this machine cannot run a broker */
async function testThisMachine(io: StartIo): Promise<string | undefined> {
  title(io, 'Load test of a broker on this machine', 'plimsoll lab up kafka');
  try {
    const directory = await runInOwnLab(io);
    io.stdout.write(`$ plimsoll analyze ${directory}\n\n`);
    await printVerdict(io, directory);
    return directory;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'prerequisite-missing') throw error;
    io.stdout.write(`\nskipped: ${error.message} (${error.hint})\n`);
    return undefined;
  }
}

/** @returns the folder of the run. The lab is always stopped before. */
async function runInOwnLab(io: StartIo): Promise<string> {
  await using lab = await startOwnLab(io);
  const args = Object.entries(load).flatMap(([name, value]) => [`--${name}`, value]);
  io.stdout.write(`$ plimsoll run ${args.join(' ')}\n`);
  const request = runRequestOf(parseArguments({ name: 'run', ...runCommand }, [...args, '--config', lab.configPath]));
  const config = await loadConfig(lab.configPath, io);
  if (config.loadgen !== undefined) config.loadgen.guard.p99 = longestDelay;
  const outcome = await carryOut(
    { config, request: { ...request, endsCluster: true }, ...(await planOrResume(config, request, io)) },
    runCallerOf(io),
  );
  const fault = outcome.status === 'stopped' ? undefined : faultOf(outcome);
  if (fault !== undefined) throw fault;
  for (const line of endTexts(outcome)) io.stderr.write(`${line}\n`);
  return outcome.directory;
}

/** @returns the document that the command prints */
async function printedBy<Declared extends Options>(
  command: Command<Declared>,
  args: readonly string[],
  io: CommandIo<unknown>,
): Promise<unknown> {
  const printed: string[] = [];
  const stdout = { ...io.stdout, write: (text: string) => void printed.push(text) };
  await command.run({ ...io, ...parseArguments(command, [...args, '--json']), stdout });
  return JSON.parse(printed.join(''));
}

/** Serves people and Prometheus on one port. */
async function serve(io: StartIo, resources: AsyncDisposableStack): Promise<string> {
  const { options, signal, clock } = io;
  const log = await io.openLog();
  const probe = resources.use(openHost('local', HostConfig.parse({ probe: 'local' })));
  const metrics = createMetricsPage({ clusters: [], hosts: [{ name: 'local', probe }], clock, log });
  const policy = await policyOf(io);
  const library = createRunLibrary({ bundles: [foundingCase], folder: runsFolder, policy, log });
  const app = express().disable('x-powered-by').use(createMetricsRouter(metrics)).use(createWebRouter(library));
  return resources.use(await listen(app, options.listen, { signal })).url;
}

/** Prints a title with the equivalent command, for the user to repeat. */
function title({ stdout }: CommandIo, text: string, command: string): void {
  stdout.write(`\n── ${text} ${'─'.repeat(Math.max(4, 70 - text.length))}\n$ ${command}\n`);
}

/** @throws AppError as `plimsoll lab up` does */
async function startOwnLab(io: CommandIo) {
  const folder = join(stateFolder(io.environment), 'start');
  makeFolder(folder);
  await sweep(folder, io);
  const stateDirectory = join(folder, String(process.pid));
  const printed = await printedBy({ name: 'lab up', ...labUpCommand }, ['kafka', '--state-dir', stateDirectory], io);
  const { config: configPath } = printed as { config: string };
  return { configPath, [Symbol.asyncDispose]: () => stop(stateDirectory, io) };
}

/** Removes labs of killed processes, whose folder is named by the pid. */
async function sweep(folder: string, io: CommandIo): Promise<void> {
  for (const name of await readdir(folder)) {
    if (identify(Number(name)) === undefined) await stop(join(folder, name), io);
  }
}

/** Ignores the command's signal: after an interruption the brokers must stop all the more. */
async function stop(stateDirectory: string, { clock }: CommandIo): Promise<void> {
  await stopLab(join(stateDirectory, 'lab'), { clock, signal: new AbortController().signal });
  await rm(stateDirectory, { recursive: true, force: true });
}
