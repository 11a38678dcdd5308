// Runs administrative commands on a lab as an operator does, and kills them at chosen moments.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterConfig } from '../../brokers/config.ts';
import { asking, type Answer } from './asking.ts';
import type { ChangeDocument } from './change-commands.ts';
import { killWhen } from './kill-when.ts';
import { startCli } from './run-cli.ts';

export interface AdministrationRun {
  exitCode: number;
  /** Document that the command printed; absent if it failed. */
  document?: ChangeDocument;
  stderr: string;
}

export interface AdministeredLab extends AsyncDisposable {
  /** Runs a command with `--json` and, where required, `--confirm`. */
  run(command: string, ...words: string[]): Promise<AdministrationRun>;
  /** Like `run`, in a separate process that may take longer than a minute. */
  separately(command: string, ...words: string[]): Promise<AdministrationRun>;
  /** Like `separately`, without `--json`; @param onLine is called with each chunk of standard error. */
  watched(onLine: (text: string) => void, command: string, ...words: string[]): Promise<Answer>;
  /** Runs a command with exactly these arguments. */
  plain(command: string, ...words: string[]): Promise<Answer>;
  /** Sends SIGKILL after this message on standard error. */
  killWhen(sign: RegExp, command: string, ...words: string[]): Promise<string>;
}

/** @param confirmed the cluster name that brokers report */
export async function administeredLab({
  configPath,
  config,
  confirmed,
}: {
  configPath: string;
  config: ClusterConfig;
  confirmed: string;
}): Promise<AdministeredLab> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-administration-'));
  // In this process: a separate program is only needed to be killed.
  const { ask } = asking('--config', configPath);
  const stateOf = (command: string) => (command.startsWith('get ') ? [] : ['--state-dir', folder.path]);
  const all = (command: string, more: readonly string[]) => [
    ...command.split(' '),
    ...stateOf(command),
    ...(more.some((word) => word === '--execute' || word === '--abort') ? [`--confirm=${confirmed}`] : []),
    ...more,
  ];
  return {
    plain: (command, ...more) => ask(...command.split(' '), ...stateOf(command), ...more),
    async run(command, ...more) {
      const { exitCode, stdout, stderr } = await ask(...all(command, more), '--json');
      const parsed = stdout === '' ? undefined : (JSON.parse(stdout) as ChangeDocument);
      return { exitCode, stderr, ...(parsed && { document: parsed }) };
    },
    async separately(command, ...more) {
      const {
        exitCode = -1,
        stdout,
        stderr,
      } = await startCli([...all(command, more), '--config', configPath, '--json']).ended;
      const parsed = stdout === '' ? undefined : (JSON.parse(stdout) as ChangeDocument);
      return { exitCode, stderr, ...(parsed && { document: parsed }) };
    },
    async watched(onLine, command, ...more) {
      const { child, ended } = startCli([...all(command, more), '--config', configPath]);
      child.stderr?.on('data', (text) => onLine(String(text)));
      const { exitCode = -1, ...written } = await ended;
      return { exitCode, ...written };
    },
    killWhen: (sign, command, ...more) => killWhen(sign, [...all(command, more), '--config', configPath], config),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
