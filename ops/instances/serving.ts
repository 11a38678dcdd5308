// Reads whether a started instance serves, from its supervisor, ports and output.

import type { Io } from '../../brokers/driver.ts';
import { lastError } from '../../core/text/last-error.ts';
import { findInstances } from '../../hosts/instances/find-instances.ts';
import type { InstanceHost } from '../../hosts/instances/instance-host.ts';
import { isSame } from '../../hosts/instances/same-instance.ts';
import { readOutput, readService } from '../../hosts/instances/service.ts';
import { explainStartup, outputSince, readyLine } from './startup-faults.ts';
import type { ChangedInstance } from './facts.ts';

export type Serving =
  | { kind: 'listens'; pid: number; ports: readonly number[]; isReady: boolean }
  | { kind: 'starting'; reason: string; pid?: number }
  /** The supervisor has given up starting it. */
  | { kind: 'failed'; reason: string; action: string };

interface Started extends Pick<ChangedInstance, 'name' | 'target'> {
  /** Last output before the start. */
  mark: string | undefined;
  /** Amount of output to read; `long` if the start was some time ago. */
  extent?: 'recent' | 'long';
}

export async function readServing(
  host: InstanceHost,
  { name, target, mark, extent = 'recent' }: Started,
  io: Io,
): Promise<Serving> {
  const { state, reason, pid: started } = await readService(host.commands, target, io);
  const output = outputSince(await readOutput(host.commands, target, io, extent), mark);
  const fault = explainStartup(output);
  if (
    state === 'failed' ||
    state === 'stopped' ||
    reason?.startsWith('FATAL') === true ||
    reason?.includes('start-limit-hit') === true
  ) {
    const last = fault?.line ?? lastError(output);
    const why = fault === undefined ? (reason ?? state) : fault.cause;
    return {
      kind: 'failed',
      reason: `${name} ended while it started: ${why}${last === undefined ? '' : `: ${last}`}`,
      action: fault?.action ?? `its output is on host ${host.name}; correct the cause`,
    };
  }
  const explained = fault === undefined ? '' : `; its output shows: ${fault.cause} (${fault.line})`;
  const starting = (why: string): Serving => ({
    kind: 'starting',
    reason: `${name} ${why}${explained}`,
    ...(started !== undefined && { pid: started }),
  });
  if (state !== 'running') return starting(`is ${state}`);
  const process = (await findInstances(host, io)).find((each) => isSame(target, each));
  if (process === undefined) return starting('has no JVM yet');
  const port = target.port ?? process.settings.port;
  const { listens, pid } = process;
  if (port !== undefined && listens !== undefined && !listens.includes(port)) {
    return starting(`does not listen on port ${port} yet`);
  }
  return {
    kind: 'listens',
    pid,
    ports: port === undefined ? (listens ?? []) : [port],
    isReady: readyLine.test(output),
  };
}
