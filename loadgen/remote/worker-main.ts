// Starts a worker with the pass from standard input; the argument is the time in seconds to retry the connection.

import { text } from 'node:stream/consumers';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { startTrafficThread } from '../execute/workers/traffic-thread.ts';
import { programVersion } from './program-version.ts';
import { parsePass } from './pass.ts';
import { awaitCoordinator } from './serve-coordinator.ts';

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort(new AppError('aborted', `the worker was stopped by ${name}`)));
}

try {
  const pass = parsePass(await text(process.stdin), 'standard input');
  const tools = {
    version: programVersion(),
    clock: systemClock,
    startThread: startTrafficThread,
    waitSeconds: Number(process.argv[2] ?? 0),
    onWaiting: (message: string) => void process.stderr.write(`${message}\n`),
  };
  await awaitCoordinator(pass, tools, stopping);
  process.exit(0);
} catch (error) {
  const { message, exitCode } = error instanceof AppError ? error : new AppError('unexpected', String(error));
  process.stderr.write(`error: ${message}\n`);
  process.exit(exitCode);
}
