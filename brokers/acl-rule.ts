// Defines a rule of access control as brokers list it.

export interface AclRule {
  /** Principal or user, such as `User:alice`. */
  subject: string;
  /** `topic`, `group`, `cluster` or another kind of the broker. */
  resource: string;
  /** Name; one that ends in `*` is a prefix, and `*` alone matches all. */
  name: string;
  /** Operations or actions, with the broker's names. */
  actions: readonly string[];
  decision: 'allow' | 'deny';
  /** Addresses that the rule applies to; empty means any. */
  sources: readonly string[];
  /** RocketMQ: each broker has separate rules. */
  broker?: string;
}
