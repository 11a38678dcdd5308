// Joins a worker to a run with its pass.

import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import { faultAs } from '../../core/errors.ts';
import { programVersion } from '../../loadgen/remote/program-version.ts';
import { parsePass } from '../../loadgen/remote/pass.ts';
import { awaitCoordinator } from '../../loadgen/remote/serve-coordinator.ts';
import { startTrafficThread } from '../../loadgen/execute/workers/traffic-thread.ts';
import { amount, defineCommand, option } from '../command.ts';

export const workerCommand = defineCommand({
  options: {
    pass: option(
      'FILE',
      'pass file, written by `plimsoll worker manifests`; - reads it from standard input',
      z.string(),
    ),
    wait: option(
      'SECONDS',
      'how long to try to reach the coordinator (default 600)',
      amount((wait) => wait >= 0, '0 or more').default(600),
    ),
  },
  examples: ['plimsoll worker --pass /etc/plimsoll/pass.json'],

  async run({ options, stderr, signal, clock }) {
    const { pass: file, wait } = options;
    const pass = parsePass(await readPass(file), file === '-' ? 'standard input' : file);
    const { host, port } = pass.connect;
    const tools = {
      version: programVersion(),
      clock,
      startThread: startTrafficThread,
      onJoined: () => stderr.write(`worker ${pass.worker} belongs to the run of ${host}:${port}\n`),
      waitSeconds: wait,
      onWaiting: (message: string) => stderr.write(`${message}\n`),
    };
    await awaitCoordinator(pass, tools, { signal });
    stderr.write('the run is over\n');
  },
});

async function readPass(file: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  return readFile(file, 'utf8').catch(faultAs('worker-refused', `cannot read the pass ${file}`));
}
