// Defines a rule of access control as brokers list it.

export interface AclRule {
  /** Such as `User:alice`. */
  subject: string;
  /** `topic`, `group`, `cluster` or another kind of the broker. */
  resource: string;
  /** One that ends in `*` is a prefix; `*` alone is all. */
  name: string;
  /** As the broker calls them. */
  actions: readonly string[];
  decision: 'allow' | 'deny';
  /** Addresses it holds for; empty: any. */
  sources: readonly string[];
  /** RocketMQ: each broker has separate rules. */
  broker?: string;
}
