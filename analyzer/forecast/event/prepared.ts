// Defines the input of prepared actions: verdict, current and expected load, and its spread over brokers and topics.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { PreparedAction } from '../../../core/documents/event-outlook.ts';
import type { ActionKind } from '../../../core/prepared-action.ts';

export interface ClusterAccess {
  servers: readonly string[];
  clusterName: string;
  /** TLS or SASL: Kafka's tools need a file with the settings of a client. */
  isSecured?: boolean;
}

export interface EventState {
  cluster: string;
  broker: BrokerKind;
  verdict: Pick<Analysis, 'safeMaxTps' | 'perBroker' | 'retention' | 'run'>;
  /** Messages per second ahead: the forecast peak, moved to where the load is now. Absent without a forecast. */
  peak?: { mid: number; high: number };
  /** Produced messages per second now, by topic. */
  topics: ReadonlyMap<string, number>;
  /** The same by broker: Kafka's leaders, RocketMQ's broker names. */
  brokers: ReadonlyMap<string, number>;
  /** Where commands reach the cluster: brokers of Kafka, name servers of RocketMQ. Absent until the cluster was read. */
  access?: ClusterAccess;
  /** Kafka: client id of the producers of a topic, as configured. */
  clientIds?: ReadonlyMap<string, string>;
  /** RocketMQ: queues of a topic by broker name. */
  queues?: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export type PrepareAction = (state: EventState) => PreparedAction;

type Reason = Extract<PreparedAction, { kind: 'no-gain' }>['reason'];

export const noGain = (lever: ActionKind, reason: Reason): PreparedAction => ({ kind: 'no-gain', lever, reason });

/** What may be planned with; absent when nothing is known. */
export function safeTpsOf({ safeMaxTps }: EventState['verdict']): number | undefined {
  switch (safeMaxTps.kind) {
    case 'unknown':
      return undefined;
    case 'observed':
      return Math.min(safeMaxTps.tps, ...safeMaxTps.basis.map(({ tps }) => tps.low));
    default:
      return safeMaxTps.tps;
  }
}

export const largestFirst = (rates: ReadonlyMap<string, number>): { name: string; nowTps: number }[] =>
  [...rates].map(([name, nowTps]) => ({ name, nowTps })).toSorted((a, b) => b.nowTps - a.nowTps);

/** The option for the file of client settings is the one that every version of Kafka's tools has: leader election names it otherwise. */
const clientSettings = {
  'kafka-configs.sh': '--command-config',
  'kafka-leader-election.sh': '--admin.config',
} as const;

/** @returns the beginning of a complete command of a tool that comes with Kafka */
export function kafkaTool(tool: keyof typeof clientSettings, { servers, isSecured = false }: ClusterAccess): string {
  const secured = isSecured ? ` ${clientSettings[tool]} client.properties` : '';
  return `${tool} --bootstrap-server ${shellArgument(servers.join(','))}${secured}`;
}

/** An argument for a shell: names come from clusters, and valid Kafka and RocketMQ names have none of the replaced characters. */
export const shellArgument = (text: string): string =>
  /^[A-Za-z0-9._:/=,-]+$/.test(text)
    ? text
    : `'${text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?').replaceAll("'", String.raw`'\''`)}'`;
