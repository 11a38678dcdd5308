// Stops a lab: processes first, then namespaces, then files; safe to repeat.

import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { logFolder } from './broker-jvm.ts';
import { findMarked, stopProcesses } from './detached-process.ts';
import { nodeNames, readLabState, removeLabState, type LabProcess, type LabState } from './lab-state.ts';
import { removeNamespaces } from './shaped-network.ts';
import { isRunning } from '../core/started-process.ts';

export const configPath = (directory: string) => join(directory, 'plimsoll.yaml');

/**
 * Stops only what `lab up` started in this directory, even after a crash of the starter.
 *
 * @returns whether there was a lab.
 * @throws AppError lab-running while another process is still starting it
 */
export async function stopLab(directory: string, io: { clock: Clock; signal: AbortSignal }): Promise<boolean> {
  const state = readLabState(directory);
  if (state === undefined) return false;
  if (isStarting(state)) {
    throw new AppError('lab-running', `process ${state.starter?.pid} is still starting the lab in ${directory}`, {
      hint: 'interrupt that process (Ctrl-C): it stops what it started',
    });
  }
  await dismantle(directory, state, io);
  return true;
}

export const isStarting = ({ starter }: LabState) => starter !== undefined && isRunning(starter);

/** @param keepLogs true for a failed lab, because its error message names a log */
export async function dismantle(
  directory: string,
  state: LabState,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  { keepLogs = false } = {},
): Promise<void> {
  const having = (...roles: LabProcess['role'][]) => state.processes.filter(({ role }) => roles.includes(role));
  await stopProcesses(having('broker', 'name-server', 'proxy'), clock);
  await stopProcesses(having('zookeeper', 'namespace-holder'), clock);
  await stopProcesses(findMarked(state.id), clock);
  await removeNamespaces(state.namespaces, signal);
  for (const name of readdirSync(directory)) if (nodeNames.test(name)) remove(join(directory, name));
  remove(configPath(directory));
  if (!keepLogs) remove(logFolder(directory));
  removeLabState(directory);
  if (readdirSync(directory).length === 0) rmdirSync(directory);
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true });
