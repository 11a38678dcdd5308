// Runs a command in this process and collects its streams.

import { runCommandLine } from '../../cli/command-line.ts';
import { commands } from '../../cli/registry.ts';
import { systemClock } from '../../core/clock.ts';

export async function runWords(...words: string[]) {
  const written = { stdout: '', stderr: '' };
  const outputOf = (name: keyof typeof written) => ({
    write: (text: string) => void (written[name] += text),
    isTerminal: false,
    columns: 100,
  });
  const exitCode = await runCommandLine(words, commands, {
    stdout: outputOf('stdout'),
    stderr: outputOf('stderr'),
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
  });
  return { exitCode, ...written };
}
