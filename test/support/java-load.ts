// Runs Apache's benchmark programs and returns their output.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JavaJars } from '../../bench/java-clients.ts';

export interface JavaLoad extends AsyncDisposable {
  /** Output so far, including standard error. */
  printed(): string;
  /** Resolves when the program exits without being killed. */
  ended: Promise<void>;
}

/** @param namespace network namespace of the program; by default that of the test */
export function startJavaLoad(
  { java, lib }: JavaJars,
  mainClass: string,
  words: readonly string[],
  { namespace }: { namespace?: string } = {},
): JavaLoad {
  // `ip` enters the namespace and then executes java.
  const [program = java, ...before] = namespace === undefined ? [java] : ['ip', 'netns', 'exec', namespace, java];
  const child = spawn(
    program,
    [...before, '-Xmx128m', '-XX:+UseSerialGC', '-cp', join(lib, '*'), mainClass, ...words],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const closed = once(child, 'close');
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
  return {
    printed: () => text,
    ended: closed.then(() => {}),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await closed;
    },
  };
}
