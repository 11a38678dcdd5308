// How does a tool run another program of this repository? On the same Node, with the same terminal.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** @returns the exit code; 1 when a signal ended it */
export async function runNode(words: readonly string[], folder: string): Promise<number> {
  const child = spawn(process.execPath, words, { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
