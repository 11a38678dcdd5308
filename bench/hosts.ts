// Measures the cost of reading many hosts over SSH every 15 s, with growing GC logs.

import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePorts } from '../lab/free-port.ts';
import { makeKey, publicKeyOf, startSshd } from '../test/support/sshd.ts';
import { atMost, below, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { moved } from './long-gc-log.ts';

const child = fileURLToPath(new URL('read-hosts.ts', import.meta.url));
const runs = promisify(execFile);
const periodSeconds = 15;
const periods = 3;
const startedAtOnce = 10;

const Read = z.object({
  cores: z.number(),
  wallSeconds: z.number(),
  residentBytes: z.number(),
  slowestSeconds: z.number(),
  failed: z.number(),
  logsThatStoodStill: z.number(),
});

export const hosts = {
  name: 'hosts',
  summary: `CPU and memory of a process that reads machines over SSH every ${periodSeconds} s, each by a real sshd`,
  options: {
    machines: { type: 'string', value: 'N', help: 'how many at most (default 200)' },
    logs: { type: 'string', value: 'N', help: 'GC logs they have between them, 1 KB/s each (default 500)' },
    only: { type: 'boolean', help: 'all of them at once, and no quarter and half of them before' },
  },

  async run(io) {
    const most = Number(io.options['machines'] ?? 200);
    const logs = Number(io.options['logs'] ?? 500);
    await using cleanUp = new AsyncDisposableStack();
    const { path: folder } = cleanUp.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-hosts-')));
    const machines = await startMachines(most, folder, cleanUp, io);
    const paths = await writeLogs(logs, folder, cleanUp);
    const configs = machines.map((config, index) => ({
      ...config,
      processes: {},
      // Distributed so that half of the machines have half of the logs.
      gcLogs: Object.fromEntries(
        paths.filter((_, log) => Math.floor((log * most) / logs) === index).map((files) => [files, { files }]),
      ),
    }));
    // A quarter and a half of the machines show how the cost scales.
    const results: BenchResult[] = [];
    const counts = io.options['only'] === true ? [most] : [Math.ceil(most / 4), Math.ceil(most / 2), most];
    for (const count of new Set(counts)) {
      const path = join(folder, `${count}.json`);
      await writeFile(path, JSON.stringify(configs.slice(0, count)));
      const followed = sum(configs.slice(0, count).map(({ gcLogs }) => Object.keys(gcLogs).length));
      results.push(...(await measure(path, { count, followed }, io)));
    }
    return results;
  },
} satisfies Bench;

async function startMachines(
  count: number,
  folder: string,
  cleanUp: AsyncDisposableStack,
  { signal, stderr }: BenchIo,
): Promise<object[]> {
  const privateKeyFile = makeKey(folder, 'user_key');
  const hostKey = makeKey(folder, 'host_key');
  const knownHostsFile = join(folder, 'known_hosts');
  const [type, key] = publicKeyOf(hostKey).split(' ');
  await writeFile(knownHostsFile, `[127.0.0.1]:* ${type} ${key}\n`);
  const options = {
    folder,
    hostKey,
    authorized: [publicKeyOf(privateKeyFile)],
    // A nested bash reads no .bashrc, which would add the cost of the user's settings.
    settings: ['SetEnv SHLVL=2'],
  };
  const ports = await freePorts(count);
  for (let index = 0; index < count; index += startedAtOnce) {
    signal.throwIfAborted();
    const some = ports.slice(index, index + startedAtOnce);
    await Promise.all(some.map(async (port) => cleanUp.use(await startSshd({ ...options, port }))));
  }
  stderr.write(`${count} sshd run\n`);
  return ports.map((port) => ({
    probe: 'ssh',
    address: `127.0.0.1:${port}`,
    user: userInfo().username,
    privateKeyFile,
    knownHostsFile,
  }));
}

/** Writes a real log that grows like that of a busy broker: about 1 KB per collection, one per second. */
async function writeLogs(count: number, folder: string, cleanUp: AsyncDisposableStack): Promise<string[]> {
  const log = await readFile(new URL('../test/fixtures/gc-logs/unified/17-g1-kafka.log', import.meta.url), 'latin1');
  const part = log.slice(log.indexOf('\n', log.length - periodSeconds * 1024) + 1);
  const collections = new Set(part.match(/GC\(\d+\)/g)).size;
  const paths = Array.from({ length: count }, (_, index) => join(folder, `gc-${index}.log`));
  await Promise.all(paths.map((path) => writeFile(path, log)));
  let second = 0;
  const timer = setInterval(() => {
    second += 1;
    const turn = Math.ceil(second / periodSeconds);
    const next = moved(part, turn * periodSeconds, turn * collections);
    for (let index = second % periodSeconds; index < count; index += periodSeconds) {
      appendFileSync(paths[index] as string, next);
    }
  }, 1000);
  cleanUp.defer(() => clearInterval(timer));
  return paths;
}

async function measure(
  path: string,
  { count, followed }: { count: number; followed: number },
  { signal, stderr }: BenchIo,
): Promise<BenchResult[]> {
  const words = [...process.execArgv, child, path, `${path}.state`, String(periodSeconds), String(periods)];
  const reading = runs(process.execPath, words, { signal });
  reading.child.stderr?.on('data', (text: string) => stderr.write(text));
  const read = Read.parse(JSON.parse((await reading).stdout));
  const machines = `${count} machines with ${followed} GC logs every ${periodSeconds} s`;
  return [
    below(`CPU, ${machines}`, 'cores', read.cores, 1),
    below(`most resident, ${machines}`, 'MB', read.residentBytes / 1e6, 500),
    {
      metric: `a period, ${machines}`,
      unit: 's',
      ours: read.wallSeconds / periods,
      goal: `${periodSeconds}: no reading runs into the next`,
      met: read.wallSeconds / periods < periodSeconds * 1.05,
    },
    { metric: `slowest reading, ${machines}`, unit: 's', ours: read.slowestSeconds, goal: 'none' },
    atMost(`readings that failed, ${machines}`, '', read.failed, 0),
    atMost(`logs of which nothing new was read, ${machines}`, '', read.logsThatStoodStill, 0),
  ];
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
