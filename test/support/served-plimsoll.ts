// Runs `plimsoll serve` in a child process on a separate port.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { operatorHeaders } from './operator-login.ts';
import { spawnPlimsoll, type Finished } from './plimsoll.ts';

export interface ServedPlimsoll extends AsyncDisposable {
  /** URL with a trailing slash. */
  url: string;
  /** Kills it, like a power failure. */
  kill(): Promise<void>;
  /** Suspends it, as on a machine that swaps, until it is continued. */
  stop(): void;
  go(): void;
  /** Makes it reload its config file. */
  hangUp(): void;
  /** Its standard error so far. */
  said(): string;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Headers of an operator, if no login is configured. */
  operator(): Promise<{ Authorization: string }>;
  /** Repeats a request until the response passes, for a minute. */
  until<Value>(path: string, passes: (body: string) => Value | undefined): Promise<Value>;
}

const mostToEndMs = 60_000;

/** If users log in, it listens as configured. @throws Error with the output of the service if it does not start */
export async function servePlimsoll(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<ServedPlimsoll> {
  const listen = words.includes('--web.config.file') ? [] : ['--listen', '127.0.0.1:0'];
  const { child, written, finished } = spawnPlimsoll(['serve', ...listen, ...words], { environment });
  const url = await Promise.race([untilListening(child.stdout, written), finished.then(fail)]);
  const get = (path: string, init?: RequestInit) => fetch(new URL(path, url), init);
  const end = async (signal: NodeJS.Signals) => {
    // A suspended process does not exit.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGCONT');
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const hangs = delay(mostToEndMs, 'hangs', { ref: false });
    if ((await Promise.race([finished, hangs])) !== 'hangs') return;
    child.kill('SIGKILL');
    throw new Error(`the service did not end within ${mostToEndMs} ms of ${signal}: ${written.stderr}`);
  };
  return {
    url,
    kill: () => end('SIGKILL'),
    stop: () => void child.kill('SIGSTOP'),
    go: () => void child.kill('SIGCONT'),
    hangUp: () => void child.kill('SIGHUP'),
    said: () => written.stderr,
    get,
    operator: () => operatorHeaders(written.stdout),
    async until(path, passes) {
      let body = '';
      for (const end = Date.now() + 60_000; Date.now() < end; await delay(200)) {
        body = await (await get(path, { signal: AbortSignal.timeout(60_000) })).text();
        const value = passes(body);
        if (value !== undefined) return value;
      }
      const text = body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
      throw new Error(`${path} never became what was waited for: ${text.slice(0, 4000)}\n${written.stderr}`);
    },
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}

async function untilListening(stdout: NodeJS.ReadableStream, written: { stdout: string }): Promise<string> {
  for (;;) {
    const [, url] = /^listening on (\S+)$/m.exec(written.stdout) ?? [];
    if (url !== undefined) return url;
    await once(stdout, 'data');
  }
}

function fail({ exitCode, stderr }: Finished): never {
  throw new Error(`plimsoll serve ended with ${exitCode}: ${stderr}`);
}
