// Makes RocketMQ brokers delete expired commit log files, expired consume queues, or consume queues of deleted topics.

import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { cleanups, type Cleanup } from '../../../brokers/rocketmq/protocol/broker-requests.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { bytesText } from '../../../core/text/quantity-text.ts';
import { seconds } from '../../../core/clock.ts';
import { finding, type PlannedChange } from '../../change/change-kind.ts';
import { readNumber } from '../../../brokers/rocketmq/runtime-info.ts';
import { listMasters, type RocketmqChangeKind, type RocketmqTools } from '../administration.ts';
import { masterOf, type Master } from '../broker-group.ts';
import { atServer } from '../change-each.ts';
import { done } from '../../change/step.ts';

export const CleanFacts = z.strictObject({
  what: z.enum(cleanups),
  brokers: z.array(z.strictObject({ brokerName: z.string(), address: z.string() })),
});
export type CleanFacts = z.infer<typeof CleanFacts>;

const texts: Readonly<Record<Cleanup, InLanguages<string>>> = {
  'expired-commit-log': {
    en: 'delete commit log files whose messages are older than fileReservedTime',
    zh: '删除消息早于 fileReservedTime 的 CommitLog 文件',
  },
  'expired-consume-queues': {
    en: 'delete consume queues whose messages have all left the commit log',
    zh: '删除消息已全部移出 CommitLog 的 ConsumeQueue',
  },
  'unused-topics': {
    en: 'delete consume queues of topics that do not exist any more',
    zh: '删除已不存在的 Topic 的 ConsumeQueue',
  },
};

/** @throws AppError not-found, broker-unreachable */
export async function planClean(
  { admin, clock, known }: RocketmqTools,
  { what, brokers: wanted }: { what: Cleanup; brokers: readonly string[] },
  io: Io,
): Promise<PlannedChange<CleanFacts>> {
  const { masters, findings } = await listMasters({ admin, known }, wanted, io);
  const extent =
    what === 'expired-commit-log'
      ? await Promise.all(masters.map((master) => expiredOn(admin, master, clock.now(), io)))
      : [
          finding('info', 'extent-unknown', {
            en: `brokers do not report which files: ${texts[what].en}`,
            zh: `Broker 不报告涉及哪些文件：${texts[what].zh}`,
          }),
        ];
  return {
    facts: { what, brokers: masters.map(({ brokerName, address }) => ({ brokerName, address })) },
    findings: [...findings, ...extent],
  };
}

async function expiredOn(admin: RocketmqTools['admin'], { brokerName, address }: Master, now: Date, io: Io) {
  const settings = await admin.settings(address, io);
  const runtime = await admin.runtime(address, io);
  const hours = readNumber(settings.get('fileReservedTime'));
  const oldestMs = readNumber(runtime.get('earliestMessageTimeStamp'));
  if (hours === undefined || oldestMs === undefined || oldestMs <= 0) {
    return finding('info', 'extent-unknown', {
      en: `${brokerName} does not report the age of its oldest message`,
      zh: `${brokerName} 没有上报最早消息的时间`,
    });
  }
  const age = seconds(Math.max(0, (now.getTime() - oldestMs) / 1000));
  const isOlder = age > hours * 3600;
  return finding('info', 'extent', {
    en: `${brokerName}: the oldest message is ${durationText(age)} old and fileReservedTime is ${hours} h, so ${isOlder ? 'older files are deleted' : 'nothing is deleted'}`,
    zh: `${brokerName}：最早的消息已有 ${durationText(age, 'zh')}，fileReservedTime 为 ${hours} 小时，${isOlder ? '更早的文件将被删除' : '不会删除任何文件'}`,
  });
}

export const clean: RocketmqChangeKind<CleanFacts> = {
  name: 'clean',
  facts: CleanFacts,

  steps: ({ what, brokers }, { admin }) => [
    {
      id: 'clean',
      description: `${texts[what].en}, on ${brokers.map(({ brokerName }) => brokerName).join(', ')}`,
      zh: `在 ${brokers.map(({ brokerName }) => brokerName).join('、')} 上${texts[what].zh}`,
      pause: seconds(1),
      async run(io) {
        const evidence = await Array.fromAsync(brokers, async ({ brokerName, address: known }) => {
          const address = await masterOf(admin, brokerName, io, known);
          const before = await storedAt(admin, address, io);
          await admin.clean(address, what, io);
          const after = await storedAt(admin, address, io);
          const freed = before === undefined || after === undefined ? undefined : before - after;
          return freed === undefined || freed <= 0
            ? atServer(brokerName, 'requested; it deletes files in the background', '已请求，由其在后台删除')
            : atServer(
                brokerName,
                `${bytesText(freed)} of commit log were deleted`,
                `CommitLog 已删 ${bytesText(freed)}`,
              );
        });
        return done(evidence);
      },
      undo: { none: 'deleted files cannot be restored', zh: '已删除的文件无法恢复' },
    },
  ],
};

/** Bytes between the first and the last message of the commit log. */
async function storedAt(admin: RocketmqTools['admin'], address: string, io: Io): Promise<number | undefined> {
  const runtime = await admin.runtime(address, io);
  const [first, last] = [readNumber(runtime.get('commitLogMinOffset')), readNumber(runtime.get('commitLogMaxOffset'))];
  return first === undefined || last === undefined ? undefined : last - first;
}
