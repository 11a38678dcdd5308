// Records what the lab starts, before and while it starts, so that everything is known after a crash.

import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { brokerKinds, type BrokerKind } from '../core/cluster.ts';
import { AppError } from '../core/errors.ts';
import { identify, StartedProcess } from '../core/started-process.ts';
import { quotedWord } from '../core/text/quoted-word.ts';
import { makeFolder } from '../core/files.ts';

const LabProcess = z.strictObject({
  ...StartedProcess.shape,
  /** `broker-1`, `nameserver-1`, `zookeeper`, or the host of the network namespace that it holds open. */
  name: z.string(),
  role: z.enum(['broker', 'zookeeper', 'name-server', 'proxy', 'namespace-holder']),
  log: z.string().optional(),
});
export type LabProcess = z.infer<typeof LabProcess>;

export const LabState = z.strictObject({
  schemaVersion: z.literal(1),
  /** Part of every namespace's name, so that labs do not collide. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  product: z.enum(brokerKinds),
  version: z.string(),
  /** Process that is still starting this lab; absent once the lab is ready. */
  starter: StartedProcess.optional(),
  brokers: z.array(z.strictObject({ id: z.string(), name: z.string(), address: z.string() })),
  /** RocketMQ only, like the proxy. */
  nameServers: z.array(z.string()).optional(),
  proxy: z.strictObject({ grpc: z.string(), remoting: z.string() }).optional(),
  nic: z.strictObject({ bitsPerSecond: z.number().positive(), source: z.string() }).optional(),
  namespaces: z.array(z.string().startsWith('plimsoll-')),
  processes: z.array(LabProcess),
});
export type LabState = z.infer<typeof LabState>;

/** Folders of nodes and secrets. */
export const nodeNames = /^(broker-\d|nameserver-\d|proxy|zookeeper|secrets)$/;
/** Files that a failed or killed lab leaves in its folder. */
const ownNames = new RegExp(`^(lab\\.json.*|logs)$|${nodeNames.source}`);

/** @returns the initial state of a lab that this process is about to start */
export function newLabState(product: BrokerKind, version: string): LabState {
  const starter = identify(process.pid);
  return {
    schemaVersion: 1,
    id: randomBytes(4).toString('hex'),
    product,
    version,
    ...(starter && { starter }),
    brokers: [],
    namespaces: [],
    processes: [],
  };
}

const statePath = (directory: string) => join(directory, 'lab.json');

/** @returns undefined if there is no lab here. @throws AppError lab-failed if the file is damaged */
export function readLabState(directory: string): LabState | undefined {
  const path = statePath(directory);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new AppError('lab-failed', `cannot read the state of the lab: ${(cause as Error).message}`, {
      cause,
      hint: stateHint,
    });
  }
  return parseLabState(text, path);
}

export function parseLabState(text: string, path: string): LabState {
  try {
    return LabState.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('lab-failed', `${path} is not the state of a lab: it was edited, or another version wrote it`, {
      cause,
      hint: stateHint,
    });
  }
}

const stateHint = 'end the processes named there by hand and remove the folder, or give another --state-dir';

/** @param directory folder `lab` of a state folder */
export function labRunning(directory: string): AppError {
  const folder = quotedWord(dirname(directory));
  return new AppError('lab-running', `a lab runs already, or is being started, in ${directory}`, {
    hint: `\`plimsoll lab status --state-dir ${folder}\` shows it, \`plimsoll lab down --state-dir ${folder}\` stops it`,
  });
}

/**
 * @returns false if another lab uses this directory
 * @throws AppError usage if the directory contains unrelated files, which `lab down` must never remove
 */
export function claimLabState(directory: string, state: LabState): boolean {
  makeFolder(directory);
  const names = readdirSync(directory);
  const strangers = names.filter((name) => !ownNames.test(name));
  if (!names.includes('lab.json') && strangers.length > 0) {
    throw new AppError(
      'usage',
      `${directory} has files that do not belong to a lab: ${strangers.slice(0, 3).join(', ')}`,
      {
        hint: 'give --state-dir a folder that only the lab uses',
      },
    );
  }
  const draft = writeDraft(directory, state);
  try {
    linkSync(draft, statePath(directory));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Synchronous, so that a started process is recorded before anything else can happen. */
export function writeLabState(directory: string, state: LabState): void {
  renameSync(writeDraft(directory, state), statePath(directory));
}

/** Also removes drafts of killed writers. */
export function removeLabState(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, writer] = /^lab\.json\.(\d+)$/.exec(name) ?? [];
    if (writer !== undefined && identify(Number(writer)) === undefined) rmSync(join(directory, name), { force: true });
  }
  rmSync(statePath(directory), { force: true });
}

function writeDraft(directory: string, state: LabState): string {
  const draft = `${statePath(directory)}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { flush: true });
  } catch (cause) {
    rmSync(draft, { force: true });
    // On a full disk, the system error names no file.
    throw Object.assign(cause as Error, { path: draft });
  }
  return draft;
}
