// Checks a machine, copies the program to it, runs the worker and removes the program afterwards.

import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { checkCommand, judgeMachine, type Architecture } from './machine-check.ts';
import type { RemoteMachine } from './machine.ts';
import type { Pass } from './pass.ts';

export interface PackedProgram {
  file: string;
  /** SHA-256 in hex. */
  digest: string;
}

export interface DeployOptions {
  /** Packs this version for a machine architecture; called only if the machine needs a copy. */
  pack(architecture: Architecture): Promise<PackedProgram>;
  mostSecondsOff: number | undefined;
  keepBundle: boolean;
  clock: Clock;
  onLog(line: string): void;
}

/** Unpacked, the program and Node take 150 MB; the archive takes 60 MB. */
const neededBytes = 256 * 2 ** 20;

/** Folder on the machine: one per digest, or one for this run only. Input is never part of a command. */
const intoFolder = 'set -eu; umask 077; IFS= read -r name; case "$name" in (*[!0-9a-z-]*|"") exit 2;; esac; cd "$HOME"';
const lookCommand = `${intoFolder}; if [ -f ".plimsoll-worker/$name/complete" ]; then echo present; else mkdir -p .plimsoll-worker; pwd; fi`;
const unpackCommand = [
  intoFolder,
  'IFS= read -r digest; cd .plimsoll-worker',
  'found=$(sha256sum "$name.tar.gz" | cut -d " " -f 1)',
  'if [ "$found" != "$digest" ]; then rm -f "$name.tar.gz"; echo "damaged"; exit 0; fi',
  'rm -rf "$name"; mkdir "$name"; tar -xzf "$name.tar.gz" -C "$name"; rm -f "$name.tar.gz"; : > "$name/complete"; echo unpacked',
].join('; ');
/**
 * The pass is sent on standard input, so that it is never in a file or in process arguments. Files copied for a single
 * run are deleted with its worker, even if the coordinator is gone. The worker does not wait, because the coordinator
 * is already listening.
 */
const startCommand = `${intoFolder}; cd .plimsoll-worker; "$name/start-worker" 0 || :; case "$name" in (run-*) rm -rf "$name"; cd ..; rmdir .plimsoll-worker 2>/dev/null || :;; esac`;
const removeCommand = `${intoFolder}; rm -rf ".plimsoll-worker/$name" ".plimsoll-worker/$name.tar.gz"; rmdir .plimsoll-worker 2>/dev/null || :; echo removed`;

/** @throws AppError machine-unfit, clock-off, host-…; in these cases nothing was copied */
export async function deploy(
  machine: RemoteMachine,
  { pack, mostSecondsOff, keepBundle, clock, onLog }: DeployOptions,
  io: { signal: AbortSignal },
) {
  const sentAt = clock.now();
  const { stdout } = await machine.run(checkCommand, '', io);
  const needs = { bytes: neededBytes, mostSecondsOff, sentAt, answered: clock.now() };
  const { file, digest } = await pack(judgeMachine(machine.name, stdout, needs));
  const name = keepBundle ? `bundle-${digest.slice(0, 32)}` : `run-${randomBytes(12).toString('hex')}`;
  const say = async (command: string, expected: RegExp, ...lines: readonly string[]) => {
    const answer = await machine.run(command, [name, ...lines, ''].join('\n'), io);
    const said = answer.stdout.trim();
    if (expected.test(said)) return said;
    const why = said === 'damaged' ? 'the copy arrived damaged' : answer.stderr.trim() || said || 'no answer';
    throw new AppError('machine-unfit', `host ${machine.name} cannot become a worker: ${why}`);
  };
  const remove = async () => {
    await machine.run(removeCommand, `${name}\n`, { signal: AbortSignal.timeout(15_000) }).catch((error: unknown) => {
      onLog(`~/.plimsoll-worker/${name} could not be removed: ${(error as Error).message}`);
    });
  };
  await using opened = new AsyncDisposableStack();
  // Also runs after an abort, so that the machine is left unchanged.
  if (!keepBundle) opened.defer(remove);
  // The start folder of SFTP may differ from the shell's home, so use the absolute path.
  const home = await say(lookCommand, /^(?:present|\/.*)$/);
  if (home !== 'present') {
    await using copying = new AsyncDisposableStack();
    // The rest of an aborted copy is not a usable bundle.
    if (keepBundle) copying.defer(remove);
    const { size } = await stat(file);
    onLog(`copying ${Math.round(size / 1e6)} MB`);
    await machine.put(file, `${home}/.plimsoll-worker/${name}.tar.gz`, io);
    await say(unpackCommand, /^unpacked$/, digest);
    copying.move();
  }
  const stack = opened.move();
  return {
    /** Runs the worker until it ends. @returns its last line on standard error */
    async serve(pass: Pass, { signal }: { signal: AbortSignal }): Promise<string> {
      const { stderr } = await machine.run(startCommand, `${name}\n${JSON.stringify(pass)}\n`, { signal, onLog });
      return stderr.trim().split('\n').at(-1) ?? '';
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
