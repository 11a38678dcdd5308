// Provides plans for pages: reassignments, a held scale-in and sized clusters.

import { operationDocuments } from '../../app/history/read-operation.ts';
import { reassignDocument } from '../../app/change/reassign/run-reassignment.ts';
import type { RecordedOperation } from '../../core/documents/recorded-operation.ts';
import { handOversIn, writesWait } from '../../ops/kafka/live/writes-wait.ts';
import { noticeTexts } from '../../ops/change/notice.ts';
import { changesNothing, undoText } from '../../ops/change/step.ts';
import { ScaleInFacts } from '../../ops/rocketmq/scale-in/facts.ts';
import { systemClock } from '../../core/clock.ts';
import { textIn } from '../../core/text/bilingual.ts';
import { awaitExpired } from '../../ops/rocketmq/await-expired.ts';
import { scaleIn as scaleInKind } from '../../ops/rocketmq/scale-in/scale-in.ts';
import { stopInstructions } from '../../ops/rocketmq/scale-in/await-stopped.ts';
import { unreadBlocker } from '../../ops/rocketmq/unread-blocker.ts';
import { reassignNotice } from '../../ops/kafka/reassign/notice.ts';
import { planReassignment } from '../../ops/kafka/reassign/plan-reassignment.ts';
import { buildProblem } from '../../ops/kafka/reassign/build-problem.ts';
import type { SqliteHistory } from '../../service/history/sqlite-history.ts';
import { plannedCluster } from './cluster-plan.ts';

const anna = { name: 'anna', through: 'cli' } as const;
const gibibyte = 2 ** 30;

/** Brokers 1 to 3 host forty partitions when broker 4 joins; printed as by `plimsoll ops kafka reassign --json`. */
export function reassignment({ isSized = true, window = '2026-11-10 02:00–06:00 +08:00' } = {}) {
  const all = Array.from({ length: 40 }, (_, index) => index);
  const brokers = [1, 2, 3, 4].map((id) => ({
    id,
    // The fullest disk is as full as that of logs in the recorded readings.
    ...(isSized && { capacity: { networkBytesPerSecond: 125_000_000, diskBytes: 206 * gibibyte } }),
  }));
  const topic = (index: number) => (index < 30 ? '订单取消' : 'order-created');
  const now = all.map((index) => ({
    topic: topic(index),
    partition: index % 30,
    replicas: [0, 1].map((replica) => 1 + ((index + replica) % 3)),
  }));
  const { problem } = buildProblem({
    assignment: { version: 1, partitions: now },
    brokers,
    ...(isSized && {
      sizes: all.map((index) => ({ topic: topic(index), partition: index % 30, bytes: (2 + (index % 7)) * gibibyte })),
    }),
    add: [4],
    remove: [],
  });
  const plan = planReassignment(problem, { incoming: 40_000_000 });
  const announced = { domains: ['订单', 'payment'], window };
  const notices = noticeTexts(reassignNotice(plan), announced);
  return reassignDocument(
    {
      plan,
      findings: [
        writesWait(new Map([1, 2, 3, 4].map((id) => [id, 1000])), {
          handOvers: handOversIn(plan.plan.partitions, now),
          written: new Map(),
        }),
      ].filter((found) => found !== undefined),
    },
    { notices },
  );
}

export function operationOf(document: unknown): RecordedOperation {
  const kind = operationDocuments.find(({ keys }) => keys.every((key) => key in (document as object)));
  if (kind === undefined) throw new Error('no operation');
  return kind.read(document).document;
}

const unread = unreadBlocker(
  { group: 'audit', topic: 'order-paid', messages: 1204n, clients: [] },
  { quietAt: '2026-11-09T20:40:00.000Z', retentionHours: 48 },
  new Date('2026-11-09T20:45:00.000Z'),
);

const facts = ScaleInFacts.parse({
  brokerName: 'broker-b',
  members: [{ brokerId: 0, address: 'mq-6:10911', permission: 6 }],
  names: [],
  quietSeconds: 60,
  topics: ['order-created', 'order-paid'],
  retentionHours: 48,
  delaySeconds: [],
  ignoredGroups: [],
  giveUpReplay: false,
  quietAt: '2026-11-09T20:40:00.000Z',
});
const instructions = stopInstructions(facts);

const expired = awaitExpired({ giveUpReplay: false, retentionHours: 48 }, { clock: systemClock });

export const scaleIn = {
  schemaVersion: 1,
  cluster: 'waybills',
  change: 'scale-in',
  subject: 'broker-b',
  status: 'held',
  facts: {},
  findings: [],
  steps: [
    {
      id: 'close-writes',
      by: 'plimsoll',
      says: 'set brokerPermission without the write bit on every member of broker-b',
      undo: 'restore brokerPermission on every member of broker-b',
      state: 'done',
      evidence: ['mq-6:10911: brokerPermission 6 → 4'],
      zh: {
        says: '在 broker-b 的全部节点上去掉 brokerPermission 的写权限（禁写）',
        undo: '在 broker-b 的全部节点上恢复 brokerPermission',
        evidence: ['mq-6:10911: brokerPermission 6 → 4'],
      },
    },
    {
      id: 'see-read',
      by: 'plimsoll',
      says: 'wait until no group has unread messages on the broker',
      undo: undoText(changesNothing),
      state: 'begun',
      evidence: [],
      zh: { says: '等待所有消费组消费完该 Broker 上的消息', undo: undoText(changesNothing, 'zh'), evidence: [] },
    },
    {
      id: expired.id,
      by: 'plimsoll',
      says: expired.description,
      undo: undoText(changesNothing),
      state: 'to do',
      evidence: [],
      zh: { says: expired.zh, undo: undoText(changesNothing, 'zh'), evidence: [] },
    },
    {
      id: 'stop',
      by: 'operator',
      says: 'stop every member of broker-b',
      undo: 'an operator starts the members of broker-b that were stopped',
      how: instructions.map((each) => textIn(each, 'en')),
      state: 'to do',
      evidence: [],
      zh: {
        says: '停止 broker-b 的全部节点',
        undo: '由运维人员重新启动 broker-b 中已停止的节点',
        how: instructions.map((each) => textIn(each, 'zh')),
        evidence: [],
      },
    },
  ],
  holds: [{ ...unread, until: unread.until?.toISOString() }],
  notices: noticeTexts(scaleInKind.notice(facts), { window: '2026-11-10 04:00–08:00 +08:00' }),
};

/** Adds in this order: a reassignment that was planned and rolled back, one without sizes, a scale-in, sized clusters. */
export function fillPlans(history: SqliteHistory, hostile: string): void {
  const planned = reassignment();
  const operation = (document: unknown, cluster: string, why?: string) =>
    history.append(
      { kind: 'operation', cluster, document: operationOf(document), evidence: 'plan.json', ...(why && { why }) },
      anna,
    );
  operation(planned, 'logs', 'a fourth broker before the promotion');
  operation(
    {
      ...planned,
      executed: {
        status: 'rolled-back',
        startedAt: '2026-11-09T18:00:00.000Z',
        state: '/var/lib/plimsoll/kafka-changes/logs.over',
        checks: {},
        log: [
          {
            at: '2026-11-09T18:00:01.000Z',
            says: 'next wave: replicas to copy: 5, throttle 38.3 MB/s',
            zh: '下一批：待复制副本 5 个，限流 38.3 MB/s',
          },
          {
            at: '2026-11-09T18:05:40.000Z',
            says: 'broker 4 was gone from the cluster for 20 s; moves cancelled: 5',
            zh: 'Broker 4 离开集群已满 20 秒；已自动取消 5 个分区的迁移',
          },
        ],
      },
    },
    'logs',
  );
  operation(reassignment({ isSized: false, window: '2026-11-11 02:00–06:00 +08:00' }), hostile, hostile);
  operation(scaleIn, 'waybills');
  const brokers = plannedCluster().brokers.map((each) => ({ ...each, host: each.host.replace('orders', 'waybills') }));
  const document = plannedCluster({ name: 'waybills', brokers });
  history.append({ kind: 'plan', cluster: 'waybills', domain: 'waybills', document }, anna);
}
