// Compares scrapes of a large RocketMQ cluster, idle and with traffic, with apache/rocketmq-exporter.

import { setTimeout } from 'node:timers/promises';
import { RocketmqClusterConfig } from '../brokers/rocketmq/config.ts';
import { openRocketmq } from '../lab/seed/rocketmq-cluster.ts';
import type { SeededCluster } from '../lab/seed/seeded-cluster.ts';
import type { Bench, BenchIo, BenchResult, Peer } from './bench.ts';
import { fillRocketmq, sendToEach } from './filled-rocketmq.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';
import { startRocketmqExporter } from './rocketmq-exporter.ts';
import { startLab, startPlimsoll, type Contender } from './scrape-contenders.ts';
import { medianCost, meterScrapes, type Cost } from './scrape-meter.ts';

const rounds = 5;
const movingTopics = 50;
/** rocketmq-exporter collects on a schedule, once per minute, so only whole minutes are comparable. */
const minuteSeconds = 60;
const sendEverySeconds = 15;

/** Cost of a minute with one scrape, while topics receive messages. */
interface Minute {
  wall: number;
  cpu: number;
  brokerCpu: number;
  resident: number;
  series: number;
}

export const scrapeRocketmq = {
  name: 'scrape-rocketmq',
  summary: 'wall, CPU, requests, memory and broker CPU of a scrape of RocketMQ 5.3.3, beside rocketmq-exporter',
  options: {
    topics: { type: 'string', value: 'N', help: 'of four queues each (default 1000)' },
    groups: { type: 'string', value: 'N', help: 'consumer groups (default 200)' },
    'group-topics': { type: 'string', value: 'N', help: 'topics each group committed in (default 5)' },
  },
  evidence: 'docs/evidence/scrape-cost.md',

  async run({ options, stderr, signal, clock }) {
    const size = {
      topics: Number(options['topics'] ?? 1000),
      groups: Number(options['groups'] ?? 200),
      topicsPerGroup: Number(options['group-topics'] ?? 5),
    };
    const io = { stderr, signal, clock };
    await using cleanUp = new AsyncDisposableStack();
    const { folder, broker, nameServers } = await startLab(['rocketmq', '--version', '5.3.3'], cleanUp, io);
    const config = RocketmqClusterConfig.parse({
      broker: 'rocketmq',
      namesrv: nameServers.map(({ address }) => address),
    });
    const cluster = cleanUp.use(await openRocketmq('bench', config, io));
    await fillRocketmq(cluster, size, io);

    const nobody = await measureMinute(undefined, broker.pid, cluster, io);
    const ours = await (async () => {
      await using plimsoll = await startPlimsoll(config, folder, { signal });
      const meter = await meterScrapes(plimsoll, broker.pid, io);
      const quiet = await measureScrapes('quiet', meter, async () => {}, io);
      const moving = await measureScrapes('moving', meter, () => sendToEach(cluster, movingTopics, io), io);
      return { quiet, moving, minute: await measureMinute(plimsoll, broker.pid, cluster, io) };
    })();
    const jar = process.env['PEER_ROCKETMQ_EXPORTER'];
    const [nameServer] = config.namesrv;
    let peer: Minute | undefined;
    // The exporter collects without requests, so nothing else is measured while it runs.
    if (jar !== undefined && nameServer !== undefined) {
      await using exporter = await startRocketmqExporter(jar, nameServer, size.topics, io);
      peer = await measureMinute(exporter, broker.pid, cluster, io);
    }
    return [
      ...scrapeRows('quiet', ours.quiet),
      ...scrapeRows(`${movingTopics} topics moving`, ours.moving),
      ...minuteRows(ours.minute, peer),
      { metric: 'broker CPU in a minute that nobody asks', unit: 's', ours: nobody.brokerCpu, goal: 'none' },
    ];
  },
} satisfies Bench;

async function measureScrapes(
  state: string,
  meter: () => Promise<Cost>,
  before: () => Promise<void>,
  { stderr }: Pick<BenchIo, 'stderr'>,
): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    await before();
    const cost = await meter();
    costs.push(cost);
    stderr.write(`${state}: ${JSON.stringify(cost)}\n`);
  }
  return medianCost(costs);
}

async function measureMinute(
  contender: Contender | undefined,
  broker: number,
  cluster: SeededCluster,
  { clock, signal, stderr }: Pick<BenchIo, 'clock' | 'signal' | 'stderr'>,
): Promise<Minute> {
  const [cpu, brokerCpu, began] = [cpuIn(contender), cpuSecondsOf(broker), clock.monotonic()];
  while (clock.monotonic() - began < minuteSeconds) {
    await sendToEach(cluster, movingTopics, { signal });
    await setTimeout(sendEverySeconds * 1000, undefined, { signal });
  }
  const asked = clock.monotonic();
  const count = await contender?.scrape(signal);
  const wall = clock.monotonic() - asked;
  const minute = {
    wall,
    cpu: cpuIn(contender) - cpu,
    brokerCpu: cpuSecondsOf(broker) - brokerCpu,
    resident: contender === undefined ? 0 : peakResidentBytesOf(contender.pid),
    series: count?.().series ?? 0,
  };
  stderr.write(`a minute: ${JSON.stringify(minute)}\n`);
  return minute;
}

const cpuIn = (contender: Contender | undefined) => (contender === undefined ? 0 : cpuSecondsOf(contender.pid));

function scrapeRows(state: string, cost: Cost): BenchResult[] {
  const row = (metric: string, unit: string, ours: number) => ({
    metric: `${metric}, ${state}`,
    unit,
    ours,
    goal: 'none',
  });
  return [
    row('wall', 's', cost.wall),
    row('CPU', 's', cost.cpu),
    row('broker CPU', 's', cost.brokerCpu),
    row('requests to brokers', '', cost.requests),
    row('most resident', 'bytes', cost.resident),
    row('series', '', cost.series),
  ];
}

function minuteRows(ours: Minute, theirs: Minute | undefined): BenchResult[] {
  const row = (metric: string, unit: string, key: keyof Minute): BenchResult => {
    const peer: Peer =
      theirs === undefined
        ? { name: 'rocketmq-exporter', missing: 'give its jar by PEER_ROCKETMQ_EXPORTER' }
        : { name: 'rocketmq-exporter', version: 'as given', value: theirs[key] };
    return { metric: `${metric}, a minute with one scrape`, unit, ours: ours[key], peer, goal: 'none' };
  };
  return [
    row('CPU', 's', 'cpu'),
    row('broker CPU', 's', 'brokerCpu'),
    row('wall of the scrape', 's', 'wall'),
    row('most resident', 'bytes', 'resident'),
    row('series', '', 'series'),
  ];
}
