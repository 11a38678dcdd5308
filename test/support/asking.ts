// Runs commands with an address and no config file.

import { expect } from 'vitest';
import { runCommandLine } from '../../cli/command-line.ts';
import { commands } from '../../cli/registry.ts';
import { systemClock } from '../../core/clock.ts';

export interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export function asking(...address: readonly [option: string, value: string]) {
  const ask = async (...words: readonly string[]): Promise<Answer> => {
    const answer = { exitCode: -1, stdout: '', stderr: '' };
    const into = (stream: 'stdout' | 'stderr') => ({
      write: (text: string) => void (answer[stream] += text),
      isTerminal: false,
      columns: 100,
    });
    answer.exitCode = await runCommandLine([...words, ...address], commands, {
      stdout: into('stdout'),
      stderr: into('stderr'),
      signal: AbortSignal.timeout(60_000),
      environment: {},
      clock: systemClock,
    });
    return answer;
  };
  const askJson = async (...words: readonly string[]): Promise<unknown> => {
    const { exitCode, stdout, stderr } = await ask(...words, '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  return { ask, askJson };
}
