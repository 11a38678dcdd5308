// Injects one fault of a chaos run, and removes it.

import { spawn, type ChildProcess } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { undertakerOf } from '../revive.ts';
import type { FaultProxy } from '../fault-proxy.ts';
import type { FaultKind } from './scenario.ts';

export interface ChaosTarget {
  plimsoll: ChildProcess;
  /** Process ids of the processes to kill. */
  pids: { broker(): Promise<number>; controller(): Promise<number> };
  /** Proxies between Plimsoll and the cluster. */
  proxies: readonly FaultProxy[];
  /** A small file system that holds the journal. */
  stateFolder: string;
  /** File that libfaketime reads in the Plimsoll process. */
  clockFile: string;
  /** Starts the same change as a second operator. @returns how it ended */
  secondOperator(): Promise<string>;
  /** Reports the new id of a restarted process. */
  revived(before: number, now: number): void;
}

export interface Inflicted {
  /** Immediate effect of the fault; for a second operator, its exit code. */
  note?: string;
  /** Removes the fault. */
  heal(): Promise<void>;
}

const nothing = async () => undefined;

export async function inflict(kind: FaultKind, target: ChaosTarget): Promise<Inflicted> {
  switch (kind) {
    case 'kill-plimsoll':
      target.plimsoll.kill('SIGKILL');
      return { heal: nothing };
    case 'kill-broker':
      return kill(await target.pids.broker(), target);
    case 'kill-controller':
    case 'kill-name-server':
      return kill(await target.pids.controller(), target);
    case 'network-cut':
      for (const proxy of target.proxies) proxy.set({ kind: 'black-hole' });
      return {
        async heal() {
          for (const proxy of target.proxies) proxy.set({ kind: 'none' });
        },
      };
    case 'full-disk': {
      const filler = join(target.stateFolder, 'filler');
      await fill(filler);
      return { heal: () => rm(filler, { force: true }) };
    }
    case 'second-operator': {
      return { note: await target.secondOperator(), heal: nothing };
    }
    case 'clock-step':
      await writeFile(target.clockFile, '+3600\n');
      return { heal: nothing };
  }
}

async function kill(pid: number, { revived }: ChaosTarget): Promise<Inflicted> {
  const process = undertakerOf(pid);
  await process.end('SIGKILL');
  return {
    async heal() {
      revived(pid, process.revive());
    },
  };
}

/** Writes until the file system is full. */
async function fill(path: string): Promise<void> {
  const filling = spawn('dd', ['if=/dev/zero', `of=${path}`, 'bs=1k'], { stdio: 'ignore' });
  await new Promise((resolve) => filling.on('close', resolve));
}
