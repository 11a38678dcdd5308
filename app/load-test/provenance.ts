// Reads the versions and the commit that are recorded in every run.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ignoreFault } from '../../core/errors.ts';

const root = new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url);
const clients = ['@platformatic/kafka', 'kafkajs'];

/** @returns no commit if Plimsoll does not run from a checkout */
export async function readProvenance({ signal }: { signal: AbortSignal }) {
  const { version, dependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  const pinned = clients.flatMap((name) => (dependencies[name] === undefined ? [] : [[name, dependencies[name]]]));
  const gitCommit = await readCommit(signal);
  return {
    versions: { plimsoll: version, node: process.version, ...Object.fromEntries(pinned) } as Record<string, string>,
    ...(gitCommit !== undefined && { gitCommit }),
  };
}

async function readCommit(signal: AbortSignal): Promise<string | undefined> {
  // An installed copy may be inside an unrelated checkout.
  if (!existsSync(new URL('.git', root))) return undefined;
  const args = ['rev-parse', 'HEAD'];
  return promisify(execFile)('git', args, { cwd: fileURLToPath(root), signal }).then(
    ({ stdout }) => stdout.trim(),
    ignoreFault('the commit is then unknown'),
  );
}
