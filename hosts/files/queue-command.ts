// Runs tc(8) to read the queues of network interfaces, which no kernel file shows.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Io } from '../host-files.ts';

const run = promisify(execFile);
const args = ['-s', '-j', 'qdisc', 'show'] as const;

/** Administration programs are often not in the PATH of normal users. */
export const queuesLine = `LC_ALL=C PATH="$PATH:/usr/sbin:/sbin" tc ${args.join(' ')}`;
const environment = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Entering the network namespace of another process requires root. @returns undefined if tc is missing or refused */
export async function readLocalQueues(namespace: string | undefined, { signal }: Io): Promise<string | undefined> {
  const [program, ...rest] =
    namespace === undefined ? ['tc', ...args] : ['nsenter', `--net=${namespace}`, 'tc', ...args];
  try {
    const { stdout } = await run(program, rest, { env: environment, signal });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    // The program is missing, or ended with an exit code other than 0.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
