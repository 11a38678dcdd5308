// What is Plimsoll, shown in three minutes? The founding case, a load test of this machine, and the page of both.

import { once } from 'node:events';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { readDefaultPolicy } from '../../core/policy/policy.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { createWebRouter } from '../../dashboards/web/page.ts';
import { ExporterConfig } from '../../exporter/config.ts';
import { createMetricsRouter, listen } from '../../exporter/http-server.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import type { Command, CommandIo } from '../command.ts';
import { startOwnLab } from '../own-lab.ts';
import { createRunLibrary } from '../run-library.ts';
import { analyzeCommand } from './analyze.ts';
import { runCommand } from './run.ts';

const foundingCase = fileURLToPath(new URL('../../examples/founding-70k', import.meta.url));
const runsFolder = 'runs';

/** About 45 s in all, 3.4 GB written; at the last step broker and generator together ask more than two cores of a server give. */
const load = {
  'rate-steps': '40000,100000,160000,220000,320000',
  'step-duration': '8s',
  'warm-up': '8s',
  'message-size': '500',
  groups: '1',
};

export const startCommand = {
  name: 'start',
  options: {
    listen: {
      type: 'string',
      value: 'HOST:PORT',
      help: `where page and /metrics are served (default ${ExporterConfig.parse({}).listen}; port 0 takes any free one)`,
    },
    once: { type: 'boolean', help: 'end after the load test, without serving anything' },
  },
  examples: ['npm start', 'npm start -- --listen 127.0.0.1:0', 'npm start -- --once'],

  async run(io) {
    const { options, stdout, signal } = io;
    await using resources = new AsyncDisposableStack();
    // First of all, so that a port in use is said now and not after a minute.
    const url = options['once'] === true ? undefined : await serve(io, resources);
    if (url !== undefined) stdout.write(`listening on ${url}\n`);

    title(io, 'A figure somebody wrote down', `plimsoll analyze ${relative('', foundingCase)}`);
    await analyzeCommand.run({ ...io, positionals: [foundingCase], options: {} });
    await testThisMachine(io);

    if (url === undefined) return exitCodes.answered;
    stdout.write(`\nThe page is at ${url} and the metrics are at ${url}metrics until Ctrl-C.\n`);
    if (!signal.aborted) await once(signal, 'abort');
    return exitCodes.answered;
  },
} satisfies Command;

async function testThisMachine(io: CommandIo): Promise<void> {
  title(io, 'A broker on this machine', 'plimsoll lab up kafka');
  try {
    const directory = await runInOwnLab(io);
    title(io, 'What this machine carries', `plimsoll analyze ${directory}`);
    await analyzeCommand.run({ ...io, positionals: [directory], options: {} });
    io.stdout.write(`\nThe run is kept in ${directory}.\n`);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'prerequisite-missing') throw error;
    io.stdout.write(`left out: ${error.message} (${error.hint})\n`);
  }
}

/** @returns the folder of the run. The lab is gone then, whatever happened. */
async function runInOwnLab(io: CommandIo): Promise<string> {
  await using lab = await startOwnLab(io);
  const words = Object.entries(load).map(([name, value]) => `--${name} ${value}`);
  title(io, 'A load in steps', `plimsoll run ${words.join(' ')}`);
  const printed: string[] = [];
  await runCommand.run({
    ...io,
    positionals: [],
    options: { ...load, config: lab.configPath, json: true },
    stdout: { ...io.stdout, write: (text) => void printed.push(text) },
  });
  const { run } = JSON.parse(printed.join('')) as { run: { directory: string } };
  return run.directory;
}

/** One listener for people and for Prometheus. */
async function serve(io: CommandIo, resources: AsyncDisposableStack): Promise<string> {
  const { options, signal, clock } = io;
  const log = await io.openLog();
  const address = typeof options['listen'] === 'string' ? options['listen'] : ExporterConfig.parse({}).listen;
  const probe = resources.use(openHost('local', HostConfig.parse({ probe: 'local' })));
  const metrics = createMetricsPage({ clusters: [], hosts: [{ name: 'local', probe }], clock, log });
  const library = createRunLibrary({ bundles: [foundingCase], folder: runsFolder, policy: readDefaultPolicy(), log });
  const app = express().disable('x-powered-by').use(createMetricsRouter(metrics)).use(createWebRouter(library));
  return resources.use(await listen(app, address, { signal })).url;
}

/** With the command that does the same by itself, so that the tour teaches it. */
function title({ stdout }: CommandIo, words: string, command: string): void {
  stdout.write(`\n── ${words} ${'─'.repeat(Math.max(4, 70 - words.length))}\n$ ${command}\n\n`);
}
