// Stops a run when a file named `stop` appears in its bundle.

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuardInput } from './guard-input.ts';

/** File name in the bundle folder; anyone with write access can stop the run with `touch`. */
export const stopFileName = 'stop';

/** Removes the file that stopped an earlier attempt of the run. */
export const removeStopFile = (directory: string): Promise<void> => rm(join(directory, stopFileName), { force: true });

export const stopFileInput = (directory: string): GuardInput => ({
  name: 'stop file',
  reason: `file ${stopFileName} was created in ${directory}`,
  everySeconds: 0.25,
  oldestSeconds: Infinity,
  above: 0,
  ends: 'run',
  read: async () =>
    stat(join(directory, stopFileName)).then(
      () => 1,
      () => 0,
    ),
});
