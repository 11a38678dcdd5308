// Lists the findings of a plan: risks first, then goals not reached, then what to do afterwards.

import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import { addTo } from '../../../core/get-or-make.ts';
import { byteRateText, pluralText, countText, percentText } from '../../../core/text/quantity-text.ts';
import { finding, findingIf, oneFinding } from '../../change/change-kind.ts';
import { namesOf } from '../live/live-findings.ts';
import type { Traffic } from './pace.ts';
import type { Reassignment } from './plan-reassignment.ts';
import { type Problem, rackLimit, type PlacedPartition } from './problem.ts';
import { partitionKey } from '../live/broker-load.ts';
import { growthIn } from './wave-growth.ts';

export function planFindings(
  problem: Problem,
  plan: Reassignment,
  {
    leftBehind,
    incoming,
    throttle,
    absent = [],
  }: Pick<Traffic, 'incoming' | 'throttle'> & { leftBehind: number; absent?: readonly number[] },
): Finding[] {
  const { brokers, live, partitions } = problem;
  const findings: Finding[] = [];
  const say = (...of: Parameters<typeof finding>) => findings.push(finding(...of));

  const removed = brokers.slice(live);
  for (const [offset, { id }] of removed.entries()) {
    const held = partitions.filter(({ replicas }) => replicas.includes(live + offset));
    if (absent.includes(id) || held.length === 0) continue;
    const only = held.filter(({ replicas }) => replicas.length === 1);
    const lost =
      only.length > 0
        ? {
            en: `It has the only copy of ${namesOf(only)}: if it is stopped before the plan is complete, they are offline, and their messages are lost with its disk.`,
            zh: `其中 ${namesOf(only, 'zh')} 只有这一个副本：若在计划完成前停止该 Broker，这些分区将离线，消息随其磁盘一起丢失。`,
          }
        : {
            en: 'If it is stopped before the plan is complete, these partitions lose one replica each, and no broker creates a new replica by itself.',
            zh: '若在计划完成前停止它，这些分区各少一个副本，且没有 Broker 会自动补建。',
          };
    say('critical', 'removal-unsafe', {
      en: `Broker ${id} still holds replicas of ${pluralText(held.length, 'partition')}. ${lost.en}`,
      zh: `Broker ${id} 仍持有 ${held.length} 个分区的副本。${lost.zh}`,
      evidence: [figure('partitions', held.length), figure('only copies', only.length)],
    });
  }
  if (leftBehind > 0) {
    say('critical', 'left-behind', {
      en: `${pluralText(leftBehind, 'partition')} of topics that are not chosen would stay on a broker to be removed: plan those topics too.`,
      zh: `未选中的 Topic 仍有 ${leftBehind} 个分区在将要移除的 Broker 上：请为这些 Topic 也制定计划。`,
      evidence: [figure('partitions', leftBehind)],
    });
  }
  findings.push(
    ...placementFindings(problem, plan),
    ...findingIf(plan.plan.partitions.length === 0, 'info', 'even-already', {
      en: 'Nothing moves: each broker already has its number of replicas and leaders.',
      zh: '无需迁移：各 Broker 的副本数和 Leader 数已经均衡。',
    }),
  );
  const moves = plan.waves.filter(({ partitions: moved, bytes }) => moved.length > 0 && bytes !== 0);
  const hasLinks = brokers.every(({ networkBytesPerSecond }) => networkBytesPerSecond !== undefined);
  const isAnyWithoutRoom = moves.some(
    (wave) => wave.throttleBytesPerSecond === undefined && isCopying(wave.partitions, problem),
  );
  if (hasLinks && plan.moves.replicas > 0 && isAnyWithoutRoom && incoming !== undefined) {
    say('critical', 'no-room-to-move', {
      en: `Beside the incoming rate of ${byteRateText(incoming)}, the links have no capacity for moves: a moving replica would never catch up. Move at a quieter time.`,
      zh: `除写入速率 ${byteRateText(incoming)} 外，网络带宽不足以迁移副本：迁移中的副本永远追不上。请在流量较低时迁移。`,
      evidence: [figure('incoming', incoming, 'bytes/s', '--incoming')],
    });
  }
  const isGuessed = hasLinks && incoming === undefined && throttle === undefined && plan.moves.replicas > 0;
  findings.push(
    ...findingIf(isGuessed, 'warning', 'incoming-unknown', {
      en: 'The peak incoming traffic of the brokers is unknown; half of the usable link is reserved for it. Give --incoming for an exact throttle.',
      zh: 'Broker 的写入流量峰值未知，因此为其预留一半可用带宽。请用 --incoming 给出峰值，以得到准确的限流值。',
    }),
    ...findingIf(plan.slack.replicas > 0, 'warning', 'replicas-uneven', {
      en: `Because of the racks, replicas per broker differ from the mean by up to ${plan.slack.replicas} more than rounding requires.`,
      zh: `受机架限制，各 Broker 的副本数与均值之差最多比取整误差大 ${plan.slack.replicas}。`,
      evidence: [figure('replicas beyond', plan.slack.replicas)],
    }),
    ...findingIf(plan.slack.leaders > 0, 'warning', 'leaders-uneven', {
      en: `With these replicas, leaders per broker differ from their share by up to ${plan.slack.leaders} more than rounding requires.`,
      zh: `在这样的副本分布下，各 Broker 的 Leader 数与应有份额之差最多比取整误差大 ${plan.slack.leaders}。`,
      evidence: [figure('leaders beyond', plan.slack.leaders)],
    }),
  );
  if (plan.plan.partitions.length > 0) {
    say('info', 'preferred-election', {
      en: 'After the last wave, elect the preferred leaders (kafka-leader-election.sh --election-type preferred --all-topic-partitions): before it, the leaders do not change.',
      zh: '最后一批完成后，请选举首选 Leader（kafka-leader-election.sh --election-type preferred --all-topic-partitions）；在此之前 Leader 不变。',
    });
    say('info', 'verify-each-wave', {
      en: 'End each wave with kafka-reassign-partitions.sh --verify: it shows when the wave is done, and removes the throttle.',
      zh: '每批结束时请执行 kafka-reassign-partitions.sh --verify：它显示该批是否完成，并移除限流。',
    });
  }
  return findings;
}

const holdersIn = (problem: Problem) =>
  new Map(problem.partitions.map((each) => [partitionKey(each), idsOf(problem, each)]));

function isCopying(wave: Reassignment['plan']['partitions'], problem: Problem) {
  const now = holdersIn(problem);
  return wave.some((each) => each.replicas.some((id) => now.get(partitionKey(each))?.includes(id) === false));
}

function figure(name: string, value: number, unit = '', source = '--assignment'): Evidence {
  return { name, value, unit, source };
}

const placementFindings = (problem: Problem, plan: Reassignment): Finding[] => [
  ...copyFindings(problem, plan),
  ...rackFindings(problem, plan),
  ...diskFindings(problem, plan),
];

function copyFindings({ partitions }: Problem, { plan, moves: { removed = 0 } }: Reassignment): Finding[] {
  const now = new Map(partitions.map((each) => [partitionKey(each), each.replicas.length]));
  const fewer = plan.partitions.filter((each) => each.replicas.length < (now.get(partitionKey(each)) ?? 0));
  const least = fewer.reduce((most, { replicas }) => Math.min(most, replicas.length), Infinity);
  const single =
    least === 1
      ? {
          en: ' A partition with one copy is offline while its broker is down, and its messages are lost with the disk.',
          zh: '只有一个副本的分区在其 Broker 停机期间不可用，磁盘损坏时消息丢失。',
        }
      : { en: '', zh: '' };
  return findingIf(fewer.length > 0, least === 1 ? 'critical' : 'warning', 'copies-fewer', {
    en: `${pluralText(fewer.length, 'partition gets', 'partitions get')} fewer replicas: ${namesOf(fewer)}. Brokers delete ${pluralText(removed, 'replica')}; each of these partitions keeps at least ${least}.${single.en}`,
    zh: `有 ${fewer.length} 个分区的副本数减少：${namesOf(fewer, 'zh')}。Broker 将删除 ${removed} 个副本，这些分区各至少保留 ${least} 个。${single.zh}`,
    evidence: [
      figure('replicas removed', removed, '', 'the plan'),
      figure('fewest copies', fewer.length === 0 ? 0 : least, '', 'the plan'),
    ],
  });
}

/** A plan that places replicas satisfies the limit of each rack; one whose option names the brokers may not. */
function rackFindings(problem: Problem, { plan }: Reassignment): Finding[] {
  const { brokers, racks } = problem;
  if (racks.length === 0) return [];
  const rackOf = new Map(brokers.map(({ id, rack }) => [id, rack]));
  const now = holdersIn(problem);
  const isCrowded = (replicas: readonly number[]) =>
    [...Map.groupBy(replicas, (id) => rackOf.get(id))].some(
      ([rack, held]) => rack !== undefined && held.length > rackLimit(problem, replicas.length),
    );
  const crowded = plan.partitions.filter(
    (each) => isCrowded(each.replicas) && !isCrowded(now.get(partitionKey(each)) ?? []),
  );
  return findingIf(crowded.length > 0, 'critical', 'racks-crowded', {
    en: `Partitions that get more replicas in one rack than ⌈replicas / racks⌉, ${crowded.length}: ${namesOf(crowded)}. If that rack fails, they lose these replicas together. Use a new broker in the rack of the old one, or plan with --remove, which keeps the limit.`,
    zh: `有 ${crowded.length} 个分区在同一机架上的副本数将超过 ⌈副本数 / 机架数⌉：${namesOf(crowded, 'zh')}。该机架故障时会同时失去这些副本。请使用与原 Broker 同机架的新 Broker，或改用 --remove（它遵守该上限）。`,
    evidence: [figure('partitions', crowded.length, '', '--brokers')],
  });
}

function diskFindings(problem: Problem, { waves }: Reassignment): Finding[] {
  const { brokers, partitions, others } = problem;
  const disks = new Map(brokers.map(({ id, diskBytes }) => [id, diskBytes ?? Infinity]));
  const sizes = new Map(partitions.map((each) => [partitionKey(each), each.bytes ?? 0]));
  const held = holdersIn(problem);
  const bytesOf = (key: string) => sizes.get(key) ?? 0;
  const used = new Map<number, number>();
  for (const [key, ids] of held) for (const id of ids) addTo(used, id, bytesOf(key));
  for (const each of others) for (const id of idsOf(problem, each)) addTo(used, id, each.bytes ?? 0);
  const growth = growthIn(waves, held, { arriving: bytesOf, leaving: bytesOf });
  const needs = [...growth].map(([id, { peak, wave }]) => ({
    id,
    bytes: (used.get(id) ?? 0) + peak,
    disk: disks.get(id) ?? Infinity,
    wave,
  }));
  const full = needs.filter(({ bytes, disk }) => bytes > disk);
  const [fullest] = full.toSorted((one, other) => other.bytes / other.disk - one.bytes / one.disk);
  if (fullest === undefined) return [];
  const { id, bytes, disk, wave } = fullest;
  return oneFinding('critical', 'disk-full-during-plan', {
    en: `In wave ${wave}, broker ${id} would need ${percentText(bytes / disk)} of its disk: ${countText(bytes)} of ${countText(disk)} bytes, since old replicas are deleted after new ones are copied. --execute begins only moves that have room, and stops after 15 minutes without any; tools that begin a whole wave fill the disk. Plan with a smaller --moves-per-broker, or free space first.`,
    zh: `第 ${wave} 批期间，Broker ${id} 将占用其磁盘的 ${percentText(bytes / disk)}：${countText(bytes)} / ${countText(disk)} 字节，因为新副本复制完成后才删除旧副本。--execute 只启动有空间的移动，15 分钟内仍无空间则停止；一次启动整批的工具会写满磁盘。请用更小的 --moves-per-broker 制定计划，或先释放空间。`,
    evidence: [figure('needed', bytes, 'bytes', '--sizes'), figure('disk', disk, 'bytes', '--brokers')],
  });
}

const idsOf = ({ brokers }: Problem, { replicas }: PlacedPartition): readonly number[] =>
  replicas.map((index) => brokers[index]?.id as number);
