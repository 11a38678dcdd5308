// Starts a lab that ends with the command; labs of crashed commands are removed.

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stateFolder } from '../core/user-folders.ts';
import { identify } from '../core/started-process.ts';
import { stopLab } from '../lab/stop-lab.ts';
import { labUpCommand } from './commands/lab-up.ts';
import type { CommandIo } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

interface OwnLab extends AsyncDisposable {
  configPath: string;
}

/** @throws AppError as `plimsoll lab up` does */
export async function startOwnLab(io: CommandIo): Promise<OwnLab> {
  const folder = join(stateFolder(io.environment), 'start');
  await mkdir(folder, { recursive: true });
  await sweep(folder, io);
  const stateDirectory = join(folder, String(process.pid));
  const printed: string[] = [];
  await labUpCommand.run({
    ...io,
    ...parseArguments({ name: 'lab up', ...labUpCommand }, ['kafka', '--state-dir', stateDirectory, '--json']),
    stdout: { ...io.stdout, write: (text) => void printed.push(text) },
  });
  const { config } = JSON.parse(printed.join('')) as { config: string };
  return { configPath: config, [Symbol.asyncDispose]: () => stop(stateDirectory, io) };
}

/** Labs of processes that were killed: their folder is named by the pid. */
async function sweep(folder: string, io: CommandIo): Promise<void> {
  for (const name of await readdir(folder)) {
    if (identify(Number(name)) === undefined) await stop(join(folder, name), io);
  }
}

/** Not with the command's signal: the brokers stop most of all when it was interrupted. */
async function stop(stateDirectory: string, { clock }: CommandIo): Promise<void> {
  await stopLab(join(stateDirectory, 'lab'), { clock, signal: new AbortController().signal });
  await rm(stateDirectory, { recursive: true, force: true });
}
