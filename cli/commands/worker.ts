// How does a worker come to a run by itself? With its pass.

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { AppError, exitCodes } from '../../core/errors.ts';
import { ownVersion } from '../../loadgen/remote/own-version.ts';
import { parsePass } from '../../loadgen/remote/pass.ts';
import { serveCoordinator } from '../../loadgen/remote/serve-coordinator.ts';
import { startTrafficThread } from '../../loadgen/workers/traffic-thread.ts';
import type { Command } from '../command.ts';

export const workerCommand = {
  name: 'worker',
  summary: 'Send a part of the load of a run that another machine coordinates.',
  options: {
    pass: {
      type: 'string',
      value: 'FILE',
      help: 'its pass, as `plimsoll worker manifests` makes it; - reads it from standard input',
    },
  },
  examples: ['plimsoll worker --pass /etc/plimsoll/pass.json'],

  async run({ options, stderr, signal, clock }) {
    const file = options['pass'];
    if (typeof file !== 'string') throw new AppError('usage', 'which pass? give --pass FILE');
    const pass = parsePass(await readPass(file), file === '-' ? 'what came on standard input' : file);
    const { host, port } = pass.connect;
    const tools = {
      version: ownVersion(),
      clock,
      startThread: startTrafficThread,
      onJoined: () => stderr.write(`worker ${pass.worker} belongs to the run of ${host}:${port}\n`),
    };
    await serveCoordinator(pass, tools, { signal });
    stderr.write('the run is over\n');
    return exitCodes.answered;
  },
} satisfies Command;

async function readPass(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch((cause: Error) => {
    throw new AppError('worker-refused', `cannot read the pass ${file}: ${cause.message}`, { cause });
  });
}
