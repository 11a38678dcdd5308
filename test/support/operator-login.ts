// Logs a test in as operator of a service without a configured login, with the token file that the service prints.

import { readFile } from 'node:fs/promises';

/** @param said standard output of `plimsoll serve` */
export async function operatorHeaders(said: string): Promise<{ Authorization: string }> {
  const [, file] = /the (?:operator )?token is in (.+)$/m.exec(said) ?? [];
  if (file === undefined) throw new Error(`the service names no token: ${said}`);
  return { Authorization: `Bearer ${(await readFile(file, 'utf8')).trim()}` };
}
