// Starts VictoriaMetrics as one node, or as a cluster of insert, select and two storage nodes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AppError, awaitedElsewhere, ignoreFault } from '../core/errors.ts';
import { freePorts } from '../lab/free-port.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';

export interface MetricStore extends AsyncDisposable {
  name: string;
  /** Base address of /api/v1/import. */
  takesIn: string;
  /** Base address of /api/v1/query. */
  answers: string;
  /** Makes inserted data visible to the next query, except data in transit to a storage node. */
  flush(): Promise<void>;
  cost(): Promise<StoreCost>;
}

export interface StoreCost {
  cpuSeconds: number;
  /** Sum of each process's peak memory since its start. */
  peakResidentBytes: number;
  diskBytes: number;
}

export interface StoreCluster extends MetricStore {
  /** Kills one storage node, which simulates a machine failure. */
  loseOne(): Promise<void>;
}

const storePrograms = ['vmstorage', 'vminsert', 'vmselect'] as const;
const storageNodes = 2;
/** A process sizes its caches by the machine's memory, which all processes share here. */
const cacheBytes = 2 ** 30;
const common = ['-loggerLevel=ERROR', `-memory.allowedBytes=${cacheBytes}`];
const retention = '-retentionPeriod=100y';

/** @param binary path of victoria-metrics, the single-node program */
export async function startOneNode(binary: string, folder: string): Promise<MetricStore> {
  await using opened = new AsyncDisposableStack();
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = opened.use(
    start(binary, [`-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`, retention, ...common]),
  );
  await child.untilUp(url);
  const processes = opened.move();
  return {
    name: 'VictoriaMetrics, one node',
    takesIn: url,
    answers: url,
    flush: () => flushed(url),
    cost: () => costOf([child.pid], [folder]),
    [Symbol.asyncDispose]: () => processes.disposeAsync(),
  };
}

/** Path of each program of a cluster. */
export type StorePrograms = Readonly<Record<(typeof storePrograms)[number], string>>;

/** @throws AppError usage if one of the programs is not in the folder */
export async function programsIn(from: string): Promise<StorePrograms> {
  const there = (await readdir(from).catch(ignoreFault('a missing folder has no programs'))) ?? [];
  const missing = storePrograms.filter((each) => !there.includes(each));
  if (missing.length > 0) {
    throw new AppError('usage', `--cluster ${from} has no ${missing.join(', ')}`, {
      hint: 'give the folder with the three programs of a VictoriaMetrics cluster',
    });
  }
  const path = (name: string) => join(from, name);
  return { vmstorage: path('vmstorage'), vminsert: path('vminsert'), vmselect: path('vmselect') };
}

export async function startStoreCluster(programs: StorePrograms, folder: string): Promise<StoreCluster> {
  await mkdir(folder, { recursive: true });
  await using opened = new AsyncDisposableStack();
  const ports = await freePorts(2 + 3 * storageNodes);
  const port = () => `127.0.0.1:${ports.shift()}`;
  const nodes: StorageNode[] = [];
  for (let index = 1; index <= storageNodes; index++) {
    const at = { http: port(), insert: port(), select: port(), data: join(folder, `storage-${index}`) };
    const child = opened.use(start(programs.vmstorage, storageWords(at)));
    await child.untilUp(`http://${at.http}`);
    nodes.push({ ...at, child });
  }
  const [takesIn, answers] = [port(), port()];
  const inserter = opened.use(
    start(programs.vminsert, [
      `-httpListenAddr=${takesIn}`,
      ...nodes.map(({ insert }) => `-storageNode=${insert}`),
      ...common,
    ]),
  );
  const selector = opened.use(
    start(programs.vmselect, [
      `-httpListenAddr=${answers}`,
      `-cacheDataPath=${join(folder, 'select-cache')}`,
      ...nodes.map(({ select }) => `-storageNode=${select}`),
      ...common,
    ]),
  );
  await inserter.untilUp(`http://${takesIn}`);
  await selector.untilUp(`http://${answers}`);
  const processes = opened.move();
  const pids = [...nodes.map(({ child }) => child.pid), inserter.pid, selector.pid];
  return {
    name: 'VictoriaMetrics cluster',
    // 0 is the default tenant.
    takesIn: `http://${takesIn}/insert/0/prometheus`,
    answers: `http://${answers}/select/0/prometheus`,
    flush: async () => void (await Promise.all(nodes.map(({ http }) => flushed(`http://${http}`)))),
    cost: () =>
      costOf(
        pids,
        nodes.map(({ data }) => data),
      ),
    loseOne: async () => nodes.at(-1)?.child.kill(),
    [Symbol.asyncDispose]: () => processes.disposeAsync(),
  };
}

interface StorageNode {
  http: string;
  insert: string;
  select: string;
  data: string;
  child: ReturnType<typeof start>;
}

function storageWords({ http, insert, select, data }: Omit<StorageNode, 'child'>): string[] {
  const addresses = [`-httpListenAddr=${http}`, `-vminsertAddr=${insert}`, `-vmselectAddr=${select}`];
  return [`-storageDataPath=${data}`, ...addresses, retention, ...common];
}

function start(binary: string, words: readonly string[]) {
  const child = spawn(binary, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  // Callers that need the result await it.
  ended.catch(awaitedElsewhere);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    kill: () => end('SIGKILL'),
    async untilUp(url: string) {
      for (const last = Date.now() + 30_000; Date.now() < last && child.exitCode === null; await setTimeout(100)) {
        const isUp = await fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (isUp) return;
      }
      throw new AppError('run-failed', `${binary} does not answer`);
    },
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}

async function flushed(url: string): Promise<void> {
  const response = await fetch(`${url}/internal/force_flush`);
  await response.body?.cancel();
}

async function costOf(pids: readonly number[], folders: readonly string[]): Promise<StoreCost> {
  const sizes = await Promise.all(folders.map(bytesIn));
  const sum = (figures: readonly number[]) => figures.reduce((total, each) => total + each, 0);
  return {
    cpuSeconds: sum(pids.map(cpuSecondsOf)),
    peakResidentBytes: sum(pids.map(peakResidentBytesOf)),
    diskBytes: sum(sizes),
  };
}

/** Ignores files that merges delete during the count. */
async function bytesIn(folder: string): Promise<number> {
  const entries =
    (await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      ignoreFault('a merge may delete the folder while it is counted'),
    )) ?? [];
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((total, each) => total + each, 0);
}
