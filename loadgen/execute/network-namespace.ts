// Runs the same command again inside the network namespace that the config names.

import { spawn } from 'node:child_process';
import { addAbortListener } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { AppError } from '../../core/errors.ts';

/** Set in the process inside the namespace, to prevent a second entry. */
const namespaceMarker = 'PLIMSOLL_NETWORK_NAMESPACE';

export const isInside = (namespace: string, environment: NodeJS.ProcessEnv) =>
  environment[namespaceMarker] === namespace;

/**
 * Runs this process again with `ip netns exec` and the same standard streams, and returns its exit code.
 * @param more words appended to the command line
 * @param io.signal on abort the inner process is notified and ends on its own
 * @throws AppError no-permission, prerequisite-missing
 */
export async function runInside(
  namespace: string,
  { signal, environment }: { signal: AbortSignal; environment: NodeJS.ProcessEnv },
  more: readonly string[] = [],
): Promise<number> {
  if (process.getuid?.() !== 0) {
    throw new AppError('no-permission', `only root may enter the network namespace ${namespace}`, {
      hint: 'run the command as root, or remove loadgen.networkNamespace to use the default network',
    });
  }
  if (!existsSync(`/run/netns/${namespace}`)) {
    throw new AppError('prerequisite-missing', `no network namespace ${namespace} on this machine`, {
      hint: '`plimsoll lab up kafka --nic SPEED` makes one and writes the config that names it; or correct loadgen.networkNamespace',
    });
  }
  // Pass only the program name and arguments, not the flags of a debugger or test runner.
  const args = ['netns', 'exec', namespace, process.execPath, ...process.argv.slice(1), ...more];
  const child = spawn('ip', args, {
    // The IPC channel closes when this process is killed; nothing is sent on it.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...environment, [namespaceMarker]: namespace },
    // A separate process group: Ctrl-C on the terminal then reaches the inner process once, through this process.
    detached: true,
  });
  const interrupt = () => void child.kill('SIGINT');
  using _ = addAbortListener(signal, interrupt);
  // The second Ctrl-C ends this process at once and sends the inner process its second interrupt.
  process.once('exit', interrupt);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (cause: NodeJS.ErrnoException) =>
    reject(
      cause.code === 'ENOENT'
        ? new AppError('prerequisite-missing', 'command `ip` not found; it is needed to enter a network namespace', {
            cause,
            hint: 'apt-get install iproute2',
          })
        : cause,
    ),
  );
  child.once('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  try {
    return await promise;
  } finally {
    process.off('exit', interrupt);
  }
}

/** Called inside the namespace: aborts when the outer process ends for any reason. */
export function abortWithParent(abort: () => void): void {
  if (process.channel === undefined) return;
  process.channel?.unref();
  process.once('disconnect', abort);
}
