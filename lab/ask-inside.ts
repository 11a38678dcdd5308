// Queries the members of a lab until all know each other, inside a network namespace if needed.

import { fileURLToPath } from 'node:url';
import { type Clock, type Seconds, systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { runTool } from './run-tool.ts';

export interface AskIo {
  clock: Clock;
  signal: AbortSignal;
}

/**
 * @param lacks returns what is missing at an address, as a clause; undefined if nothing is missing
 * @throws AppError lab-failed on timeout
 */
export async function untilNothingLacks(
  addresses: readonly string[],
  { patience, pause }: { patience: Seconds; pause: Seconds },
  { clock, signal }: AskIo,
  lacks: (address: string) => Promise<string | undefined>,
): Promise<void> {
  const end = clock.monotonic() + patience;
  for (const address of addresses) {
    for (let lack = await lacks(address); lack !== undefined; lack = await lacks(address)) {
      if (clock.monotonic() > end) {
        const hint = 'the machine may be too busy for them; `uptime` shows its load';
        throw new AppError('lab-failed', lack, { hint });
      }
      await clock.sleep(pause, { signal });
    }
  }
}

/**
 * Runs a module again inside the namespace, because one process cannot use two namespaces.
 *
 * @returns its output.
 * @throws AppError lab-failed
 */
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

/** Called by the module inside the namespace: prints its response and ends. */
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
