// Kills a change in progress, as a failing machine does, and removes its lease.

import type { ClusterConfig } from '../../brokers/config.ts';
import { forgetLease } from './forget-lease.ts';
import { main } from './plimsoll.ts';
import { startCommand } from './run-cli.ts';

const preload = new URL('die-at-message.ts', import.meta.url).href;

/**
 * Sends SIGKILL after this message on standard error.
 * @returns its output until then
 * @throws if the command exits before
 */
export async function killWhen(sign: RegExp, words: readonly string[], config: ClusterConfig): Promise<string> {
  const environment = { ...process.env, PLIMSOLL_TEST_DIE_AT: sign.source };
  const { ended } = startCommand([process.execPath, '--import', preload, main, ...words], environment);
  const { exitCode, stderr } = await ended;
  if (exitCode !== undefined) throw new Error(`it ended by itself with ${exitCode}: ${stderr}`);
  await forgetLease(config);
  return stderr;
}
