// What does a real VictoriaMetrics make of the same questions? Built once at an exact version with Go, and kept in the user's cache.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheFolder } from '../../core/user-folders.ts';
import { freePorts } from '../../lab/free-port.ts';

const module = 'github.com/VictoriaMetrics/VictoriaMetrics';
const version = 'v1.122.0';

export interface RunningVictoriaMetrics extends AsyncDisposable {
  url: string;
}

/** @param text in the Prometheus format with times in milliseconds, which it holds from the start */
export async function startVictoriaMetrics(text: string): Promise<RunningVictoriaMetrics> {
  const binary = await builtBinary();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-victoria-metrics-'));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    binary,
    [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=100y',
      '-loggerLevel=ERROR',
      '-memory.allowedBytes=256MiB',
      // What was imported is seen at once.
      '-search.latencyOffset=0s',
    ],
    { stdio: 'inherit' },
  );
  const ended = once(child, 'exit');
  for (const end = Date.now() + 30_000; ; await setTimeout(100)) {
    const isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    if (Date.now() > end) throw new Error('VictoriaMetrics did not start within 30 s');
  }
  const imported = await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body: text });
  if (!imported.ok) throw new Error(`import: HTTP ${imported.status}`);
  await fetch(`${url}/internal/force_flush`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** About two minutes of two cores the first time. `go install` would ask the proxy for all versions there are. */
async function builtBinary(): Promise<string> {
  const folder = join(cacheFolder(process.env), 'victoria-metrics');
  const binary = join(folder, version);
  if (
    await stat(binary).then(
      () => true,
      () => false,
    )
  )
    return binary;
  await mkdir(folder, { recursive: true });
  const run = promisify(execFile);
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: folder });
  const { Dir: source } = JSON.parse(stdout) as { Dir: string };
  const made = `${binary}.${process.pid}`;
  await run('go', ['build', '-o', made, './app/victoria-metrics'], { cwd: source, maxBuffer: 2 ** 26 });
  await rename(made, binary);
  return binary;
}
