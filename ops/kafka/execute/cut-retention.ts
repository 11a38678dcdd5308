// Shortens the retention of topics before their replicas are copied, and restores it before unread messages of a group
// are deleted.

import type { ReplicaSize } from '../../../brokers/kafka/changes/replica-sizes.ts';
import { seconds } from '../../../core/clock.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { borrow, giveBack } from '../../change/borrowed-settings.ts';
import { note } from '../../change/carry-out.ts';
import type { Run } from './run.ts';
import { faultOf } from '../../../core/errors.ts';
import type { UnreadLoss } from '../live/retention-cut.ts';
import type { ReassignFacts } from './reassign-facts.ts';

/**
 * Brokers check for old segments every five minutes (log.retention.check.interval.ms), and delete them a minute later
 * (file.delete.delay.ms).
 */
const patience = seconds(390);
const tick = seconds(5);
/** A log that shrank by this share has been cut; new messages offset some of the deletion. */
const shorter = 0.1;

/** Shortens the retention, unless a group has not read messages that this would delete. */
export async function cutRetention(run: Run): Promise<void> {
  const { journal, changes, clock, signal } = run;
  const cut = journal.facts.cutRetention;
  if (cut === undefined || cut.isDone === true) return;
  const refusal = await refusalOfCut(run, cut);
  if (refusal !== undefined) {
    // A killed process may have started to shorten it.
    if (isShortened(journal)) return restoreRetention(run, cut, refusal);
    delete journal.facts.cutRetention;
    return note(run, { en: `the retention is not changed: ${refusal.en}`, zh: `保留时间未修改：${refusal.zh}` });
  }
  const wanted = new Set(cut.topics);
  const bytesNow = async () =>
    (await changes.sizes({ signal }))
      .flatMap(({ replicas }): readonly ReplicaSize[] => replicas)
      .reduce((sum, { topic, bytes }) => sum + (wanted.has(topic) ? bytes : 0), 0);
  const before = await bytesNow();
  const settings = { 'retention.ms': String(cut.retentionMs) };
  await borrow(
    run,
    'retention',
    cut.topics.map((name) => ({ kind: 'topic' as const, name, settings })),
  );
  cut.isDone = true;
  await note(run, {
    en: `retention is ${cut.retentionMs} ms until the end of the change (topics: ${cut.topics.length})`,
    zh: `变更结束前保留时间为 ${cut.retentionMs} ms（Topic：${cut.topics.length} 个）`,
  });
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const now = await bytesNow();
    if (now <= (1 - shorter) * before)
      return run.tell(`log size of these topics: ${before} bytes before, ${now} bytes now`);
    if ((await run.request()) !== undefined) return;
    if (!isShortened(journal)) return;
    if (clock.monotonic() > deadline)
      return run.tell(`log size of these topics: still ${now} bytes; the brokers have not deleted segments yet`);
    run.progress({ held: 'waiting for brokers to delete old segments' });
    await clock.sleep(tick, { signal });
  }
}

/** Time between two checks, each of which reads all groups. */
const pause = seconds(15);
/** Share of the retention: a group whose next message is older may reach the retention before the next check. */
const approaching = 0.5;

/** @returns why the retention must not be so short; absent if every group has read the messages it would delete */
async function refusalOfCut(run: Run, cut: Parameters<Run['unread']>[0]): Promise<InLanguages<string> | undefined> {
  try {
    const [first, ...more] = await run.unread(cut);
    if (first === undefined || more.length === 0) return first && lossText(first);
    const { en, zh } = lossText(first);
    return { en: `${en} (and ${more.length} more)`, zh: `${zh}（另有 ${more.length} 项）` };
  } catch (cause) {
    const { message } = faultOf(cause, run);
    return { en: `the lag of groups cannot be read: ${message}`, zh: `无法读取消费组的堆积：${message}` };
  }
}

/** Adds a retention check, every 15 s at most, to requests, because every wait polls for requests. */
export function withRetentionGuard(run: Run): Run {
  const { journal, clock } = run;
  let checked = -Infinity;
  let isRefused = false;
  async function guard(): Promise<void> {
    const cut = journal.facts.cutRetention;
    if (cut === undefined || !isShortened(journal) || clock.monotonic() - checked < pause) return;
    checked = clock.monotonic();
    // An earlier restoration failed.
    if (isRefused) return giveRetentionBack(run);
    const refusal = await refusalOfCut(run, { ...cut, retentionMs: Math.round(approaching * cut.retentionMs) });
    isRefused = refusal !== undefined;
    if (refusal !== undefined) await restoreRetention(run, cut, refusal);
  }
  return {
    ...run,
    async request() {
      const request = await run.request();
      await guard();
      return request;
    },
  };
}

const isShortened = ({ borrowed }: Run['journal']): boolean => borrowed.some(({ why }) => why === 'retention');

/** Restores the retention for the rest of the change; the next check retries what fails now. */
async function restoreRetention(
  run: Run,
  cut: NonNullable<ReassignFacts['cutRetention']>,
  refusal: InLanguages<string>,
): Promise<void> {
  cut.isDone = true;
  await note(run, {
    en: `the retention is restored before the end of the change: ${refusal.en}`,
    zh: `变更结束前提前恢复保留时间：${refusal.zh}`,
  });
  await giveRetentionBack(run);
}

async function giveRetentionBack(run: Run): Promise<void> {
  for (const reason of await giveBack(run, 'retention', run.signal)) run.tell(`not restored yet: ${reason}`);
}

const lossText = ({ group, topic, messages }: UnreadLoss) => ({
  en: `unread messages of group ${group} in ${topic} that retention is about to delete: ${messages}`,
  zh: `消费组 ${group} 在 ${topic} 有未消费消息即将因超过保留时间被删除：${messages} 条`,
});
