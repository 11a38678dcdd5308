// Runs a program that must succeed, and returns its standard output.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** npm's bill of materials of 136 packages is 140 kB. */
const mostBytes = 64 * 2 ** 20;

export async function mustRun(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, maxBuffer: mostBytes });
  return stdout;
}
