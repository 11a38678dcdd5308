// Kills a broker or name server of a lab and restarts it with its command line, folder, environment and network.

import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { spawnDetached, stopProcesses } from './detached-process.ts';
import { readLabState, writeLabState, type LabProcess } from './lab-state.ts';
import { isRunning } from '../core/started-process.ts';

export type KilledProcess = Awaited<ReturnType<typeof killLabProcess>>;

/**
 * Sends SIGKILL, which simulates a machine failure.
 * @param id broker id in the cluster
 * @throws AppError lab-failed if there is no lab, or the broker does not run
 */
export async function killLabBroker(directory: string, id: string, clock: Clock): Promise<KilledProcess> {
  const name = readLabState(directory)?.brokers.find((broker) => broker.id === id)?.name;
  return killLabProcess(directory, { role: 'broker', name: name ?? id }, clock);
}

/**
 * Sends SIGKILL.
 * @param name such as nameserver-1
 * @throws AppError lab-failed if there is no lab, or the process does not run
 */
export async function killLabProcess(
  directory: string,
  { role, name }: Pick<LabProcess, 'role' | 'name'>,
  clock: Clock,
) {
  const state = readLabState(directory);
  // A process with the same name holds the network namespace open.
  const running = state?.processes.find((each) => each.role === role && each.name === name && isRunning(each));
  if (state === undefined || running === undefined) {
    throw new AppError('lab-failed', `no ${role} ${name} runs in the lab in ${directory}`, {
      hint: '`plimsoll lab status` shows what runs',
    });
  }
  const { pid } = running;
  const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  const log = readlinkSync(`/proc/${pid}/fd/1`);
  const namespace = state.namespaces.find((each) => each === `plimsoll-${state.id}-${running.name}`);
  await stopProcesses([running], clock);
  return {
    /** Records the new process in the state of the lab. */
    startAgain() {
      const output = openSync(log, 'a');
      try {
        const inside = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
        const [first = program, ...rest] = [...inside, program, ...args];
        const started = spawnDetached(first, rest, { labId: state.id, cwd, output });
        const now = readLabState(directory) ?? state;
        const processes = now.processes.map((each): LabProcess => (each.pid === pid ? { ...each, ...started } : each));
        writeLabState(directory, { ...now, processes });
      } finally {
        closeSync(output);
      }
    },
  };
}
