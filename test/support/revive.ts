// Kills a process of a lab and restarts it with its own command line, folder and environment.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { identify } from '../../core/started-process.ts';

export interface Undertaker {
  /** Sends SIGTERM or SIGKILL. @returns after the process is gone */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** @param words changes the command line. @returns the new pid */
  revive(words?: (commandLine: readonly string[]) => readonly string[]): number;
}

/** Linux only, and only while the process runs: /proc contains its command line and environment. */
export function undertakerOf(pid: number): Undertaker {
  const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
  const commandLine = of('cmdline');
  const env = Object.fromEntries(of('environ').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  const log = readlinkSync(`/proc/${pid}/fd/1`);
  return {
    async end(signal) {
      process.kill(pid, signal);
      while (identify(pid) !== undefined) await setTimeout(50);
    },
    revive(words = (same) => same) {
      const [program = '', ...rest] = words(commandLine);
      const output = openSync(log, 'a');
      try {
        const child = spawn(program, rest, { cwd, env, detached: true, stdio: ['ignore', output, output] });
        child.unref();
        if (child.pid === undefined) throw new Error(`${program} did not start`);
        return child.pid;
      } finally {
        closeSync(output);
      }
    },
  };
}
