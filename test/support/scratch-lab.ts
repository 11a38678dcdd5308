// Provides a lab in a temporary folder, removed with its brokers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import type { LabIo } from '../../lab/planned-lab.ts';
import { startLab, type Lab, type LabRequest } from '../../lab/start-lab.ts';
import { stopLab } from '../../lab/stop-lab.ts';

/** @param parent folder of the lab's folder */
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
    /** All labs share one cache of jars. */
    cache: join(cacheFolder(process.env), 'lab'),
    io,
    async remove() {
      await stopLab(directory, io);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Two test files that run at once may choose the same free port: the later one retries once with others. */
export async function startScratchLab(request: LabRequest, io: LabIo): Promise<Lab> {
  try {
    return await startLab(request, io);
  } catch (error) {
    if (!(error instanceof AppError && /address already in use|failed to bind/i.test(error.message))) throw error;
    return await startLab(request, io);
  }
}
