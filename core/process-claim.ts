// Claims a folder for this process, so that no other process uses it at the same time.

import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from './clock.ts';
import { ignoreFault } from './errors.ts';
import { ifPresent, replaceFile } from './files.ts';
import { PlacedProcess, processState, thisProcess } from './started-process.ts';
import { parseJson } from './text/parse-json.ts';

const Claim = PlacedProcess.extend({ schemaVersion: z.literal(1), since: z.iso.datetime() });

const claimName = /^claim\.[0-9a-f-]+\.json$/;

export type ClaimState =
  | { kind: 'unclaimed' }
  /** The claiming process was killed. */
  | { kind: 'ended' }
  /** `unknown`: in another container or on another machine. */
  | { kind: 'running' | 'unknown'; pid?: number; who: string; path: string };

export interface ProcessClaim extends AsyncDisposable {
  /** Claims of other processes. */
  others(): Promise<ClaimState>;
}

/** Claims first and looks for others afterwards, so that of two processes at least one sees the other. @throws file system errors */
export async function claimFolder(folder: string): Promise<ProcessClaim> {
  const own = `claim.${randomUUID()}.json`;
  const claim = { schemaVersion: 1, ...thisProcess(), since: systemClock.now().toISOString() };
  await replaceFile(join(folder, own), (file) => file.writeFile(`${JSON.stringify(claim)}\n`));
  return {
    async others() {
      const state = await claimOn(folder, own);
      if (state.kind === 'ended') {
        for (const name of await claimsIn(folder)) {
          if ((await readClaim(join(folder, name))).kind === 'ended') await remove(folder, name);
        }
      }
      return state;
    },
    [Symbol.asyncDispose]: () => remove(folder, own),
  };
}

/** @param own name of a claim to ignore. @throws file system errors */
export async function claimOn(folder: string, own?: string): Promise<ClaimState> {
  let found: ClaimState = { kind: 'unclaimed' };
  for (const name of await claimsIn(folder)) {
    if (name === own) continue;
    const state = await readClaim(join(folder, name));
    if (state.kind === 'running') return state;
    if (found.kind !== 'unknown') found = state;
  }
  return found;
}

const claimsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => claimName.test(name));

const remove = (folder: string, name: string): Promise<void> =>
  rm(join(folder, name), { force: true }).catch(ignoreFault('the claim of a process that has ended does not count'));

async function readClaim(path: string): Promise<Exclude<ClaimState, { kind: 'unclaimed' }>> {
  const text = await ifPresent(readFile(path, 'utf8'));
  // Removed since the folder was listed.
  if (text === undefined) return { kind: 'ended' };
  const { data: claim } = Claim.safeParse(parseJson(text));
  if (claim === undefined) return { kind: 'unknown', who: 'a process whose claim cannot be read', path };
  const state = processState(claim);
  const { pid, host, since } = claim;
  if (state === 'ended') return { kind: 'ended' };
  return { kind: state, pid, who: `process ${pid} on ${host}, since ${since}`, path };
}
