// Runs an action in the network namespace that the config names for load tests, by a second process of the program.

import { AppError } from '../../core/errors.ts';
import { abortWithParent, isInside, runInside } from '../../loadgen/execute/network-namespace.ts';
import type { Caller } from '../caller.ts';
import type { Config } from '../config/config-file.ts';

/** @returns the exit code of the action, or of the process that runs it */
export function inNamespace<Io extends Pick<Caller, 'signal' | 'environment'>>(
  { loadgen }: Pick<Config, 'loadgen'>,
  io: Io,
  act: (io: Io) => Promise<number>,
  more: readonly string[] = [],
): Promise<number> {
  const { signal, environment } = io;
  const namespace = loadgen?.networkNamespace;
  if (namespace === undefined) return act(io);
  if (!isInside(namespace, environment)) return runInside(namespace, { signal, environment }, more);
  const parentGone = new AbortController();
  abortWithParent(() => parentGone.abort(new AppError('aborted', 'the process outside the network namespace is gone')));
  return act({ ...io, signal: AbortSignal.any([signal, parentGone.signal]) });
}
