// What does a scrape cost? Plimsoll's page beside its bare collection, kminion and kafka_exporter, of one big Kafka.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePorts } from '../lab/free-port.ts';
import { interleave, median, type Bench, type BenchIo, type BenchResult, type Peer } from './bench.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';
import { runPlimsoll } from './plimsoll-command.ts';
import { fillCluster } from './scraped-cluster.ts';

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const bareCollection = fileURLToPath(new URL('bare-collection.ts', import.meta.url));
/** The first scrapes of each contender connect and compile. */
const warmUps = 3;
const rounds = 5;

const LabDocument = z.object({ nodes: z.array(z.object({ address: z.string(), pid: z.number() })) });

interface Contender extends AsyncDisposable {
  pid: number;
  /** One collection, to its last byte. @returns its series */
  scrape(signal: AbortSignal): Promise<number>;
}

interface Cost {
  wall: number;
  cpu: number;
  brokerCpu: number;
  resident: number;
  series: number;
}

export const scrape = {
  name: 'scrape',
  summary: 'wall, CPU, memory and broker CPU of a scrape, beside bare collection, kminion and kafka_exporter',
  options: {
    partitions: { type: 'string', value: 'N', help: 'of the cluster (default 10000)' },
    groups: { type: 'string', value: 'N', help: 'consumer groups (default 250)' },
    'group-partitions': { type: 'string', value: 'N', help: 'partitions each group committed in (default 500)' },
  },
  evidence: 'docs/scrape-cost.md',

  async run({ options, stderr, signal, clock }) {
    const size = {
      partitions: Number(options['partitions'] ?? 10_000),
      groups: Number(options['groups'] ?? 250),
      partitionsPerGroup: Number(options['group-partitions'] ?? 500),
    };
    await using cleanUp = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-bench-scrape-'));
    cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
    const state = ['--state-dir', join(folder, 'state')];
    cleanUp.defer(async () => void (await runPlimsoll(['lab', 'down', ...state], { stderr, signal: undefined })));
    await runPlimsoll(['lab', 'up', 'kafka', ...state], { stderr, signal });
    const lab = LabDocument.parse(
      JSON.parse(await runPlimsoll(['lab', 'status', '--json', ...state], { stderr, signal })),
    );
    const [broker] = lab.nodes;
    if (broker === undefined) throw new RangeError('a lab without a broker');
    await fillCluster([broker.address], size, { signal, stderr });

    const { address } = broker;
    const contenders: Record<string, Contender> = {
      plimsoll: cleanUp.use(await startPlimsoll(address, folder, signal)),
      collection: cleanUp.use(await startBareCollection(address, signal)),
    };
    const peers = { kminion: process.env['PEER_KMINION'], kafka_exporter: process.env['PEER_KAFKA_EXPORTER'] };
    if (peers.kminion !== undefined)
      contenders['kminion'] = cleanUp.use(await startKminion(peers.kminion, address, folder, { stderr, signal }));
    if (peers.kafka_exporter !== undefined)
      contenders['kafka_exporter'] = cleanUp.use(
        await startKafkaExporter(peers.kafka_exporter, address, { stderr, signal }),
      );
    const costs = await measure(contenders, broker.pid, { clock, signal, stderr });
    return resultsOf(costs);
  },
} satisfies Bench;

async function measure(
  contenders: Readonly<Record<string, Contender>>,
  broker: number,
  { clock, signal, stderr }: Pick<BenchIo, 'clock' | 'signal' | 'stderr'>,
): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map<string, Cost[]>();
  for (const contender of Object.values(contenders)) {
    for (let count = 0; count < warmUps; count++) await contender.scrape(signal);
  }
  const once = (name: string, contender: Contender) => async () => {
    // Kafka and the runtimes tidy up after the one before.
    await setTimeout(500);
    const [cpu, brokerCpu, began] = [cpuSecondsOf(contender.pid), cpuSecondsOf(broker), clock.monotonic()];
    const series = await contender.scrape(signal);
    const cost = {
      wall: clock.monotonic() - began,
      cpu: cpuSecondsOf(contender.pid) - cpu,
      brokerCpu: cpuSecondsOf(broker) - brokerCpu,
      resident: peakResidentBytesOf(contender.pid),
      series,
    };
    costs.set(name, [...(costs.get(name) ?? []), cost]);
    stderr.write(`${name}: ${JSON.stringify(cost)}\n`);
    return cost.wall;
  };
  await interleave(
    Object.fromEntries(Object.entries(contenders).map(([name, contender]) => [name, once(name, contender)])),
    rounds,
  );
  const figure = (all: readonly Cost[], key: keyof Cost) => median(all.map((cost) => cost[key]));
  return new Map(
    [...costs].map(([name, all]) => [
      name,
      {
        wall: figure(all, 'wall'),
        cpu: figure(all, 'cpu'),
        brokerCpu: figure(all, 'brokerCpu'),
        resident: figure(all, 'resident'),
        series: figure(all, 'series'),
      },
    ]),
  );
}

function resultsOf(costs: ReadonlyMap<string, Cost>): BenchResult[] {
  const ours = costs.get('plimsoll');
  if (ours === undefined) throw new RangeError('plimsoll was not measured');
  const against = (name: string, key: keyof Cost): Peer => {
    const cost = costs.get(name);
    return cost === undefined
      ? { name, missing: `give its binary by PEER_${name.toUpperCase()}` }
      : { name, version: 'as given', value: cost[key] };
  };
  const row = (metric: string, unit: string, key: keyof Cost, name: string, factor?: number): BenchResult => {
    const peer = against(name, key);
    return {
      metric,
      unit,
      ours: ours[key],
      peer,
      goal: factor === undefined ? 'told' : `at most ${factor} × ${name}`,
      ...(factor !== undefined && peer.value !== undefined && { met: ours[key] <= factor * peer.value }),
    };
  };
  return [
    row('wall', 's', 'wall', 'collection', 1.5),
    row('CPU', 's', 'cpu', 'collection', 1.5),
    row('wall', 's', 'wall', 'kminion', 0.5),
    row('CPU', 's', 'cpu', 'kminion', 0.5),
    row('most resident', 'bytes', 'resident', 'kminion', 1.5),
    row('broker CPU', 's', 'brokerCpu', 'kminion'),
    row('wall', 's', 'wall', 'kafka_exporter', 0.05),
    row('CPU', 's', 'cpu', 'kafka_exporter', 0.05),
    row('broker CPU', 's', 'brokerCpu', 'kafka_exporter'),
    row('most resident', 'bytes', 'resident', 'kafka_exporter'),
    row('series', '', 'series', 'kminion'),
    row('series', '', 'series', 'kafka_exporter'),
  ];
}

async function startPlimsoll(address: string, folder: string, signal: AbortSignal): Promise<Contender> {
  const config = join(folder, 'plimsoll.yaml');
  await writeFile(config, `clusters:\n  bench: { broker: kafka, bootstrap: ["${address}"] }\n`);
  const [port] = await freePorts(1);
  const words = [main, 'exporter', '--config', config, '--listen', `127.0.0.1:${port}`];
  return startScraped(process.execPath, words, `http://127.0.0.1:${port}/metrics`, { signal });
}

/** Its own collector and nothing rendered: a process that collects once for each line it reads. */
async function startBareCollection(address: string, signal: AbortSignal): Promise<Contender> {
  const child = spawn(process.execPath, [bareCollection, address], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const ended = once(child, 'exit');
  const next = async () => String((await once(lines, 'line', { signal }))[0]);
  return {
    pid: child.pid ?? 0,
    async scrape() {
      child.stdin.write('collect\n');
      return Number(await next());
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Its documented defaults: lag per partition from the consumer-group API (`adminApi`). */
async function startKminion(
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

async function startKafkaExporter(
  program: string,
  address: string,
  io: Pick<BenchIo, 'stderr' | 'signal'>,
): Promise<Contender> {
  const [port] = await freePorts(1);
  // Workers as many as its own documentation gives for big clusters; offsets of groups without members as ours.
  const words = [
    `--kafka.server=${address}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--topic.workers=100',
    '--offset.show-all',
  ];
  io.stderr.write(`$ ${[program, ...words].join(' ')}\n`);
  return startScraped(program, words, `http://127.0.0.1:${port}/metrics`, io);
}

async function startScraped(
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
  const get = () =>
    fetch(url, { signal, headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '60', 'Accept-Encoding': 'identity' } });
  while (
    child.exitCode === null &&
    (await get().then(
      ({ ok }) => ok,
      () => false,
    )) === false
  )
    await setTimeout(200);
  return {
    pid: child.pid ?? 0,
    async scrape() {
      const response = await get();
      let series = 0;
      let rest = '';
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '' && !line.startsWith('#')) series++;
      }
      return series;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
