// Defines what the steps of an administrative change of Kafka use.

import type { KafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import type { Clock } from '../../core/clock.ts';
import type { ChangeKind } from '../change/change-kind.ts';

export interface KafkaTools {
  admin: KafkaAdministration;
  clock: Clock;
  /** How a printed command names the cluster, such as ` --cluster orders`. */
  clusterArgs: string;
  /** The SASL user that Plimsoll logs in as, where the config names it. */
  login?: { user: string; mechanism: string };
}

export type KafkaChangeKind<Facts extends object> = ChangeKind<Facts, KafkaTools>;
