// Measures plans: a reassignment, its growth with replicas and distance from the optimum, a simulated day, a sizing.

import { defaultTolerance } from '../ops/kafka/reassign/even-loads.ts';
import { planReassignment, type Reassignment } from '../ops/kafka/reassign/plan-reassignment.ts';
import type { Problem } from '../ops/kafka/reassign/problem.ts';
import { atMost, median, type Bench } from './bench.ts';
import { againstReference, referenceLoop, spentOn } from './reference.ts';
import { simulatedDays } from './simulated-days.ts';
import { netflixPlanner } from './netflix-planner.ts';
import { sizedDomains } from './sized-domains.ts';

const rounds = 3;
/** Default number of simulations in Netflix's planner. */
const netflixWorlds = 128;

export const plan = {
  name: 'plan',
  summary:
    'plan for 10,000 replicas on 50 brokers (also with full disks) and 100,000 on 200, of them 5 and 10 new, simulate a day of 100 clusters, and size 1,000 domains; time and gap',
  options: {
    netflix: {
      type: 'string',
      value: 'PYTHON',
      help: 'a Python that has service-capacity-modeling, to be measured beside',
    },
  },

  async run({ options, stderr, signal }) {
    const planned = (
      [replicas, brokers, empty]: readonly [number, number, number],
      { fullness, tolerance = Infinity }: { fullness?: number; tolerance?: number } = {},
    ) => {
      const cluster = randomCluster(replicas, brokers, empty);
      const problem = fullness === undefined ? cluster : onDisks(cluster, fullness);
      const seconds: number[] = [];
      const plans: Reassignment[] = [];
      for (let round = 0; round < rounds; round += 1) {
        signal.throwIfAborted();
        const spent = spentOn(() => plans.push(planReassignment(problem, { tolerance })));
        seconds.push(spent.processor);
        stderr.write(`${replicas} replicas: ${spent.processor} s of processor, ${spent.wall} s of wall\n`);
      }
      return { seconds: median(seconds), gap: plans.at(-1)?.gap ?? Infinity };
    };
    const { wall, processor } = referenceLoop();
    const small = planned([10_000, 50, 5]);
    const large = planned([100_000, 200, 10]);
    const even = planned([100_000, 200, 10], { tolerance: defaultTolerance });
    const full = planned([10_000, 50, 5], { fullness: 0.98 });
    const growth = large.seconds / small.seconds;
    const days = Array.from({ length: rounds }, () => simulatedDays(signal));
    for (const { processor, wall } of days)
      stderr.write(`a day of 100 clusters: ${processor} s of processor, ${wall} s of wall\n`);
    const day = median(days.map(({ processor }) => processor));
    const sizings = Array.from({ length: rounds }, () => sizedDomains({ domains: 1000, worlds: 512 }, signal));
    for (const { processor, wall, brokers } of sizings) {
      stderr.write(
        `1,000 domains, 60 shapes, 512 worlds, ${brokers} brokers: ${processor} s of processor, ${wall} s of wall\n`,
      );
    }
    const sizing = median(sizings.map(({ wall }) => wall));
    const one = Array.from({ length: rounds }, () => sizedDomains({ domains: 1, worlds: netflixWorlds }, signal));
    const python = typeof options['netflix'] === 'string' ? options['netflix'] : undefined;
    const { peer, answer } = await netflixPlanner(python, netflixWorlds, signal);
    if (answer !== undefined) stderr.write(`Netflix's planner for 100 MiB/s: ${answer}\n`);
    const processorRow = (what: string, ours: number, most: number) =>
      againstReference(`processor time, ${what}`, { ours, reference: processor, most });
    return [
      againstReference('wall time, 1,000 domains on 60 shapes with 512 samples', {
        ours: sizing,
        reference: wall,
        most: 20,
      }),
      {
        metric: `processor time, one domain in ${netflixWorlds} worlds`,
        unit: 's',
        ours: median(one.map(({ processor }) => processor)),
        peer,
        goal: "none: beside Netflix's planner, which has other shapes",
      },
      processorRow('10,000 replicas', small.seconds, 3),
      processorRow('100,000 replicas', large.seconds, 60),
      processorRow('100,000 replicas with even bytes', even.seconds, 120),
      // Ten times the replicas, sixteen times the pairs of brokers: growth of moves by pairs is the maximum.
      atMost('growth from 10,000 on 50 brokers to 100,000 on 200', 'ratio', growth, 160),
      atMost('bytes above the least possible, 10,000 replicas', 'ratio', small.gap, 0.01),
      processorRow('10,000 replicas, disks 98% full afterwards', full.seconds, 3),
      atMost('bytes above the bound, 10,000 replicas, disks 98% full afterwards', 'ratio', full.gap, 0.01),
      atMost('bytes above the least possible, 100,000 replicas', 'ratio', large.gap, 0.01),
      processorRow('simulated day of 100 clusters', day, 6),
    ];
  },
} satisfies Bench;

/** Sets disk sizes so that all disks together reach this fill level after the plan. */
function onDisks(problem: Problem, fullness: number): Problem {
  const all = problem.partitions.reduce((sum, { replicas, bytes = 0 }) => sum + replicas.length * bytes, 0);
  const diskBytes = Math.round(all / problem.brokers.length / fullness);
  return { ...problem, brokers: problem.brokers.map((broker) => ({ ...broker, diskBytes })) };
}

/** Three replicas per partition, four racks in turn, sizes up to 1 GB, a fixed seed. */
function randomCluster(replicas: number, brokers: number, empty: number): Problem {
  let state = 12_345;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const racks = ['a', 'b', 'c', 'd'];
  const partitions = Array.from({ length: Math.ceil(replicas / 3) }, (_, partition) => {
    const held: number[] = [];
    while (held.length < 3) {
      const broker = random(brokers - empty);
      if (!held.some((other) => other % racks.length === broker % racks.length)) held.push(broker);
    }
    return { topic: 'load', partition, replicas: held, bytes: random(1e9) };
  });
  return {
    brokers: Array.from({ length: brokers }, (_, id) => ({ id })),
    live: brokers,
    partitions: partitions.sort((one, two) => one.bytes - two.bytes),
    others: [],
    racks,
    rackOf: Int32Array.from({ length: brokers }, (_, id) => id % racks.length),
    weights: Array.from({ length: brokers }, () => 1),
  };
}
