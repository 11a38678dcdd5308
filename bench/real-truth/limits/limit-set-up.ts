// Describes a real cluster whose limit is known in advance, and the load that reaches it.

import type { KafkaLabRequest } from '../../../lab/kafka/plan.ts';
import type { RocketmqLabRequest } from '../../../lab/rocketmq/plan.ts';
import type { DiskSpeed } from './slow-disk.ts';

type ChosenBySite = 'directory' | 'cache' | 'nic';

export interface LimitSetUp {
  lab: Omit<KafkaLabRequest, ChosenBySite> | Omit<RocketmqLabRequest, ChosenBySite>;
  /** The only broker has one core, and the load generator the others. Otherwise they share all, and cores are not held to the policy. */
  hasOwnCore?: boolean;
  /** Speed of each card, such as `50mbit`, unless `cards` states another. */
  nic: string;
  /** Speed of single cards, by host. `follower` is the host of a broker that does not lead once all are up. */
  cards?: Readonly<Record<string, string>>;
  /** Speed that the config states for every card, where that is wrong on purpose. */
  statedNic?: string;
  /** Of the disk on which the broker stores; absent: that of the machine. */
  disk?: DiskSpeed;
  /** Kafka: default client quotas in bytes per second. */
  quotas?: { producer?: number; consumer?: number };
  /** Kafka: brokers of each partition of the topic, the first leads. Absent: the load generator makes the topic. */
  placement?: readonly (readonly number[])[];
  /** Keys of the workload file, without its profile. */
  workload: Readonly<Record<string, unknown>>;
  /** Keys that hold only for the runs that are analysed, not for the drives after them. */
  onlyAnalysed?: Readonly<Record<string, unknown>>;
  /** Messages per second near the limit, by which the rates are chosen. */
  expectedTps: number;
  /** Some copies may fall behind while sends are acknowledged: what they take in counts too. */
  hasCopies?: boolean;
  truth: KnownTruth;
  /** Broker id that is killed after the analysed run: the prediction for the loss is graded. */
  loses?: string;
}

export interface KnownTruth {
  /** Text for the table. */
  cause: string;
  /** Matches the names that are right for it, as the analysis prints a limit: `network-out of 1`. */
  named: RegExp;
  /** Limited by a network card: has the stricter goals. */
  isLink?: boolean;
}
