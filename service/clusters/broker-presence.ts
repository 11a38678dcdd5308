// Remembers the brokers of a cluster, so that a lost broker keeps its row and the expected number is known.

import { silentBrokers, unlistedBrokers } from '../../brokers/broker-answers.ts';
import { detailsOf, reportedBy, type Details } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { defined } from '../../core/defined.ts';

export interface KnownBroker {
  id: string;
  /** Absent for a broker that holds replicas but was not listed since Plimsoll started. */
  address?: string;
  /** Time of the last response in milliseconds since the epoch; absent if the broker never responded. */
  lastSeenMs?: number;
}

export interface BrokerPresence {
  answering: readonly KnownBroker[];
  /** Brokers that are listed but do not respond, or are no longer listed. */
  lost: readonly KnownBroker[];
}

/** A broker not listed for this time is no longer expected, as in alerts/rules. */
export const rememberedMs = 6 * 3_600_000;
/** The same if its whole group, closed to producers, is gone: a scale-in closes it for good, a restart for minutes. */
const closedMs = 15 * 60_000;

type Noted = Details & Pick<ClusterSnapshot, 'sections' | 'topics'>;

interface Memory extends KnownBroker {
  /** Brokers of one group replace each other: RocketMQ's broker name, in Kafka the broker itself. */
  group: string;
  listedMs: number;
}

export function rememberBrokers() {
  let known: readonly Memory[] = [];
  let answering: ReadonlySet<Memory> = new Set();
  let neverListed: readonly KnownBroker[] = [];
  let listedGroups: ReadonlySet<string> = new Set();
  /** RocketMQ's broker names whose master was last closed to producers. */
  const closed = new Set<string>();

  const isExpected = ({ group, listedMs }: Memory, nowMs: number) =>
    nowMs - listedMs <= (closed.has(group) && !listedGroups.has(group) ? closedMs : rememberedMs);

  return {
    note(snapshot: Noted, nowMs: number): void {
      const silent = silentBrokers(snapshot.sections);
      const { replicaHolders: holders } = detailsOf(snapshot);
      const listed = snapshot.cluster.brokers.map((broker) => {
        const group = traitsOf(snapshot.cluster.kind).brokerId.group(broker.id);
        const { acceptsMessages } = reportedBy(snapshot).broker(snapshot, broker.id);
        if (acceptsMessages === true) closed.delete(group);
        if (acceptsMessages === false) closed.add(group);
        const before = known.find((each) => each.group === group && each.address === broker.address);
        const lastSeenMs = silent.has(broker.id) ? before?.lastSeenMs : nowMs;
        const isNew = before === undefined;
        return {
          isNew,
          memory: { ...broker, group, listedMs: nowMs, ...(lastSeenMs !== undefined && { lastSeenMs }) },
        };
      });
      const here = listed.map(({ memory }) => memory);
      listedGroups = new Set(here.map(({ group }) => group));
      known = [
        ...here,
        ...unlisted(known, listed).filter(
          (each) => isExpected(each, nowMs) && (holders === undefined || holders.includes(each.id)),
        ),
      ];
      answering = new Set(here.filter(({ id }) => !silent.has(id)));
      neverListed = unlistedBrokers(snapshot).map((id) => ({ id }));
    },
    /** Marks every known broker as lost, because none responds. */
    noneAnswer(): void {
      answering = new Set();
    },
    presence(nowMs: number): BrokerPresence {
      const expected = known.filter((each) => isExpected(each, nowMs));
      const ids = new Set(expected.map(({ id }) => id));
      const lost = [
        ...expected.filter((each) => !answering.has(each)),
        ...neverListed.filter(({ id }) => !ids.has(id)),
      ];
      return { answering: expected.filter((each) => answering.has(each)).map(shown), lost: lost.map(shown) };
    },
  };
}

/**
 * Without brokers at whose address a new name is listed, and group members replaced by a member at a new address, such
 * as a restarted container or a replaced machine.
 */
function unlisted(known: readonly Memory[], listed: readonly { isNew: boolean; memory: Memory }[]): Memory[] {
  const groups = new Set(known.map(({ group }) => group));
  const gone = known.filter(
    (each) =>
      !listed.some(
        // A known name at the address of another is a container that was started again.
        ({ memory: { group, address } }) => address === each.address && (group === each.group || !groups.has(group)),
      ),
  );
  return [...Map.groupBy(gone, ({ group }) => group)].flatMap(([group, members]) => {
    const replaced = listed.filter(({ isNew, memory }) => isNew && memory.group === group).length;
    return members.toSorted((one, other) => one.listedMs - other.listedMs).slice(replaced);
  });
}

const shown = ({ id, address, lastSeenMs }: KnownBroker): KnownBroker => defined({ id, address, lastSeenMs });
