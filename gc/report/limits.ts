// Lists the stop durations that affect a broker, with effect and source (broker defaults).

import type { BrokerKind } from '../../core/cluster.ts';

export interface StopLimit {
  broker: BrokerKind;
  setting: string;
  seconds: number;
  severity: 'critical' | 'warning';
  /** Effect beyond the limit, as the end of a sentence. */
  effect: Readonly<Record<'en' | 'zh', string>>;
  source: string;
}

/** Most harmful first, for each broker. */
export const stopLimits: readonly StopLimit[] = [
  {
    broker: 'kafka',
    setting: 'replica.lag.time.max.ms',
    seconds: 30,
    severity: 'critical',
    effect: {
      en: 'a follower that is paused this long leaves the in-sync replicas',
      zh: '停顿达到该时长的 Follower 会退出 ISR',
    },
    source: 'apache/kafka, ReplicationConfigs.REPLICA_LAG_TIME_MAX_MS_DEFAULT',
  },
  {
    broker: 'kafka',
    setting: 'broker.session.timeout.ms',
    seconds: 9,
    severity: 'critical',
    effect: {
      en: 'the controller fences a broker that is silent this long and elects other leaders (KRaft)',
      zh: 'Controller 会隔离无心跳达到该时长的 Broker，并重新选举 Leader（KRaft）',
    },
    source: 'apache/kafka, KRaftConfigs.BROKER_SESSION_TIMEOUT_MS_DEFAULT',
  },
  {
    broker: 'rocketmq',
    setting: 'waitTimeMillsInSendQueue',
    seconds: 0.2,
    severity: 'warning',
    effect: {
      en: 'sends that waited this long are refused with TIMEOUT_CLEAN_QUEUE, broker busy',
      zh: '等待达到该时长的发送请求会被拒绝（TIMEOUT_CLEAN_QUEUE，broker busy）',
    },
    source: 'apache/rocketmq, BrokerConfig.waitTimeMillsInSendQueue; BrokerFastFailure',
  },
];

/** Limits for shares of time, also used by other tools. */
export const shareLimits = {
  throughput: { ratio: 0.9, source: 'eclipse-jifa, diagnosis of GC logs: throughput below 90%' },
  systemShare: { ratio: 0.5, source: 'eclipse-jifa, diagnosis of GC logs: system time above 50%' },
} as const;

/** G1 region sizes that result from the start scripts. */
export const regionDefaults = {
  rocketmq: { bytes: 16 * 2 ** 20, source: 'apache/rocketmq, bin/runbroker.sh: -XX:G1HeapRegionSize=16m' },
  kafka: { bytes: 2 ** 20, source: 'apache/kafka, bin/kafka-server-start.sh: -Xmx1G; G1 then takes regions of 1 MiB' },
} as const satisfies Record<BrokerKind, { bytes: number; source: string }>;
