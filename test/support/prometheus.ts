// Runs Debian's Prometheus with a separate port and folder.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePorts } from '../../lab/free-port.ts';

export interface RunningPrometheus extends AsyncDisposable {
  url: string;
  /** Returns samples of an instant query: their labels and value. @throws with the message of Prometheus if it rejects the query */
  query(expression: string): Promise<{ metric: Record<string, string>; value: string }[]>;
  /** Returns samples of one series within the last seconds, oldest first: scrape time since the epoch, and value. */
  history(series: string, lastSeconds: number): Promise<[number, string][]>;
  labelValues(label: string, series: string): Promise<string[]>;
  /** Repeats a query until it returns a result, for 30 s. */
  untilAnswered(expression: string): Promise<void>;
}

/**
 * @param scrapes `host:port` of targets, scraped at /metrics; each scrape may last until the next one
 * @param otherJobs the same for further jobs, by their name
 * @param history OpenMetrics text with timestamps, stored before the start
 * @param rules rule files, or patterns of them, evaluated once per scrape interval
 * @param alertmanager `host:port` that receives alerts
 * @param replica an external label, which is dropped from alerts: one of several identical servers
 */
export async function startPrometheus({
  job,
  scrapes,
  otherJobs = {},
  everySeconds = 1,
  history,
  rules = [],
  alertmanager,
  replica,
}: {
  job: string;
  scrapes: string[];
  otherJobs?: Readonly<Record<string, string[]>>;
  everySeconds?: number;
  history?: string;
  rules?: readonly string[];
  alertmanager?: string;
  replica?: string;
}): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-prometheus-'));
  const config = {
    global: {
      scrape_interval: `${everySeconds}s`,
      scrape_timeout: `${everySeconds}s`,
      evaluation_interval: `${everySeconds}s`,
      ...(replica !== undefined && { external_labels: { replica } }),
    },
    scrape_configs: Object.entries({ [job]: scrapes, ...otherJobs }).map(([name, targets]) => ({
      job_name: name,
      static_configs: [{ targets }],
    })),
    rule_files: rules,
    ...(alertmanager !== undefined && {
      alerting: {
        alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }],
        ...(replica !== undefined && { alert_relabel_configs: [{ action: 'labeldrop', regex: 'replica' }] }),
      },
    }),
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  if (history !== undefined) await makeBlocks(folder, history);
  const [port] = await freePorts(1);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      // Test histories may be at any time.
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'inherit' },
  );
  const ended = once(child, 'exit');

  async function ask<Data>(path: string, query: Record<string, string>): Promise<Data> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
    if (response.status === 503) throw new Error(notReady);
    const answer = (await response.json()) as { status: string; data: Data; error?: string };
    if (answer.status !== 'success') throw new Error(`${JSON.stringify(query)}: ${answer.error}`);
    return answer.data;
  }

  const prometheus: RunningPrometheus = {
    url: `http://127.0.0.1:${port}`,
    async query(expression) {
      type Answer = { result: { metric: Record<string, string>; value: [number, string] }[] };
      const { result } = await ask<Answer>('query', { query: expression });
      return result.map(({ metric, value: [, value] }) => ({ metric, value }));
    },
    async history(series, lastSeconds) {
      type Answer = { result: { values: [number, string][] }[] };
      const { result } = await ask<Answer>('query', { query: `${series}[${lastSeconds}s]` });
      if (result.length > 1) throw new Error(`${series} are ${result.length} series`);
      return result[0]?.values ?? [];
    },
    labelValues: (label, series) => ask(`label/${label}/values`, { 'match[]': series }),
    async untilAnswered(expression) {
      for (const end = Date.now() + 30_000; Date.now() < end; await setTimeout(200)) {
        // Connections are refused before it listens, and after that it first loads its data.
        const answer = await prometheus.query(expression).catch((error: Error) => {
          if (error.message === 'fetch failed' || error.message === notReady) return [];
          throw error;
        });
        if (answer.length > 0) return;
      }
      throw new Error(`no answer to ${expression} within 30 s`);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
  return prometheus;
}

const notReady = 'Service Unavailable';

/** @param folder for `data` with the blocks */
export async function makeBlocks(folder: string, history: string): Promise<void> {
  const file = join(folder, 'history.om');
  await writeFile(file, history);
  // It reads the whole text once per block: with blocks of two hours, weeks of data would take minutes.
  const long = '--max-block-duration=500h';
  const child = spawn('promtool', ['tsdb', 'create-blocks-from', long, 'openmetrics', file, join(folder, 'data')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`promtool ended with ${code}`);
  await rm(file);
}
