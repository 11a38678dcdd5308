// Reads the state of a lab: running nodes, their addresses and memory.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bytes, type Bytes } from '../core/units.ts';
import { readLabState, type LabProcess, type LabState } from './lab-state.ts';
import { isRunning } from '../core/started-process.ts';
import { configPath, isStarting } from './stop-lab.ts';

export interface NodeStatus {
  name: string;
  role: Exclude<LabProcess['role'], 'namespace-holder'>;
  /** Id of a broker. */
  id?: string;
  /** Client address of a broker or name server. */
  address?: string;
  pid: number;
  state: 'running' | 'exited';
  /** Resident set of the JVM. */
  memory?: Bytes;
  log?: string;
}

export type LabStatus =
  | { kind: 'none' }
  /** `interrupted`: the starter ended before the lab was ready; `lab down` removes the rest. */
  | ({ kind: 'starting' | 'interrupted' } & LabDescription)
  | ({ kind: 'ready'; configPath: string } & LabDescription);

interface LabDescription extends Pick<LabState, 'product' | 'version' | 'nic'> {
  nodes: readonly NodeStatus[];
}

/** @throws AppError lab-failed if the state file is damaged */
export function readLabStatus(directory: string): LabStatus {
  const state = readLabState(directory);
  if (state === undefined) return { kind: 'none' };
  const description = {
    product: state.product,
    version: state.version,
    nodes: state.processes.flatMap((process) => nodeStatus(process, state)),
    ...(state.nic && { nic: state.nic }),
  };
  if (state.starter === undefined) return { kind: 'ready', configPath: configPath(directory), ...description };
  return { kind: isStarting(state) ? 'starting' : 'interrupted', ...description };
}

function nodeStatus(process: LabProcess, { brokers, nameServers = [] }: LabState): NodeStatus[] {
  const { name, role, pid, log } = process;
  if (role === 'namespace-holder') return [];
  const broker = brokers.find((candidate) => candidate.name === name);
  const address = broker?.address ?? nameServers.find((_, index) => name === `nameserver-${index + 1}`);
  const runs = isRunning(process);
  const memory = runs ? residentBytes(pid) : undefined;
  return [
    {
      name,
      role,
      ...(broker && { id: broker.id }),
      ...(address !== undefined && { address }),
      pid,
      state: runs ? 'running' : 'exited',
      ...(memory !== undefined && { memory }),
      ...(log !== undefined && { log }),
    },
  ];
}

/** VmRSS in /proc/<pid>/status and ps both use units of 1024 bytes. */
function residentBytes(pid: number): Bytes | undefined {
  try {
    const text =
      process.platform === 'linux'
        ? /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return text === undefined ? undefined : bytes(Number(text) * 1024);
  } catch {
    return undefined;
  }
}
