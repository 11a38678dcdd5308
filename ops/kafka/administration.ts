// Defines the tools of an administrative Kafka change.

import type { KafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import type { Clock } from '../../core/clock.ts';
import type { ChangeKind } from '../change/change-kind.ts';

export interface KafkaTools {
  admin: KafkaAdministration;
  clock: Clock;
  /** Cluster options of printed commands, such as ` --cluster orders`. */
  clusterArgs: string;
  /** SASL user of Plimsoll, if configured. */
  login?: { user: string; mechanism: string };
}

export type KafkaChangeKind<Facts extends object> = ChangeKind<Facts, KafkaTools>;
