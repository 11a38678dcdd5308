// Where does the lab of one test live, so that nothing of it is left? A folder of its own, gone with its brokers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { stopLab } from '../../lab/stop-lab.ts';

/** @param parent folder that the lab's own is made in */
export async function scratchLab(product: string, parent = tmpdir()) {
  const root = await mkdtemp(join(parent, `plimsoll-test-${product}-`));
  const directory = join(root, 'lab');
  const io = {
    signal: new AbortController().signal,
    clock: systemClock,
    environment: process.env,
    progress: () => undefined,
  };
  return {
    root,
    directory,
    /** Jars are fetched once for all. */
    cache: join(cacheFolder(process.env), 'lab'),
    io,
    async remove() {
      await stopLab(directory, io);
      await rm(root, { recursive: true, force: true });
    },
  };
}
