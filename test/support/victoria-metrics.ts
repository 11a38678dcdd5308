// Builds and runs VictoriaMetrics at an exact version.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startStoreCluster, type StoreCluster, type StorePrograms } from '../../bench/fleet-store-nodes.ts';
import { freePorts } from '../../lab/free-port.ts';
import { builtWithGo } from './built-with-go.ts';

const module = 'github.com/VictoriaMetrics/VictoriaMetrics';
export const victoriaMetricsVersion = 'v1.122.0';

/** Building takes about two minutes of two cores the first time. */
export const victoriaMetricsBinary = () =>
  builtWithGo('victoria-metrics', module, victoriaMetricsVersion, './app/victoria-metrics');

/** The last version of that branch on Go's proxy: it refuses v1.101.0-cluster to v1.130.1-cluster. */
const clusterVersion = 'v1.100.0-cluster';

/** Builds the programs if they are not cached. */
async function victoriaMetricsCluster(): Promise<StorePrograms> {
  const built = (program: keyof StorePrograms) =>
    builtWithGo(`victoria-metrics-${program}`, module, clusterVersion, `./app/${program}`);
  return { vmstorage: await built('vmstorage'), vminsert: await built('vminsert'), vmselect: await built('vmselect') };
}

/** Starts two storage nodes. @param text as of one node */
export async function startVictoriaMetricsCluster(text: string): Promise<StoreCluster> {
  const programs = await victoriaMetricsCluster();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-victoria-metrics-cluster-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(folder, { recursive: true }));
  const cluster = opened.use(await startStoreCluster(programs, folder));
  const imported = await fetch(`${cluster.takesIn}/api/v1/import/prometheus`, { method: 'POST', body: text });
  if (!imported.ok) throw new Error(`import: HTTP ${imported.status}`);
  // Imported samples take a while to reach the storage nodes, and some samples of a series arrive before others.
  const samples = text.trimEnd().split('\n').length;
  for (const end = Date.now() + 30_000; ; await setTimeout(100)) {
    await cluster.flush();
    const arrived = await samplesIn(cluster);
    if (arrived >= samples) break;
    if (Date.now() > end) throw new Error(`${arrived} of ${samples} samples arrived within 30 s`);
  }
  const resources = opened.move();
  return { ...cluster, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function samplesIn({ answers }: StoreCluster): Promise<number> {
  const body = new URLSearchParams({ 'match[]': '{__name__!=""}' });
  const answer = await fetch(`${answers}/api/v1/export`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`export: HTTP ${answer.status}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { values: unknown[] }).values.length, 0);
}

export interface RunningVictoriaMetrics extends AsyncDisposable {
  url: string;
}

/** @param text in the Prometheus format with times in milliseconds, stored from the start */
export async function startVictoriaMetrics(text: string): Promise<RunningVictoriaMetrics> {
  const binary = await victoriaMetricsBinary();
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
      // Makes imported samples visible immediately.
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
