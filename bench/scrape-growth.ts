// Checks that scraping a cluster ten times as large costs at most ten times as much.

import { setTimeout } from 'node:timers/promises';
import { median, type Bench } from './bench.ts';
import { cpuSecondsOf } from './measured-process.ts';
import { startLab, startPlimsoll } from './scrape-contenders.ts';
import { fillCluster, type ClusterSize } from './scraped-cluster.ts';

const small: ClusterSize = { partitions: 1000, groups: 25, partitionsPerGroup: 500 };
const big: ClusterSize = { partitions: 10_000, groups: 250, partitionsPerGroup: 500 };
const warmUps = 5;
const rounds = 5;
/** The kernel counts CPU in hundredths of a second, and a small scrape uses few of them. */
const scrapesPerRound = 10;

export const scrapeGrowth = {
  name: 'scrape-growth',
  summary: 'CPU and wall of a scrape, every collector, of 10,000 partitions and 250 groups beside a tenth of it',
  options: {},
  evidence: 'docs/evidence/scrape-cost.md',

  async run({ stderr, signal, clock }) {
    await using cleanUp = new AsyncDisposableStack();
    const { folder, broker } = await startLab(['kafka'], cleanUp, { stderr, signal });
    const cluster = { broker: 'kafka', bootstrap: [broker.address] };

    /** Starts a new process for each size, because a process keeps memory it once used. */
    const costOf = async (size: ClusterSize) => {
      await using plimsoll = await startPlimsoll(cluster, folder, { signal });
      for (let count = 0; count < warmUps; count++) await plimsoll.scrape(signal);
      const costs: { cpu: number; wall: number }[] = [];
      for (let round = 0; round < rounds; round++) {
        await setTimeout(500);
        const [cpu, began] = [cpuSecondsOf(plimsoll.pid), clock.monotonic()];
        for (let count = 0; count < scrapesPerRound; count++) await plimsoll.scrape(signal);
        costs.push({
          cpu: (cpuSecondsOf(plimsoll.pid) - cpu) / scrapesPerRound,
          wall: (clock.monotonic() - began) / scrapesPerRound,
        });
        stderr.write(`${size.partitions} partitions: ${JSON.stringify(costs.at(-1))}\n`);
      }
      return { cpu: median(costs.map(({ cpu }) => cpu)), wall: median(costs.map(({ wall }) => wall)) };
    };

    await fillCluster([broker.address], small, { signal, stderr });
    const before = await costOf(small);
    await fillCluster([broker.address], big, { signal, stderr, before: small.partitions });
    const after = await costOf(big);
    const times = big.partitions / small.partitions;
    return (['cpu', 'wall'] as const).map((figure) => ({
      metric: `${figure === 'cpu' ? 'CPU' : 'wall'} of a scrape, ${big.partitions} partitions`,
      unit: 's',
      ours: after[figure],
      peer: { name: `${times} × a scrape of ${small.partitions}`, version: '', value: times * before[figure] },
      goal: 'at most as much',
      met: after[figure] <= times * before[figure],
    }));
  },
} satisfies Bench;
