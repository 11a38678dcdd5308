// How does a worker come to a run by itself? With its pass.

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { AppError, exitCodes } from '../../core/errors.ts';
import { ownVersion } from '../../loadgen/remote/own-version.ts';
import { parsePass } from '../../loadgen/remote/pass.ts';
import { serveCoordinator } from '../../loadgen/remote/serve-coordinator.ts';
import { startTrafficThread } from '../../loadgen/execute/workers/traffic-thread.ts';
import { seconds } from '../../core/units.ts';
import type { Command, CommandIo } from '../command.ts';

export const workerCommand = {
  name: 'worker',
  options: {
    pass: {
      type: 'string',
      value: 'FILE',
      help: 'its pass, as `plimsoll worker manifests` makes it; - reads it from standard input',
    },
    wait: { type: 'string', value: 'SECONDS', help: 'how long it tries to reach the coordinator (default 600)' },
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
    const wait = secondsOf(options['wait']);
    const until = clock.monotonic() + wait;
    for (let hasTold = false; ; hasTold = true) {
      try {
        await serveCoordinator(pass, tools, { signal });
        break;
      } catch (error) {
        // It may be started before the run is.
        const isEarly = error instanceof AppError && error.code === 'coordinator-unreachable';
        if (!isEarly || clock.monotonic() >= until) throw error;
        if (!hasTold) stderr.write(`waiting at most ${wait} s for the coordinator: ${error.message}\n`);
        await clock.sleep(seconds(1), { signal });
      }
    }
    stderr.write('the run is over\n');
    return exitCodes.answered;
  },
} satisfies Command;

/** @throws AppError usage */
function secondsOf(option: CommandIo['options'][string]): number {
  const wait = Number(option ?? 600);
  if (Number.isFinite(wait) && wait >= 0) return wait;
  throw new AppError('usage', `--wait ${JSON.stringify(option)} is no number of seconds`);
}

async function readPass(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch((cause: Error) => {
    throw new AppError('worker-refused', `cannot read the pass ${file}: ${cause.message}`, { cause });
  });
}
