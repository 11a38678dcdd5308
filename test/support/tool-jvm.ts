// Runs command-line tools of brokers in one JVM, so that only the first call waits for a JVM to start.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ignoreFault } from '../../core/errors.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import type { ToolAnswer } from '../../lab/run-tool.ts';
import { compileJava } from './compiled-java.ts';

export interface ToolCall {
  mainClass: string;
  words: readonly string[];
  signal: AbortSignal;
}

export interface ToolJvm extends AsyncDisposable {
  /** Runs one call at a time; others wait. @returns output and exit code of the tool, like a separate program */
  run(call: ToolCall): Promise<ToolAnswer>;
}

const source = fileURLToPath(new URL('../fixtures/admin-clients/ToolRunner.java', import.meta.url));
const end = /\0end (\d+)\n/;

/**
 * Starts the JVM with the first call, and again after a tool that ended it. The JVM ends at the latest with this process.
 * @param jars folder with the tools
 */
export function openToolJvm(java: string, options: readonly string[], jars: string): ToolJvm {
  let jvm: ChildProcessWithoutNullStreams | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const hasEnded = () => jvm === undefined || jvm.exitCode !== null || jvm.signalCode !== null;
  async function answer(call: ToolCall): Promise<ToolAnswer> {
    call.signal.throwIfAborted();
    if (jvm === undefined || hasEnded()) {
      const classPath = [await compiledRunner(), join(jars, '*')].join(delimiter);
      jvm = spawn(java, [...options, '-cp', classPath, 'ToolRunner'], { stdio: 'pipe' });
      jvm.stdin.on('error', ignoreFault('the exit code reports what happened'));
      jvm.stdout.setEncoding('utf8');
      jvm.stderr.setEncoding('utf8');
    }
    return ask(jvm, call);
  }
  return {
    run(call) {
      const answered = last.then(() => answer(call));
      last = Promise.allSettled([answered]);
      return answered;
    },
    async [Symbol.asyncDispose]() {
      if (jvm === undefined || hasEnded()) return;
      const ended = once(jvm, 'exit');
      jvm.kill('SIGKILL');
      await ended;
    },
  };
}

/** Compiles once for all test files. @returns its class path */
async function compiledRunner(): Promise<string> {
  const cache = join(cacheFolder(process.env), 'lab');
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const folder = join(cache, `tool-runner-${digest}`);
  if (!existsSync(folder)) {
    const draft = await mkdtemp(join(cache, 'tool-runner-draft-'));
    await compileJava({ source, java: 17 }, draft);
    try {
      await rename(draft, folder);
    } catch (fault) {
      // Another test file was faster.
      await rm(draft, { recursive: true });
      if (!existsSync(folder)) throw fault;
    }
  }
  return join(folder, 'classes');
}

async function ask(jvm: ChildProcessWithoutNullStreams, { mainClass, words, signal }: ToolCall): Promise<ToolAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ToolAnswer>();
  const written = { stdout: '', stderr: '' };
  const add = (name: keyof typeof written) => (text: string) => {
    written[name] += text;
    const [out, error] = [end.exec(written.stdout), end.exec(written.stderr)];
    if (out === null || error === null) return;
    const [stdout, stderr] = [written.stdout.slice(0, out.index), written.stderr.slice(0, error.index)];
    resolve({ exitCode: Number(out[1]), stdout, stderr });
  };
  const listeners = { stdout: add('stdout'), stderr: add('stderr') };
  const stop = () => void jvm.kill('SIGKILL');
  const close = (exitCode: number | null) => {
    if (signal.aborted) reject(signal.reason as Error);
    else resolve({ ...(exitCode === null ? {} : { exitCode }), ...written });
  };
  jvm.stdout.on('data', listeners.stdout);
  jvm.stderr.on('data', listeners.stderr);
  jvm.on('close', close);
  jvm.on('error', reject);
  signal.addEventListener('abort', stop);
  try {
    jvm.stdin.write(`${[mainClass, ...words].join('\t')}\n`);
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    jvm.stdout.off('data', listeners.stdout);
    jvm.stderr.off('data', listeners.stderr);
    jvm.off('close', close);
    jvm.off('error', reject);
  }
}
