// Compares scrapes of a large Kafka cluster with bare collection, kminion and kafka_exporter.

import { atMost, interleave, type Bench, type BenchIo, type BenchResult, type Peer } from './bench.ts';
import {
  startBareCollection,
  startKafkaExporter,
  startKminion,
  startLab,
  startPlimsoll,
  type Contender,
} from './scrape-contenders.ts';
import { medianCost, meterScrapes, type Cost, type CostMeter } from './scrape-meter.ts';
import { fillCluster } from './scraped-cluster.ts';

const rounds = 5;

/** Collectors with the metrics of kafka_exporter, plus those about the scrape and the process itself. */
const setOfKafkaExporter = ['brokers', 'partitions', 'offsets', 'consumer-groups'];

export const scrape = {
  name: 'scrape',
  summary: 'wall, CPU, memory and broker CPU of a scrape, beside bare collection, kminion and kafka_exporter',
  options: {
    partitions: { type: 'string', value: 'N', help: 'of the cluster (default 10000)' },
    groups: { type: 'string', value: 'N', help: 'consumer groups (default 250)' },
    'group-partitions': { type: 'string', value: 'N', help: 'partitions each group committed in (default 500)' },
  },
  evidence: 'docs/evidence/scrape-cost.md',

  async run({ options, stderr, signal, clock }) {
    const size = {
      partitions: Number(options['partitions'] ?? 10_000),
      groups: Number(options['groups'] ?? 250),
      partitionsPerGroup: Number(options['group-partitions'] ?? 500),
    };
    await using cleanUp = new AsyncDisposableStack();
    const { folder, broker, brokers } = await startLab(['kafka'], cleanUp, { stderr, signal });
    await fillCluster([broker.address], size, { signal, stderr });

    const { address } = broker;
    const cluster = { broker: 'kafka', bootstrap: [address] };
    const contenders: Record<string, Contender> = {
      plimsoll: cleanUp.use(await startPlimsoll(cluster, folder, { collectors: setOfKafkaExporter, signal })),
      collection: cleanUp.use(await startBareCollection(address, signal)),
      'every collector': cleanUp.use(await startPlimsoll(cluster, folder, { signal })),
    };
    const peers = { kminion: process.env['PEER_KMINION'], kafka_exporter: process.env['PEER_KAFKA_EXPORTER'] };
    if (peers.kminion !== undefined)
      contenders['kminion'] = cleanUp.use(await startKminion(peers.kminion, address, folder, { stderr, signal }));
    if (peers.kafka_exporter !== undefined)
      contenders['kafka_exporter'] = cleanUp.use(
        await startKafkaExporter(peers.kafka_exporter, address, { stderr, signal }),
      );
    const costs = await measure(contenders, broker.pid, { clock, signal, stderr });
    return [...resultsOf(costs), requestsIn(costs, size.groups, brokers)];
  },
} satisfies Bench;

async function measure(
  contenders: Readonly<Record<string, Contender>>,
  broker: number,
  { clock, signal, stderr }: Pick<BenchIo, 'clock' | 'signal' | 'stderr'>,
): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map<string, Cost[]>();
  const meters = new Map<string, CostMeter>();
  for (const [name, contender] of Object.entries(contenders)) {
    meters.set(name, await meterScrapes(contender, broker, { clock, signal }));
  }
  const once = (name: string) => async () => {
    const cost = await meters.get(name)?.();
    if (cost === undefined) throw new RangeError(`${name} has no meter`);
    costs.set(name, [...(costs.get(name) ?? []), cost]);
    stderr.write(`${name}: ${JSON.stringify(cost)}\n`);
    return cost.wall;
  };
  await interleave(Object.fromEntries(Object.keys(contenders).map((name) => [name, once(name)])), rounds);
  return new Map([...costs].map(([name, all]) => [name, medianCost(all)]));
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
      goal: factor === undefined ? 'none' : `at most ${factor} × ${name}`,
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
    row('wall', 's', 'wall', 'every collector'),
    row('CPU', 's', 'cpu', 'every collector'),
    row('most resident', 'bytes', 'resident', 'every collector'),
    row('series', '', 'series', 'every collector'),
    row('series', '', 'series', 'kminion'),
    row('series', '', 'series', 'kafka_exporter'),
  ];
}

/**
 * Expected requests: metadata from one broker; groups, starts, ends and log directories of each broker; state and
 * commits of each hundred groups.
 */
function requestsIn(costs: ReadonlyMap<string, Cost>, groups: number, brokers: number): BenchResult {
  const ours = costs.get('plimsoll')?.requests ?? NaN;
  const most = 2 + brokers * (4 + 2 * Math.ceil(groups / 100));
  return atMost('requests to brokers', '', ours, most);
}
