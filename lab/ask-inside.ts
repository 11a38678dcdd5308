// Runs a module once more inside of a network namespace, since no process can ask from two of them.

import { fileURLToPath } from 'node:url';
import { systemClock, type Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { runTool } from './run-tool.ts';

export interface AskIo {
  clock: Clock;
  signal: AbortSignal;
}

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

/** What the module does in there: prints its answer, and ends. */
export async function answerInside(answer: (question: unknown, io: AskIo) => Promise<string>): Promise<void> {
  try {
    const io = { clock: systemClock, signal: new AbortController().signal };
    process.stdout.write(await answer(JSON.parse(process.argv[2] ?? ''), io));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
