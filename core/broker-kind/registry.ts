// Lists the kinds of brokers with their traits. Code outside brokers/ reads a trait instead of comparing names of kinds.

import { brokerKinds, type BrokerKind } from '../cluster.ts';
import { kafka } from './kafka.ts';
import { rocketmq } from './rocketmq.ts';
import type { BrokerTraits } from './traits.ts';

/** A table with an entry for each kind: a missing one is a compile error. */
export type ByKind<Entry> = Readonly<Record<BrokerKind, Entry>>;

const registry: ByKind<BrokerTraits> = { kafka, rocketmq };

export function traitsOf(kind: BrokerKind): BrokerTraits;
export function traitsOf(kind: BrokerKind | undefined): BrokerTraits | undefined;
export function traitsOf(kind: BrokerKind | undefined): BrokerTraits | undefined {
  return kind && registry[kind];
}

/** Options that name the addresses of a cluster without a config file. */
export type AddressOption = BrokerTraits['discovery']['key'];
export const addressOptions = [...new Set(brokerKinds.map((kind) => registry[kind].discovery.key))];

/** Handlers of a union's members, one for each kind. */
type HandlersOf<Member extends { broker: BrokerKind }, Result> = {
  [Kind in BrokerKind]: (member: Extract<Member, { broker: Kind }>) => Result;
};

/** Calls the handler of the member's kind. */
export function byKind<Member extends { broker: BrokerKind }, Result>(
  member: Member,
  handlers: HandlersOf<Member, Result>,
): Result {
  // TypeScript cannot relate the key to the type of the member.
  return (handlers[member.broker] as (member: Member) => Result)(member);
}
