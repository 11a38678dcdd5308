// Elects preferred leaders after a change, and verifies the final placement.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { seconds } from '../../../core/clock.ts';
import { figure, finding, findingIf } from '../../change/change-kind.ts';
import { byPartition, loadBetween, partitionKey } from '../live/broker-load.ts';
import { namesOf } from '../live/live-findings.ts';
import { leadersIn, unlistedReplicas } from '../live/read-cluster.ts';
import { isSame } from '../reassign/waves.ts';
import { waitForTurn, type HandOvers } from './hand-overs.ts';
import { look } from './look.ts';
import { aimOf, type Run } from './run.ts';

/** A new replica is in sync at once, or after a few fetches: replica.lag.time.max.ms is 30 s. */
const patience = seconds(40);
const pause = seconds(1);

/**
 * Only for partitions of the change; others keep their leaders. Few at a time, because an election also delays writes.
 *
 * @param left keys of partitions that others placed
 */
export async function electLeaders(run: Run, handOvers: HandOvers, left: ReadonlySet<string>): Promise<void> {
  const { changes, clock, signal, journal } = run;
  const attempts = new Map<string, number>();
  let least = Infinity;
  let deadline = clock.monotonic() + patience;
  for (;;) {
    const { metadata } = await look(run);
    const partitions = byPartition(metadata);
    const waiting = aimOf(journal).filter((each) => {
      if (left.has(partitionKey(each))) return false;
      const known = partitions.get(partitionKey(each));
      return known !== undefined && known.leader !== known.replicas[0];
    });
    if (waiting.length === 0 || clock.monotonic() > deadline) return;
    if (!handOvers.knows()) handOvers.learn(await writtenNow(run, leadersIn(metadata)));
    const before = clock.monotonic();
    if (await waitForTurn(run, handOvers, true)) {
      deadline += clock.monotonic() - before;
      continue;
    }
    if (waiting.length < least) deadline = before + patience;
    least = Math.min(least, waiting.length);
    const triedOf = (each: (typeof waiting)[number]) => attempts.get(partitionKey(each)) ?? 0;
    const now = handOvers.first(waiting.toSorted((one, other) => triedOf(one) - triedOf(other)));
    await changes.electPreferred(now, { signal });
    handOvers.ended(now);
    for (const each of now) attempts.set(partitionKey(each), triedOf(each) + 1);
    await clock.sleep(pause, { signal });
  }
}

/** Measuring time of the producers' write rate. */
const sample = seconds(2);

async function writtenNow({ changes, clock, signal }: Run, leaders: ReadonlyMap<string, number>) {
  const reading = async () => ({ atSeconds: clock.monotonic(), brokers: await changes.sizes({ signal }) });
  const before = await reading();
  await clock.sleep(sample, { signal });
  return loadBetween(before, await reading(), leaders).written;
}

/** @returns findings; critical if the assignment differs from the request */
export async function verify(run: Run): Promise<Finding[]> {
  const { journal } = run;
  const { metadata, moving } = await look(run);
  const now = byPartition(metadata);
  const aim = aimOf(journal);
  const gone = aim.filter((each) => !now.has(partitionKey(each)));
  const known = aim.filter((each) => now.has(partitionKey(each)));
  const stateOf = (each: (typeof aim)[number]) => now.get(partitionKey(each));
  const astray = known.filter((each) => !isSame((stateOf(each)?.replicas ?? []).map(Number), each.replicas));
  const behind = known.filter((each) => {
    const { replicas = [], inSyncReplicas = [] } = stateOf(each) ?? {};
    return replicas.some((id) => !inSyncReplicas.includes(id));
  });
  const led = known.filter((each) => stateOf(each)?.leader !== stateOf(each)?.replicas[0]);
  const ours = journal.borrowed;
  const say = (
    severity: 'critical' | 'warning',
    code: string,
    count: number,
    { none, some }: Record<'none' | 'some', InLanguages<string>>,
  ): Finding => {
    const evidence = [figure('partitions', count)];
    return count === 0 ? finding('info', code, { ...none, evidence }) : finding(severity, code, { ...some, evidence });
  };
  return [
    say('critical', 'replicas-as-planned', astray.length, {
      none: { en: `All partitions are as planned (${known.length}).`, zh: `全部 ${known.length} 个分区符合计划。` },
      some: {
        en: `Partitions not as planned, ${astray.length}: ${namesOf(astray)}.`,
        zh: `有 ${astray.length} 个分区不符合计划：${namesOf(astray, 'zh')}。`,
      },
    }),
    say('critical', 'nothing-moves', moving.length, {
      none: { en: 'No partition is moving.', zh: '没有分区在迁移。' },
      some: {
        en: `Partitions still moving, ${moving.length}: ${namesOf(moving)}.`,
        zh: `仍有 ${moving.length} 个分区在迁移：${namesOf(moving, 'zh')}。`,
      },
    }),
    say('warning', 'in-sync', behind.length, {
      none: { en: 'Every replica of the planned partitions is in sync.', zh: '计划中各分区的所有副本均已同步。' },
      some: {
        en: `Under-replicated partitions, ${behind.length}: ${namesOf(behind)}.`,
        zh: `有 ${behind.length} 个分区存在未同步的副本：${namesOf(behind, 'zh')}。`,
      },
    }),
    say('warning', 'preferred-leaders', led.length, {
      none: {
        en: 'Each planned partition is led by its preferred leader.',
        zh: '计划中的分区均由首选 Leader 担任 Leader。',
      },
      some: {
        en: `Partitions not led by their preferred leader, ${led.length}: ${namesOf(led)}.`,
        zh: `有 ${led.length} 个分区未由首选 Leader 担任 Leader：${namesOf(led, 'zh')}。`,
      },
    }),
    say('critical', 'throttles-gone', ours.length, {
      none: { en: 'No throttle or retention of this change remains.', zh: '本次变更的限流和保留时间均已恢复。' },
      some: {
        en: `Settings of this change remain: ${ours.map(({ why, kind, name }) => `${why} of ${kind} ${name}`).join(', ')}. --resume restores them.`,
        zh: `本次变更的设置仍未恢复：${ours.map(({ why, kind, name }) => `${kind} ${name} 的 ${why}`).join('，')}。--resume 会恢复它们。`,
      },
    }),
    ...(await leavingFindings(run, metadata)),
    ...findingIf(gone.length > 0, 'warning', 'deleted-meanwhile', {
      en: `Partitions of the plan that were deleted meanwhile, ${gone.length}: ${namesOf(gone)}.`,
      zh: `计划中有 ${gone.length} 个分区在此期间被删除：${namesOf(gone, 'zh')}。`,
      evidence: [figure('partitions', gone.length)],
    }),
  ];
}

/** Whether a leaving broker may be stopped: not while it holds a replica of any topic, or votes in the quorum. */
async function leavingFindings({ changes, signal, journal }: Run, metadata: KafkaMetadata): Promise<Finding[]> {
  const { leaving, leavingVoters = [], votersUnread = '' } = journal.facts;
  if (journal.direction === 'back' || leaving.length === 0) return [];
  const unlisted = unlistedReplicas(metadata, await changes.sizes({ signal }));
  const copies = Map.groupBy(unlisted, partitionKey);
  return leaving.map((broker): Finding => {
    const listedHere = metadata.topics
      .flatMap(({ partitions }) => partitions)
      .filter(({ replicas }) => replicas.includes(String(broker)));
    const unlistedHere = unlisted.filter((each) => each.broker === broker);
    const held = [...listedHere, ...unlistedHere];
    const only =
      listedHere.filter(({ replicas }) => replicas.length === 1).length +
      unlistedHere.filter((each) => copies.get(partitionKey(each))?.length === 1).length;
    const evidence = [{ name: 'partitions', value: held.length, unit: '', source: 'Metadata, DescribeLogDirs' }];
    const safe = {
      en: `Broker ${broker} holds no replicas: it can be stopped.`,
      zh: `Broker ${broker} 没有副本：可以停止。`,
    };
    const voter = {
      en: `Broker ${broker} holds no replicas, but is a voter of the controller quorum: do not stop it before kafka-metadata-quorum.sh remove-controller has removed it from the quorum (Kafka 3.9 and later; a voter listed in controller.quorum.voters has to stay).`,
      zh: `Broker ${broker} 没有副本，但它是 Controller 仲裁的投票者：请先用 kafka-metadata-quorum.sh remove-controller 将其移出仲裁，再停止（Kafka 3.9 及以上；controller.quorum.voters 中列出的投票者必须保留）。`,
    };
    const unknown = {
      en: `Broker ${broker} holds no replicas, but the controller quorum could not be read (${votersUnread}): before you stop it, check with kafka-metadata-quorum.sh describe --status that it is not a voter.`,
      zh: `Broker ${broker} 没有副本，但无法读取 Controller 仲裁（${votersUnread}）：停止前请用 kafka-metadata-quorum.sh describe --status 确认它不是投票者。`,
    };
    const isHere = metadata.brokers.some(({ id }) => Number(id) === broker);
    const advice = isHere
      ? { en: 'do not stop it', zh: '请勿停止' }
      : { en: 'it is not in the cluster, so move these replicas too', zh: '它不在集群中，请一并迁移这些副本' };
    const unsafe = {
      en: `Broker ${broker} still holds replicas (partitions: ${held.length}, only copies: ${only}; ${namesOf(held)}): ${advice.en}.`,
      zh: `Broker ${broker} 仍持有 ${held.length} 个分区的副本，其中 ${only} 个分区只有这一个副本（${namesOf(held, 'zh')}）：${advice.zh}。`,
    };
    if (held.length > 0) return finding('critical', 'removal-unsafe', { ...unsafe, evidence });
    if (leavingVoters.includes(broker)) return finding('warning', 'removal-of-voter', { ...voter, evidence });
    return votersUnread === ''
      ? finding('info', 'removal-safe', { ...safe, evidence })
      : finding('warning', 'removal-of-voter', { ...unknown, evidence });
  });
}
