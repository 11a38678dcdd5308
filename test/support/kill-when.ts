// Kills a change in the midst of it, as a machine that fails does, and forgets its lease.

import type { ClusterConfig } from '../../brokers/config.ts';
import { forgetLease } from './forget-lease.ts';
import { startCli } from './run-cli.ts';

/** SIGKILL after this message on standard error. @throws when the command ends by itself */
export async function killWhen(sign: RegExp, words: readonly string[], config: ClusterConfig): Promise<void> {
  const { child, ended } = startCli([...words]);
  let written = '';
  child.stderr?.on('data', (text) => {
    written += String(text);
    if (sign.test(written)) child.kill('SIGKILL');
  });
  const { exitCode, stderr } = await ended;
  if (exitCode !== undefined) throw new Error(`it ended by itself with ${exitCode}: ${stderr}`);
  await forgetLease(config);
}
