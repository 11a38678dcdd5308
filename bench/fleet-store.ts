// Compares one store node with a cluster of nodes for a fleet of 200 clusters with 5,000 brokers.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryNow } from '../analyzer/evidence/sources/prometheus-query.ts';
import { AppError } from '../core/errors.ts';
import { victoriaMetricsBinary } from '../test/support/victoria-metrics.ts';
import { atMost, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { fill } from './fleet-store-fill.ts';
import { messageRateQuery, showFleet } from './fleet-store-landing.ts';
import {
  programsIn,
  startOneNode,
  startStoreCluster,
  type MetricStore,
  type StoreCluster,
} from './fleet-store-nodes.ts';
import { evaluate, isSame, isSameVerdict, judge, rulesOf } from './fleet-store-questions.ts';
import { rowsOf, type Measured } from './fleet-store-rows.ts';
import type { StoredFleet } from './stored-fleet.ts';
import { clusterNames } from './simulated-fleet.ts';

const usualClusters = 200;
const brokersPerCluster = 25;
/** A day plus the duration of the bench, because current figures need recent data. */
const minutes = 24 * 60 + 15;
const rounds = 5;
/** Rules of the service have one sample per cluster; host rules have most series of all. */
const ruleFiles = ['capacity', 'host'] as const;

export const fleetStore = {
  name: 'fleet-store',
  summary: `landing page, rules and analysis over ${usualClusters} clusters of ${brokersPerCluster} brokers in VictoriaMetrics, one node and a cluster`,
  options: {
    cluster: {
      type: 'string',
      value: 'DIR',
      help: 'folder with vminsert, vmselect and vmstorage (default: one node only)',
    },
    unselected: { type: 'boolean', help: 'also read one cluster of a source whose `select` does not name it' },
    clusters: { type: 'string', value: 'N', help: `clusters of the fleet (default ${usualClusters})` },
  },
  evidence: 'docs/evidence/fleet-store.md',

  async run(io) {
    const clusters = Number(io.options['clusters'] ?? usualClusters);
    if (!(Number.isInteger(clusters) && clusters >= rounds && clusters <= 500)) {
      throw new AppError('usage', `--clusters: from ${rounds} to 500`);
    }
    const from = io.options['cluster'];
    await using opened = new AsyncDisposableStack();
    const { path: folder } = opened.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-fleet-store-')));
    const one = opened.use(await startOneNode(await victoriaMetricsBinary(), join(folder, 'one')));
    const many =
      typeof from === 'string'
        ? opened.use(await startStoreCluster(await programsIn(from), join(folder, 'many')))
        : undefined;
    return await compared(one, many, clusters, io);
  },
} satisfies Bench;

async function compared(
  one: MetricStore,
  many: StoreCluster | undefined,
  clusters: number,
  io: BenchIo,
): Promise<BenchResult[]> {
  const to = new Date(Math.floor(io.clock.now().getTime() / 1000) * 1000);
  const from = to.getTime() / 1000 - 86_400;
  const fleet = { clusters: clusterNames(clusters), brokersPerCluster, from, minutes };
  const stores = many === undefined ? [one] : [one, many];
  const filled = await each(stores, async (store) => {
    const { series, seconds, cpuSeconds } = await fill(store, fleet, io);
    io.stderr.write(`${store.name}: ${series} series in ${seconds.toFixed(0)} s\n`);
    return { series, samples: series * minutes, seconds, cpuSeconds };
  });
  const rules = await evaluated(stores, to, io);
  const judged = await analysed(stores, fleet, to, io);
  const landings = await each(stores, (store) => showFleet(store.answers, fleet.clusters, io));
  const costs = await each(stores, (store) => store.cost());
  const measured = stores.map((_, index) => ({
    filled: filled[index] as (typeof filled)[number],
    ruleSeconds: rules.seconds[index] as Measured['ruleSeconds'],
    judged: judged.seconds[index] as Measured['judged'],
    landing: landings[index] as Measured['landing'],
    cost: costs[index] as Measured['cost'],
  }));
  const rows = rowsOf(measured, { clusters, brokers: clusters * brokersPerCluster });
  if (io.options['unselected'] === true) {
    const cluster = fleet.clusters[0] ?? '';
    const { readSeconds, wireBytes } = await judge(one.answers, { cluster, to, isSelected: false }, io);
    rows.push(
      { metric: 'a day of one cluster read, of a source without `select`', unit: 's', ours: readSeconds, goal: 'none' },
      { metric: 'over the network for it', unit: 'MB', ours: wireBytes / 1e6, goal: 'none' },
    );
  }
  if (many === undefined) return rows;
  return [
    ...rows,
    atMost('rules that the two answer differently', '', rules.different, 0),
    atMost(`verdicts of ${rounds} that differ between the two`, '', judged.different, 0),
    await withOneLost(many, fleet, to, io),
  ];
}

const each = async <Value>(stores: readonly MetricStore[], work: (store: MetricStore) => Promise<Value>) => {
  const values: Value[] = [];
  for (const store of stores) values.push(await work(store));
  return values;
};

async function evaluated(stores: readonly MetricStore[], to: Date, io: BenchIo) {
  const seconds = stores.map(() => ruleFiles.map(() => [] as number[]));
  const different = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const [file, name] of ruleFiles.entries()) {
      const rules = rulesOf(name);
      // Use a different time in each round, because the store caches results.
      const at = to.getTime() / 1000 - 60 * round;
      const answers = await each(stores, (store) => evaluate(store.answers, rules, at, io));
      for (const [store, answer] of answers.entries()) seconds[store]?.[file]?.push(answer.seconds);
      const [first, second] = answers;
      for (const [index, rule] of rules.entries()) {
        const [a, b] = [first?.answers[index], second?.answers[index]];
        if (a !== undefined && b !== undefined && !isSame(a, b)) different.add(rule);
      }
    }
  }
  for (const rule of different) io.stderr.write(`answered differently: ${rule}\n`);
  return {
    seconds: seconds.map((files) => ({
      capacity: median(files[0] ?? []),
      host: median(files[1] ?? []),
    })),
    different: different.size,
  };
}

async function analysed(stores: readonly MetricStore[], { clusters }: StoredFleet, to: Date, io: BenchIo) {
  const seconds = stores.map(() => ({ read: [] as number[], whole: [] as number[], wireBytes: [] as number[] }));
  let different = 0;
  for (let round = 0; round < rounds; round++) {
    // Use a different cluster in each round, because the store caches reads.
    const cluster = clusters[Math.floor((round * clusters.length) / rounds)] ?? '';
    const answers = await each(stores, (store) => judge(store.answers, { cluster, to }, io));
    for (const [store, answer] of answers.entries()) {
      seconds[store]?.read.push(answer.readSeconds);
      seconds[store]?.whole.push(answer.seconds);
      seconds[store]?.wireBytes.push(answer.wireBytes);
    }
    const [first, second] = answers.map(({ analysis }) => analysis);
    io.stderr.write(`${cluster}: ${JSON.stringify(first?.safeMaxTps)}\n`);
    if (first !== undefined && second !== undefined && !isSameVerdict(first, second)) different++;
  }
  return {
    seconds: seconds.map(({ read, whole, wireBytes }) => ({
      readSeconds: median(read),
      seconds: median(whole),
      wireBytes: median(wireBytes),
    })),
    different,
  };
}

/** Every broker loses series with a storage node: sums over the rest would be too low, so there must be no verdict. */
async function withOneLost(many: StoreCluster, { clusters }: StoredFleet, to: Date, io: BenchIo): Promise<BenchResult> {
  await many.loseOne();
  const [cluster = ''] = clusters;
  const load = { expression: messageRateQuery(cluster), freshWithinSeconds: 300 };
  const answers = await Promise.allSettled([
    judge(many.answers, { cluster, to }, io),
    queryNow({ url: many.answers }, load, io),
  ]);
  for (const each of answers) {
    if (each.status === 'fulfilled') io.stderr.write(`told without a storage node: ${JSON.stringify(each.value)}\n`);
    else io.stderr.write(`without a storage node: ${String(each.reason)}\n`);
  }
  return atMost(
    'of a verdict and a figure of now, told without one of two storage nodes',
    '',
    answers.filter(({ status }) => status === 'fulfilled').length,
    0,
  );
}
