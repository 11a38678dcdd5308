// Runs a module once more inside of a network namespace, since no process can ask from two of them.

import { fileURLToPath } from 'node:url';
import { AppError } from '../core/errors.ts';
import { runTool } from './run-tool.ts';

/** @returns what it prints. @throws AppError lab-failed */
export async function askInside(
  namespace: string,
  module: string,
  question: object,
  io: Parameters<typeof runTool>[2],
): Promise<string> {
  const args = ['netns', 'exec', namespace, process.execPath, fileURLToPath(module), JSON.stringify(question)];
  const answer = await runTool('ip', args, io);
  if (answer?.exitCode !== 0) throw new AppError('lab-failed', answer?.stderr.trim() ?? 'there is no `ip` program');
  return answer.stdout;
}
