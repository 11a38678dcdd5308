// Names what an unfinished reassignment left in a cluster where nothing has to move.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { leaseExpirySeconds, leaseText } from '../../../core/documents/change-lease.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { named } from '../../../core/text/bilingual.ts';
import { finding } from '../../../ops/change/change-kind.ts';
import { settingTexts, visibleChange } from '../../../ops/kafka/execute/visible-change.ts';
import { lineWriter } from '../../caller.ts';
import { clusterArgs } from '../../observe/named-cluster.ts';
import { leaseStatusOf } from '../lease-status.ts';
import type { ReassignCaller } from './reassign-request.ts';

/** @throws the signal's reason */
export async function leftBehind(
  io: ReassignCaller,
  { name, config }: { name: string; config: KafkaClusterConfig },
  changes: KafkaChanges,
): Promise<Finding[]> {
  const lease = await leaseStatusOf(name, config, io);
  const held = lease.state === 'held' ? lease : undefined;
  const isLive = held !== undefined && held.heartbeatAgeSeconds < leaseExpirySeconds;
  const visible = isLive ? undefined : await visibleChange(changes, io).catch((cause: unknown) => faultOf(cause, io));
  if (visible instanceof AppError) lineWriter(io)(`throttles that may be left are unknown: ${visible.message}`);
  const throttles = visible === undefined || visible instanceof AppError ? [] : visible.throttles;
  const abort = `plimsoll ops kafka reassign${clusterArgs(io.options, name)} --abort${held ? ' --take-over' : ''}`;
  const found: Finding[] = [];
  if (held !== undefined) {
    const [by, age] = [leaseText(held.lease), Math.round(held.heartbeatAgeSeconds)];
    found.push(
      finding(isLive ? 'info' : 'warning', 'lease-held', {
        en: `The lease of the cluster is held by ${by}, with the last heartbeat ${age} s ago.${isLive ? '' : ' That change may not have ended: `plimsoll ops status` on that host lists what it has changed.'}`,
        zh: `集群的变更租约由 ${by} 持有，上次心跳在 ${age} 秒前。${isLive ? '' : '该变更可能尚未结束：在该主机上运行 `plimsoll ops status` 可查看其修改。'}`,
      }),
    );
  }
  if (throttles.length > 0) {
    const settings = throttles.flatMap(settingTexts);
    found.push(
      finding('warning', 'throttle-left', {
        en: `Nothing has to move, and replication is still throttled: ${named(settings)}. \`${abort}\` removes all throttles.`,
        zh: `无需迁移，但复制限流仍然存在：${named(settings, 5, 'zh')}。可用 \`${abort}\` 移除全部限流。`,
      }),
    );
  }
  return found;
}
