// Blocks a rolling change until the cluster is as healthy as before, and returns leaders to a restarted broker.

import { AppError, isUnreachable } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { changesNothing, done, type Step, type Blocker } from '../change/step.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from './facts.ts';
import { stopStepId } from './instance-steps.ts';
import { until } from './until.ts';
import { baselineOf } from '../../brokers/canary/latency-window.ts';
import type { Io } from '../../brokers/driver.ts';
import { writeLatencyPolicy } from '../../core/policy/write-latency.ts';
import type { Text } from '../../core/text/bilingual.ts';
import { durationText } from '../../core/text/duration-text.ts';

const glance = seconds(2);
/** Timeout of a rollback: replicas that were away for long must catch up. */
const patienceSeconds = 900;

/** @param before instance to stop next; undefined at the end */
export function awaitHealthy(
  before: string | undefined,
  facts: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts> {
  const { gate, windowBlockers, clock } = tools;
  const moment = before === undefined ? 'after the last restart' : `before ${before} is stopped`;
  const momentZh = before === undefined ? '最后一次重启之后' : `停止 ${before} 之前`;
  const latency = latencyGate(facts, tools);
  let healthySince: number | undefined;
  const window = facts.when === 'safe' && before !== undefined ? windowBlockers : undefined;
  const writesText = latency === undefined ? '' : ', write latency is as before';
  const alsoZh = `${latency === undefined ? '' : '、写入延迟与变更前相当'}${window === undefined ? '' : '且处于安全窗口'}`;
  const alsoText = `${writesText}${window === undefined ? '' : ' and a safe window is open'}`;
  return {
    id: before === undefined ? 'await-health-at-end' : `await-health-before-${before}`,
    description: `wait until the cluster is healthy${alsoText}, ${moment}`,
    zh: `${momentZh}，等待集群健康${alsoZh}`,
    pause: glance,
    undo: changesNothing,
    async run(io) {
      const baseline = facts.baseline ?? (await gate.baseline(io));
      const unhealthy = await gate.blockers(baseline, io);
      healthySince = unhealthy.length > 0 ? undefined : (healthySince ?? clock.monotonic());
      const writes = healthySince === undefined ? undefined : await latency?.(healthySince, io);
      const holds = [...unhealthy, ...(writes?.holds ?? []), ...((await window?.(io)) ?? [])];
      const measured = writes?.p99BeforeSeconds;
      const learnt = { baseline, ...(measured !== undefined && { p99BeforeSeconds: measured }) };
      if (holds.length > 0) return { kind: 'held', holds, learnt };
      const evidence = [
        {
          en: `replicas of all brokers are in sync (brokers: ${baseline.brokers.length})`,
          zh: `全部 Broker 的副本已同步（Broker：${baseline.brokers.length} 个）`,
        },
        ...(writes?.evidence ?? []),
      ];
      return { ...done(evidence), learnt };
    },
  };
}

/**
 * For changes whose rollback also stops instances. Does not wait for an instance that was never stopped: the one before
 * it may be what blocks the change, and it becomes healthy only after its rollback.
 */
export function awaitHealthyBothWays(
  { name }: Pick<ChangedInstance, 'name'>,
  facts: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts> {
  return {
    ...awaitHealthy(name, facts, tools),
    undo: {
      description: 'wait until the cluster is healthy',
      zh: '等待集群恢复健康',
      ofStep: stopStepId(name),
      async run(io) {
        if (facts.baseline === undefined) return [];
        // Ignores groups: one whose members left permanently would block the return to the former version.
        const baseline = { ...facts.baseline, lags: {} };
        await until({ clock: tools.clock, patienceSeconds }, io, async () => {
          try {
            return (await tools.gate.blockers(baseline, io)).map(({ what }) => what).join('; ') || undefined;
          } catch (cause) {
            if (cause instanceof AppError && isUnreachable(cause)) return cause.message;
            throw cause;
          }
        });
        return [{ en: 'the cluster is healthy', zh: '集群健康' }];
      },
    },
  };
}

export function restoreLeaders({ name, target }: ChangedInstance, { gate }: InstanceTools): Step<InstanceFacts>[] {
  const { restoreLeaders: restore } = gate;
  const { broker, role } = target;
  if (restore === undefined || broker === undefined || !role.startsWith('kafka-broker')) return [];
  return [
    {
      id: `elect-leaders-${name}`,
      description: `return leadership to ${name} for the partitions that prefer it`,
      zh: `把首选 Leader 为 ${name} 的分区的 Leader 切回该节点`,
      pause: glance,
      undo: {
        none: 'an election moves no data, and each partition is led by its preferred replica',
        zh: '选举不迁移数据，且各分区由首选副本担任 Leader',
      },
      run: (io) => restore(broker, io),
    },
  ];
}

interface LatencyLook {
  holds: readonly Blocker[];
  evidence: readonly Text[];
  p99BeforeSeconds?: number;
}

/**
 * Measures the p99 before the change once, for a quarter of a minute; then blocks while writes are slower.
 *
 * @returns undefined if no canary is configured; `healthySince` is on the monotonic clock
 */
function latencyGate(facts: InstanceFacts, { writeLatency, clock }: InstanceTools) {
  const { canary } = facts;
  if (canary === undefined) return undefined;
  return async (healthySince: number, io: Io): Promise<LatencyLook> => {
    const latency = writeLatency(canary);
    const before = facts.p99BeforeSeconds;
    if (before !== undefined) {
      // Excludes writes that were slow during the restart of an instance.
      const window = Math.min(clock.monotonic() - healthySince, writeLatencyPolicy.samplesSeconds.value);
      const now = latency.p99(window);
      return now === undefined ? unknown(canary, latency.reason()) : compare(before, now);
    }
    const { value } = writeLatencyPolicy.baselineSeconds;
    await clock.sleep(seconds(value), io);
    const measured = baselineOf(latency.p99(value));
    if (measured === undefined) return unknown(canary, latency.reason());
    const en = `the p99 of writes is ${durationText(measured)} before the change`;
    const evidence = [{ en, zh: `变更前写入 p99 为 ${durationText(measured, 'zh')}` }];
    return { holds: [], evidence, p99BeforeSeconds: measured };
  };
}

function unknown(topic: string, reason = 'too few writes were acknowledged so far'): LatencyLook {
  const what = `the p99 of writes to canary topic ${topic} is unknown: ${reason}`;
  return { holds: [{ what, zh: `探测 Topic ${topic} 的写入 p99 未知：${reason}` }], evidence: [] };
}

function compare(before: number, now: number): LatencyLook {
  const { rollRatio, unnoticedSeconds } = writeLatencyPolicy;
  const limit = Math.max(rollRatio.value * before, unnoticedSeconds.value);
  const [is, was, most] = [now, before, limit].map((each) => durationText(each));
  const [isZh, wasZh, mostZh] = [now, before, limit].map((each) => durationText(each, 'zh'));
  if (now <= limit) {
    const en = `the p99 of writes is ${is}, ${was} before the change`;
    return { holds: [], evidence: [{ en, zh: `写入 p99 为 ${isZh}，变更前为 ${wasZh}` }] };
  }
  const what = `the p99 of writes is ${is}, above the limit of ${most}; it was ${was} before the change`;
  return { holds: [{ what, zh: `写入 p99 为 ${isZh}，高于上限 ${mostZh}；变更前为 ${wasZh}` }], evidence: [] };
}
