// Starts the exporters of the scrape bench against one real Kafka, each in a separate process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePorts } from '../lab/free-port.ts';
import type { BenchIo } from './bench.ts';
import { main, runPlimsoll } from './plimsoll-command.ts';

const bareCollection = fileURLToPath(new URL('bare-collection.ts', import.meta.url));
/** Node options of this process, as bootstrap.mjs sets them. */
const nodeOptions = process.execArgv;
const LabDocument = z.object({
  nodes: z.array(z.object({ role: z.string(), address: z.string(), pid: z.number() })),
});

type LabNode = z.infer<typeof LabDocument>['nodes'][number];

export interface Contender extends AsyncDisposable {
  pid: number;
  /**
   * Runs one collection to its last byte.
   * @returns a function that counts its series: the scraper reads the page, which is not timed
   */
  scrape(signal: AbortSignal): Promise<() => Scraped>;
}

interface Scraped {
  series: number;
  /** Requests to brokers since the start; 0 if it does not count them. */
  requests: number;
}

/** @param words arguments of `lab up` @param cleanUp stops the lab when disposed */
export async function startLab(
  words: readonly string[],
  cleanUp: AsyncDisposableStack,
  { stderr, signal }: Pick<BenchIo, 'stderr' | 'signal'>,
): Promise<{ folder: string; broker: LabNode; brokers: number; nameServers: readonly LabNode[] }> {
  const { path: folder } = cleanUp.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-scrape-')));
  const state = ['--state-dir', join(folder, 'state')];
  cleanUp.defer(async () => void (await runPlimsoll(['lab', 'down', ...state], { stderr, signal: undefined })));
  await runPlimsoll(['lab', 'up', ...words, ...state], { stderr, signal });
  const lab = LabDocument.parse(
    JSON.parse(await runPlimsoll(['lab', 'status', '--json', ...state], { stderr, signal })),
  );
  const nodesOf = (role: string) => lab.nodes.filter((node) => node.role === role);
  const [brokers, nameServers] = [nodesOf('broker'), nodesOf('name-server')];
  const [broker] = brokers;
  if (broker === undefined) throw new RangeError('a lab without a broker');
  return { folder, broker, brokers: brokers.length, nameServers };
}

/** @param cluster entry of the config @param collectors absent: all collectors */
export async function startPlimsoll(
  cluster: object,
  folder: string,
  { collectors, signal }: { collectors?: readonly string[]; signal: AbortSignal },
): Promise<Contender> {
  const [port] = await freePorts(1);
  const file = join(folder, `plimsoll-${port}.yaml`);
  const config = {
    clusters: { bench: cluster },
    ...(collectors !== undefined && { exporter: { everyCluster: { collectors } } }),
  };
  await writeFile(file, JSON.stringify(config));
  const words = [main, 'exporter', '--config', file, '--listen', `127.0.0.1:${port}`, '--state-dir', `${file}.state`];
  return startScraped(process.execPath, [...nodeOptions, ...words], `http://127.0.0.1:${port}/metrics`, { signal });
}

/** Starts Plimsoll's collector without rendering: a process that collects once for each input line. */
export async function startBareCollection(address: string, signal: AbortSignal): Promise<Contender> {
  const child = spawn(process.execPath, [...nodeOptions, bareCollection, address], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const ended = once(child, 'exit');
  const next = async () => String((await once(lines, 'line', { signal }))[0]);
  return {
    pid: child.pid ?? 0,
    async scrape() {
      child.stdin.write('collect\n');
      const series = Number(await next());
      return () => ({ series, requests: 0 });
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Uses the documented defaults: lag per partition from the consumer-group API (`adminApi`). */
export async function startKminion(
  program: string,
  address: string,
  folder: string,
  io: Pick<BenchIo, 'stderr' | 'signal'>,
): Promise<Contender> {
  const [port] = await freePorts(1);
  const file = join(folder, 'kminion.yaml');
  const config = {
    kafka: { brokers: [address] },
    minion: {
      consumerGroups: { enabled: true, scrapeMode: 'adminApi', granularity: 'partition' },
      topics: { granularity: 'partition' },
    },
    exporter: { host: '127.0.0.1', port },
    logger: { level: 'error' },
  };
  await writeFile(file, JSON.stringify(config));
  io.stderr.write(`$ CONFIG_FILEPATH=kminion.yaml ${program}   # ${JSON.stringify(config)}\n`);
  return startScraped(program, [], `http://127.0.0.1:${port}/metrics`, {
    ...io,
    environment: { CONFIG_FILEPATH: file },
  });
}

export async function startKafkaExporter(
  program: string,
  address: string,
  io: Pick<BenchIo, 'stderr' | 'signal'>,
): Promise<Contender> {
  const [port] = await freePorts(1);
  // As many workers as its documentation recommends for large clusters; offsets of groups without members like ours.
  const words = [
    `--kafka.server=${address}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--topic.workers=100',
    '--offset.show-all',
  ];
  io.stderr.write(`$ ${[program, ...words].join(' ')}\n`);
  return startScraped(program, words, `http://127.0.0.1:${port}/metrics`, io);
}

/** @returns once the URL responds with 200 */
export async function startScraped(
  program: string,
  words: readonly string[],
  url: string,
  { signal, environment }: { signal: AbortSignal; environment?: NodeJS.ProcessEnv },
): Promise<Contender> {
  const child = spawn(program, words, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ended = once(child, 'exit');
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '60', 'Accept-Encoding': 'identity' };
  const answer = async () => {
    const [response] = (await once(get(url, { signal, headers }), 'response')) as [IncomingMessage];
    return { isOk: response.statusCode === 200, page: (await Array.fromAsync(response)) as Buffer[] };
  };
  const isReady = () =>
    answer().then(
      ({ isOk }) => isOk,
      () => false,
    );
  while (child.exitCode === null && !(await isReady())) await setTimeout(200);
  return {
    pid: child.pid ?? 0,
    async scrape() {
      const { page } = await answer();
      return () => countSeries(page);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function countSeries(page: readonly Buffer[]): Scraped {
  let series = 0;
  let requests = 0;
  let rest = '';
  for (const chunk of page) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '' && !line.startsWith('#')) series++;
      if (line.startsWith('plimsoll_cluster_requests_total')) requests += Number(line.split(' ').at(-1));
    }
  }
  return { series, requests };
}
