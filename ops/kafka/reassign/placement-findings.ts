// Finds the effects of a plan on copies, racks and disks: fewer copies and crowded racks after it, full disks during it.

import type { Finding } from '../../../core/documents/analysis.ts';
import { countText, percentText, pluralText } from '../../../core/text/quantity-text.ts';
import { figure, findingIf, oneFinding } from '../../change/change-kind.ts';
import { partitionKey } from '../live/broker-load.ts';
import { namesOf } from '../live/live-findings.ts';
import type { Reassignment } from './plan-reassignment.ts';
import { rackLimit, type PlacedPartition, type Problem } from './problem.ts';
import { growthIn } from './wave-growth.ts';

export const placementFindings = (problem: Problem, plan: Reassignment): Finding[] => [
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
  const { brokers, partitions, racks } = problem;
  if (racks.length === 0) return [];
  const rackOf = new Map(brokers.map(({ id, rack }) => [id, rack]));
  const now = new Map(partitions.map((each) => [partitionKey(each), idsOf(problem, each)]));
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
  const { brokers, partitions } = problem;
  const disks = new Map(brokers.map(({ id, diskBytes }) => [id, diskBytes ?? Infinity]));
  const sizes = new Map(partitions.map((each) => [partitionKey(each), each.bytes ?? 0]));
  const held = new Map(partitions.map((each) => [partitionKey(each), idsOf(problem, each)]));
  const bytesOf = (key: string) => sizes.get(key) ?? 0;
  const used = new Map<number, number>();
  for (const [key, ids] of held) for (const id of ids) used.set(id, (used.get(id) ?? 0) + bytesOf(key));
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
