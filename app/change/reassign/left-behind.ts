// Names what an unfinished reassignment left in a cluster where nothing has to move.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { leaseText } from '../../../core/documents/change-lease.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { named } from '../../../core/text/bilingual.ts';
import { finding } from '../../../ops/change/change-kind.ts';
import { leaseRefusal } from '../../../ops/change/lease-refusal.ts';
import { listsReplicas, settingTexts, visibleChange } from '../../../ops/kafka/execute/visible-change.ts';
import { lineWriter } from '../../caller.ts';
import { clusterArgs } from '../../observe/named-cluster.ts';
import { seeLease } from '../take-lease.ts';
import type { ReassignCaller } from './reassign-request.ts';

/** @throws the signal's reason */
export async function leftBehind(
  io: ReassignCaller,
  { name, config, typed }: { name: string; config: KafkaClusterConfig; typed: string },
  changes: KafkaChanges,
): Promise<Finding[]> {
  const seen = await seeLease(io, { name, config, typed });
  // Another change is under way, also if another tool began it: its throttles are not left behind.
  if (seen.kind === 'live') return [];
  const visible =
    seen.kind === 'free' || seen.kind === 'expired'
      ? await visibleChange(changes, io).catch((cause: unknown) => faultOf(cause, io))
      : leaseRefusal(typed, seen);
  if (visible instanceof AppError) lineWriter(io)(`throttles that may be left are unknown: ${visible.message}`);
  const found: Finding[] = [];
  if (seen.kind === 'expired') {
    const by = leaseText(seen.holder);
    found.push(
      finding('warning', 'lease-expired', {
        en: `The lease of ${by} has expired. That change may not have ended: \`plimsoll ops status\` on that host lists what it has changed.`,
        zh: `${by} 的变更租约已过期。该变更可能尚未结束：在该主机上运行 \`plimsoll ops status\` 可查看其修改。`,
      }),
    );
  }
  if (!(visible instanceof AppError) && visible.moving.length === 0 && visible.throttles.some(listsReplicas)) {
    const abort = `plimsoll ops kafka reassign${clusterArgs(io.options, name)} --abort${seen.kind === 'expired' ? ' --take-over' : ''}`;
    const settings = visible.throttles.flatMap(settingTexts);
    found.push(
      finding('warning', 'throttle-left', {
        en: `Nothing has to move, and replication is still throttled: ${named(settings)}. \`${abort}\` removes all throttles.`,
        zh: `无需迁移，但复制限流仍然存在：${named(settings, 5, 'zh')}。可用 \`${abort}\` 移除全部限流。`,
      }),
    );
  }
  return found;
}
