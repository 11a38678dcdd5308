// Lists the findings of a plan: risks first, then goals not reached, then what to do afterwards.

import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import { byteRateText, pluralText } from '../../../core/text/quantity-text.ts';
import { finding, findingIf } from '../../change/change-kind.ts';
import { namesOf } from '../live/live-findings.ts';
import { placementFindings } from './placement-findings.ts';
import type { Traffic } from './pace.ts';
import type { Reassignment } from './plan-reassignment.ts';
import type { Problem } from './problem.ts';

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
    if (absent.includes(id) || (held.length === 0 && leftBehind === 0)) continue;
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
      en: `${pluralText(leftBehind, 'partition')} of topics that are not chosen still on a broker to be removed: plan those topics too.`,
      zh: `未选中的 Topic 仍有 ${leftBehind} 个分区在将要移除的 Broker 上：请为这些 Topic 也制定计划。`,
      evidence: [figure('partitions', leftBehind)],
    });
  }
  findings.push(
    ...placementFindings(problem, plan),
    ...findingIf(plan.plan.partitions.length === 0, 'info', 'even-already', {
      en: 'No moves are needed: the brokers are already balanced.',
      zh: '无需迁移：各 Broker 已经均衡。',
    }),
  );
  const moves = plan.waves.filter(({ partitions: moved, bytes }) => moved.length > 0 && bytes !== 0);
  const hasLinks = brokers.every(({ networkBytesPerSecond }) => networkBytesPerSecond !== undefined);
  if (
    hasLinks &&
    plan.moves.replicas > 0 &&
    moves.some(({ throttleBytesPerSecond }) => throttleBytesPerSecond === undefined)
  ) {
    const replicasMove = moves.some(
      (wave) => wave.throttleBytesPerSecond === undefined && isCopying(wave.partitions, problem),
    );
    if (replicasMove && incoming !== undefined) {
      say('critical', 'no-room-to-move', {
        en: `Beside the incoming rate of ${byteRateText(incoming)}, the links have no capacity for moves: a moving replica would never catch up. Move at a quieter time.`,
        zh: `除写入速率 ${byteRateText(incoming)} 外，网络带宽不足以迁移副本：迁移中的副本永远追不上。请在流量较低时迁移。`,
        evidence: [figure('incoming', incoming, 'bytes/s', '--incoming')],
      });
    }
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

function isCopying(
  wave: readonly { topic: string; partition: number; replicas: number[] }[],
  { partitions, brokers }: Problem,
) {
  const now = new Map(
    partitions.map((each) => [`${each.topic}-${each.partition}`, each.replicas.map((index) => brokers[index]?.id)]),
  );
  return wave.some(({ topic, partition, replicas }) =>
    replicas.some((id) => now.get(`${topic}-${partition}`)?.includes(id) === false),
  );
}

function figure(name: string, value: number, unit = '', source = '--assignment'): Evidence {
  return { name, value, unit, source };
}
