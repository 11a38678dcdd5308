// Lists how even the loads of brokers are before and after a plan, and which loads are unknown.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { bytesText, percentText } from '../../../core/text/quantity-text.ts';
import { figure, findingIf } from '../../change/change-kind.ts';
import { partitionKey } from '../live/broker-load.ts';
import { type Balance, leaderLoads, leastBytes, replicaLoads } from './even-loads.ts';
import type { Goal } from './goal.ts';
import type { Reassignment } from './plan-reassignment.ts';
import type { Problem } from './problem.ts';
import { type Load, outside, usedBy } from './spread.ts';

type Places = readonly (readonly number[])[];

const names = {
  bytes: { en: 'bytes', zh: '字节数' },
  rates: { en: 'writes', zh: '写入速率' },
  leaders: { en: 'writes to leaders', zh: 'Leader 写入速率' },
  leaderBytes: { en: 'bytes of leaders', zh: 'Leader 字节数' },
} satisfies Record<string, InLanguages<string>>;

interface Measured {
  name: keyof typeof names;
  before: number;
  after: number;
  /** Id of the broker with the largest load after the plan, if it is above its bound. */
  above?: number;
}

export function balanceFindings(problem: Problem, plan: Reassignment, goal: Goal, balance: Balance): Finding[] {
  const { partitions, brokers, live } = problem;
  if (goal.kind === 'replace' || goal.kind === 'as-is' || balance.tolerance === Infinity) return [];
  const indexOf = new Map(brokers.map(({ id }, index) => [id, index]));
  const planned = new Map(plan.plan.partitions.map((each) => [partitionKey(each), each.replicas]));
  const now: Places = partitions.map(({ replicas }) => replicas.filter((broker) => broker < live));
  const after: Places = partitions.map(
    (each, index) => planned.get(partitionKey(each))?.map((id) => indexOf.get(id) as number) ?? now[index] ?? [],
  );
  const leaders = (places: Places) => places.map((held) => held.slice(0, 1));
  const placed: Problem = {
    ...problem,
    partitions: partitions.map((each, index) => ({ ...each, replicas: after[index] ?? [] })),
  };
  const counts = usedBy({ of: partitions.map(() => 1), base: brokers.slice(0, live).map(() => 0) }, after);
  const measured = (name: Measured['name'], loads: readonly Load[], of = (places: Places) => places) =>
    loads.map((load): Measured => {
      const used = usedBy(load, of(after));
      const above = used.findIndex((value, broker) => outside(load, broker, value) > load.least);
      return {
        name,
        before: largestShare(load, usedBy(load, of(now))),
        after: largestShare(load, used),
        ...(above >= 0 && { above: brokers[above]?.id as number }),
      };
    });
  const { bytes, rates } = replicaLoads(placed, balance);
  const isMoved = goal.kind !== 'leaders';
  const all = [
    ...(isMoved ? [...measured('bytes', bytes), ...measured('rates', rates)] : []),
    ...measured(
      balance.written === undefined ? 'leaderBytes' : 'leaders',
      leaderLoads(placed, counts, balance),
      leaders,
    ),
  ];
  const uneven = all.filter(({ above }) => above !== undefined);
  const text = (language: 'en' | 'zh', some: readonly Measured[]) =>
    some
      .map((each) => `${names[each.name][language]} ${percentText(each.before)} → ${percentText(each.after)}`)
      .join(language === 'en' ? ', ' : '，');
  const evidence = all.map(({ name, after: share }) =>
    figure(`largest share, ${names[name].en}`, share, '', 'the plan'),
  );
  const {
    bytesByNumber: fewest = Infinity,
    moves: { bytes: copied = 0 },
  } = plan;
  const ifCostly = (sentence: string) => (copied > fewest + leastBytes ? sentence : '');
  const isSized = partitions.every((each) => each.bytes !== undefined);
  return [
    ...findingIf(all.length > 0, 'info', 'load-balance', {
      en: `Fullest broker in percent of its even share, before and after the plan: ${text('en', all)}.${ifCostly(` It copies ${bytesText(copied)}; with --tolerance off, which balances numbers only, ${bytesText(fewest)}.`)}`,
      zh: `负载最高的 Broker 占其应有份额的百分比（计划前后）：${text('zh', all)}。${ifCostly(`计划将复制 ${bytesText(copied)}；若使用 --tolerance off 只按数量均衡，则为 ${bytesText(fewest)}。`)}`,
      evidence,
    }),
    ...findingIf(uneven.length > 0, 'warning', 'load-uneven', {
      en: `Broker ${uneven[0]?.above} stays above its even share by more than ${percentText(balance.tolerance)}: ${text('en', uneven)}. Single partitions are too large, replicas and racks allow nothing closer, or more even loads would cost too many copies.`,
      zh: `Broker ${uneven[0]?.above} 仍比应有份额高出 ${percentText(balance.tolerance)} 以上：${text('zh', uneven)}。个别分区过大，或受副本分布和机架限制无法更均衡，或进一步均衡需复制过多数据。`,
      evidence,
    }),
    ...findingIf(!isSized, 'warning', 'balanced-by-number', {
      en: 'Sizes and write rates of partitions are unknown, so the plan balances numbers only: one broker may get the largest partitions. Give --sizes, or plan with --cluster.',
      zh: '分区大小和写入速率未知，因此计划只按数量均衡：最大的分区可能集中在一个 Broker 上。请给出 --sizes，或用 --cluster 制定计划。',
    }),
  ];
}

/** @returns largest load of a broker divided by its even share, which is the middle of its bounds */
function largestShare({ low, high }: Load, used: readonly number[]): number {
  const shares = used.map((value, broker) => (2 * value) / ((low[broker] as number) + (high[broker] as number)));
  return Math.max(0, ...shares.filter(Number.isFinite));
}
