// Runs endless output until Ctrl-C, or until its reader closes the pipe, as `| head` does.

import type { CommandIo } from './command.ts';

/** @throws errors of `work`, unless the reader closed the pipe or Ctrl-C ended it */
export async function whileRead(
  { stdout, signal }: Pick<CommandIo, 'stdout' | 'signal'>,
  work: (io: { signal: AbortSignal }) => Promise<void>,
): Promise<void> {
  const { readerLeft = new AbortController().signal } = stdout;
  try {
    await work({ signal: AbortSignal.any([signal, readerLeft]) });
  } catch (cause) {
    if (!readerLeft.aborted && !signal.aborted) throw cause;
  }
}
