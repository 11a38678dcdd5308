// Runs another program of this repository on the same Node and terminal.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** @returns the exit code; 1 if a signal ended it */
export async function runNode(args: readonly string[], folder: string): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
