// Runs change commands on RocketMQ as an operator does, and kills them at chosen moments.

import { join } from 'node:path';
import { killWhen } from './kill-when.ts';
import { startCli } from './run-cli.ts';
import type { RunningRocketmq } from './rocketmq.ts';

export interface ChangeDocument {
  status: string;
  steps: { id: string; state: string; evidence: string[] }[];
  holds: { what: string; until?: string }[];
  findings: { severity: string; code: string; message: string }[];
  stateFile: string;
}

export interface ChangeRun {
  exitCode: number | undefined;
  document: ChangeDocument;
  stderr: string;
}

export function changesOf({ configPath, home, config }: Pick<RunningRocketmq, 'configPath' | 'home' | 'config'>) {
  const wordsOf = (change: string, words: readonly string[]) => [
    'ops',
    'rocketmq',
    change,
    '--config',
    configPath,
    '--cluster',
    'lab',
    '--state-dir',
    join(home, 'changes'),
    '--json',
    ...words,
  ];
  return {
    /** Runs a change with `--confirm` where required. */
    async run(change: string, ...words: string[]): Promise<ChangeRun> {
      const confirm = words.includes('--execute') || words.includes('--abort') ? ['--confirm', 'lab'] : [];
      const { exitCode, stdout, stderr } = await startCli(wordsOf(change, [...words, ...confirm])).ended;
      if (stdout === '') throw new Error(stderr);
      return { exitCode, document: JSON.parse(stdout) as ChangeDocument, stderr };
    },
    /** Like `run`, with an action after each of these messages on standard error, in that order. */
    async runUntil(
      acts: readonly (readonly [sign: RegExp, act: () => Promise<unknown>])[],
      change: string,
      words: readonly string[],
    ): Promise<ChangeRun> {
      const confirm = words.includes('--execute') ? ['--confirm', 'lab'] : [];
      const { child, ended } = startCli(wordsOf(change, [...words, ...confirm]));
      const left = [...acts];
      let said = '';
      let acting: Promise<unknown> = Promise.resolve();
      child.stderr?.on('data', (text) => {
        said += String(text);
        const [next] = left;
        if (next?.[0].test(said) !== true) return;
        left.shift();
        acting = acting.then(next[1]);
        // The expected message never arrived: do not wait for its consequences.
        acting.catch(() => child.kill('SIGKILL'));
      });
      const { exitCode, stdout, stderr } = await ended;
      await acting;
      if (stdout === '' || left.length > 0) throw new Error(stderr);
      return { exitCode, document: JSON.parse(stdout) as ChangeDocument, stderr };
    },
    /** Sends SIGKILL after this message on standard error. @returns its output until then */
    async killWhen(sign: RegExp, change: string, ...words: string[]): Promise<string> {
      const confirm = words.includes('--execute') ? ['--confirm', 'lab'] : [];
      return await killWhen(sign, wordsOf(change, [...words, ...confirm]), config);
    },
  };
}
