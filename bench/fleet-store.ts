// How does a store hold a fleet of 200 clusters with 5,000 brokers? One node against a cluster of nodes, in one run, with the same day in both.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryNow } from '../analyzer/sources/prometheus-query.ts';
import { AppError } from '../core/errors.ts';
import { victoriaMetricsBinary, victoriaMetricsVersion } from '../test/support/victoria-metrics.ts';
import { median, type Bench, type BenchIo, type BenchResult, type Peer } from './bench.ts';
import { fill } from './fleet-store-fill.ts';
import { loadOf, showFleet } from './fleet-store-landing.ts';
import { startOneNode, startStoreCluster, type MetricStore, type StoreCluster } from './fleet-store-nodes.ts';
import { evaluate, isSame, isSameVerdict, judge, rulesOf } from './fleet-store-questions.ts';
import type { StoredFleet } from './fleet-store-series.ts';
import { clusterNames } from './simulated-fleet.ts';

const usualClusters = 200;
const brokersPerCluster = 25;
/** A day, and what passes while the bench runs: figures of now are of now. */
const minutes = 24 * 60 + 15;
const rounds = 5;
/** The fleet of the service has a sample each; the machines of the brokers have most of all there is. */
const ruleFiles = ['capacity', 'host'] as const;

const mostPageSeconds = 1;
/** Of 200 clusters each has a turn within the 6 h that the schedule gives them, two at a time. */
const mostAnalysisSeconds = 60;
/** As often as the shipped rules are evaluated where nobody says otherwise (Prometheus: evaluation_interval). */
const mostRulesSeconds = 60;

export const fleetStore = {
  name: 'fleet-store',
  summary: `landing page, rules and analysis over ${usualClusters} clusters of ${brokersPerCluster} brokers in VictoriaMetrics, one node and a cluster`,
  options: {
    cluster: {
      type: 'string',
      value: 'DIR',
      help: 'folder with vminsert, vmselect and vmstorage (default: one node only)',
    },
    clusters: { type: 'string', value: 'N', help: `clusters of the fleet (default ${usualClusters})` },
  },
  evidence: 'docs/fleet-store.md',

  async run(io) {
    const clusters = Number(io.options['clusters'] ?? usualClusters);
    if (!(Number.isInteger(clusters) && clusters >= rounds && clusters <= 500)) {
      throw new AppError('usage', `--clusters: from ${rounds} to 500`);
    }
    const from = io.options['cluster'];
    await using opened = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-fleet-store-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const one = opened.use(await startOneNode(await victoriaMetricsBinary(), join(folder, 'one')));
    const many = typeof from === 'string' ? opened.use(await startStoreCluster(from, join(folder, 'many'))) : undefined;
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
  const taken = await each(stores, async (store) => {
    const filled = await fill(store, fleet, io);
    io.stderr.write(`${store.name}: ${filled.series} series in ${filled.seconds.toFixed(0)} s\n`);
    return filled;
  });
  const rules = await evaluated(stores, to, io);
  const judged = await analysed(stores, fleet, to, io);
  const shown = await each(stores, (store) => showFleet(store.answers, fleet.clusters, io));
  const cost = await each(stores, (store) => store.cost());
  const row = inBoth(many);
  const samples = (taken[0]?.series ?? 0) * minutes;
  const what = `${clusters} clusters, ${clusters * brokersPerCluster} brokers`;
  const goal = (most: number, figures: readonly number[]) => ({
    goal: `at most ${most}`,
    met: figures.every((figure) => figure <= most),
  });
  const pages = shown.map(({ slowestSeconds }) => slowestSeconds);
  const readings = judged.seconds.map(({ whole }) => whole);
  const some = [
    row(
      `samples of ${taken[0]?.series ?? 0} series over a day, ${what}`,
      'million',
      stores.map(() => samples / 1e6),
    ),
    row(
      'import',
      's',
      taken.map(({ seconds }) => seconds),
    ),
    row(
      'CPU of the store for it',
      's',
      taken.map(({ cpuSeconds }) => cpuSeconds),
    ),
    row(
      'on disk',
      'MB',
      cost.map(({ diskBytes }) => diskBytes / 1e6),
    ),
    row(
      'most resident, all processes',
      'MB',
      cost.map(({ peakResidentBytes }) => peakResidentBytes / 1e6),
    ),
    row(
      'clusters that the service shows a figure of now of',
      '',
      shown.map((each) => each.shown),
      {
        goal: String(clusters),
        met: shown.every((each) => each.shown === clusters),
      },
    ),
    row(
      'slowest figure of now',
      's',
      shown.map(({ slowestLoadSeconds }) => slowestLoadSeconds),
    ),
    row(
      'median figure of now',
      's',
      shown.map(({ medianLoadSeconds }) => medianLoadSeconds),
    ),
    row('slowest landing page', 's', pages, goal(mostPageSeconds, pages)),
    row(
      'median landing page',
      's',
      shown.map(({ medianSeconds }) => medianSeconds),
    ),
    ...ruleFiles.map((file, index) => {
      const seconds = rules.seconds.map((of) => of[index] ?? NaN);
      return row(
        `${rulesOf(file).length} rules of ${file}, evaluated once`,
        's',
        seconds,
        goal(mostRulesSeconds, seconds),
      );
    }),
    row(
      'a day of one cluster read',
      's',
      judged.seconds.map(({ read }) => read),
    ),
    row('… and judged', 's', readings, goal(mostAnalysisSeconds, readings)),
  ];
  if (many === undefined) return some;
  return [
    ...some,
    none('rules that the two answer differently', rules.different),
    none(`verdicts of ${rounds} that differ between the two`, judged.different),
    await withOneLost(many, fleet, to, io),
  ];
}

const each = async <Value>(stores: readonly MetricStore[], work: (store: MetricStore) => Promise<Value>) => {
  const values: Value[] = [];
  for (const store of stores) values.push(await work(store));
  return values;
};

/** @returns a row of the figures of one node, with those of the cluster beside them */
function inBoth(many: StoreCluster | undefined) {
  return (
    metric: string,
    unit: string,
    [ours = NaN, theirs = NaN]: readonly number[],
    judged: Pick<BenchResult, 'goal' | 'met'> = { goal: 'told' },
  ): BenchResult => {
    const name = 'cluster';
    const peer: Peer =
      many === undefined
        ? { name, missing: 'none without --cluster' }
        : { name, version: victoriaMetricsVersion, value: theirs };
    return { metric, unit, ours, peer, ...judged };
  };
}

const none = (metric: string, count: number): BenchResult => ({
  metric,
  unit: '',
  ours: count,
  goal: '0',
  met: count === 0,
});

async function evaluated(stores: readonly MetricStore[], to: Date, io: BenchIo) {
  const seconds = stores.map(() => ruleFiles.map(() => [] as number[]));
  const different = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const [file, name] of ruleFiles.entries()) {
      const rules = rulesOf(name);
      // Not the same moment twice: what was answered a minute ago is remembered.
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
  return { seconds: seconds.map((files) => files.map(median)), different: different.size };
}

async function analysed(stores: readonly MetricStore[], { clusters }: StoredFleet, to: Date, io: BenchIo) {
  const seconds = stores.map(() => ({ read: [] as number[], whole: [] as number[] }));
  let different = 0;
  for (let round = 0; round < rounds; round++) {
    // Another one each time: what was read once is remembered.
    const cluster = clusters[Math.floor((round * clusters.length) / rounds)] ?? '';
    const answers = await each(stores, (store) => judge(store.answers, cluster, to, io));
    for (const [store, answer] of answers.entries()) {
      seconds[store]?.read.push(answer.readSeconds);
      seconds[store]?.whole.push(answer.seconds);
    }
    const [first, second] = answers.map(({ analysis }) => analysis);
    io.stderr.write(`${cluster}: ${JSON.stringify(first?.safeMaxTps)}\n`);
    if (first !== undefined && second !== undefined && !isSameVerdict(first, second)) different++;
  }
  return { seconds: seconds.map(({ read, whole }) => ({ read: median(read), whole: median(whole) })), different };
}

/** Of every broker some series are gone with a storage node: a sum over the others reads low, so nothing is to be told. */
async function withOneLost(many: StoreCluster, { clusters }: StoredFleet, to: Date, io: BenchIo): Promise<BenchResult> {
  await many.loseOne();
  const [cluster = ''] = clusters;
  const load = { expression: loadOf(cluster), freshWithinSeconds: 300 };
  const told = await Promise.allSettled([
    judge(many.answers, cluster, to, io),
    queryNow({ url: many.answers }, load, io),
  ]);
  for (const each of told) {
    if (each.status === 'fulfilled') io.stderr.write(`told without a storage node: ${JSON.stringify(each.value)}\n`);
    else io.stderr.write(`without a storage node: ${String(each.reason)}\n`);
  }
  return none(
    'of a verdict and a figure of now, told without one of two storage nodes',
    told.filter(({ status }) => status === 'fulfilled').length,
  );
}
