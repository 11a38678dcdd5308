// Maintains the queues of a topic, numbered as partitions by broker name and queue id.

import { type Clock, seconds, systemClock, untilAborted } from '../../core/clock.ts';
import { AppError, awaitedElsewhere, ignoreFault } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import { type NameServers, readMergedRoute } from './name-servers.ts';
import type { Route } from './protocol/name-server-requests.ts';

export interface TopicQueue {
  topic: string;
  /** Index among all queues of the topic by broker name, then queue id, including queues that are not writable. */
  partition: number;
  brokerName: string;
  queueId: number;
  /** Address of the broker group's master, or of the replica with the lowest id if there is no master. */
  address: string;
  isWritable: boolean;
  isReadable: boolean;
  /** When no name server listed its broker any more; the queue stays open while it may register with a restarted one. */
  unlistedAt?: number;
}

export interface TopicQueues {
  /**
   * Returns cached queues, or reads them from the name servers. A queue keeps its number: a queue that is gone becomes
   * neither writable nor readable, and a new one is appended. Known queues stay valid while no name server answers, and
   * callers wait half a second at most.
   *
   * @throws NotRouted
   */
  of(topic: string, io: Io): Promise<readonly TopicQueue[]>;
  /** Reads the cached queues again for their next user, for callers that found a broker or queue to be gone. */
  forget(topic: string): void;
  /** Reads the cached queues again and does not delay their users, for callers that suspect another master. */
  renew(topic: string): void;
}

/** The topic was never created, was deleted, or all its brokers are away. */
export class NotRouted extends AppError {
  /** @param before queues that it had */
  constructor(topic: string, cluster: string, before: readonly TopicQueue[] = []) {
    const holders = new Set(before.map(({ brokerName, address }) => `${brokerName} (${address})`));
    const why =
      holders.size === 0
        ? `the name servers of ${cluster} do not know it`
        : `the name servers of ${cluster} no longer list it; it was on ${[...holders].join(', ')}`;
    super('broker-refused', `cannot find topic ${topic}: ${why}`, {
      hint:
        holders.size === 0
          ? 'create it first; Plimsoll never creates a topic by sending to it'
          : 'check that these brokers run and are registered, and that the topic was not deleted',
    });
  }
}

interface CachedQueues {
  queues: readonly TopicQueue[];
  /** The queues or NotRouted as a promise, created once because every send awaits it. */
  answer: Promise<readonly TopicQueue[]>;
  requestedAt: number;
  isDoubtful: boolean;
}

/**
 * Limits reads after failures: thousands of sends may fail in a second, but the name servers are read twice. Also the
 * longest wait of sends for a name server that hangs.
 */
const freshFor = seconds(0.5);
/**
 * Age at which a route is read again, as in Java's clients (pollNameServerInterval): a broker closed only at the name
 * servers refuses nothing.
 */
const oldAfter = seconds(30);
/** Longest registerNameServerPeriod: clients do not use a broker that registers with no name server any more. */
const longestRegistration = seconds(60);

export function createTopicQueues(nameServers: NameServers, clock: Clock = systemClock): TopicQueues {
  const known = new Map<string, CachedQueues>();
  const asking = new Map<string, Promise<readonly TopicQueue[]>>();

  // All waiting callers share the request, so none of their signals may abort it.
  const routeNow = (topic: string) => readMergedRoute(nameServers, topic, { signal: new AbortController().signal });

  async function read(topic: string): Promise<readonly TopicQueue[]> {
    const requestedAt = clock.monotonic();
    const remembered = known.get(topic);
    const route = routeNow(topic);
    if (remembered === undefined || remembered.queues.length === 0) return remember(topic, await route, requestedAt);
    const over = new AbortController();
    const reading = route
      .finally(() => over.abort())
      .then(
        (found) => remember(topic, found, requestedAt),
        () => {
          remembered.requestedAt = clock.monotonic();
          return remembered.answer;
        },
      );
    const late = clock.sleep(freshFor, over).then(
      () => {
        // No caller waits until the name servers have answered, or failed to.
        remembered.requestedAt = Infinity;
        return remembered.answer;
      },
      () => reading,
    );
    return Promise.race([reading, late]);
  }

  /** @param route undefined if no name server lists the topic */
  function remember(topic: string, route: Route | undefined, requestedAt: number): Promise<readonly TopicQueue[]> {
    const before = known.get(topic)?.queues ?? [];
    const queues = renumbered(before, route ? queuesOf(topic, route) : [], requestedAt);
    const isLost = route === undefined && !queues.some(isOpen);
    const answer = isLost ? Promise.reject(new NotRouted(topic, nameServers.cluster, before)) : Promise.resolve(queues);
    answer.catch(awaitedElsewhere);
    known.set(topic, { queues, answer, requestedAt, isDoubtful: isLost });
    return answer;
  }

  /** Reads in the background: known routes stay valid while name servers are down, or empty after a start. */
  async function readAgain(topic: string, remembered: CachedQueues): Promise<void> {
    const requestedAt = clock.monotonic();
    remembered.requestedAt = requestedAt;
    const route = await routeNow(topic).catch(ignoreFault('the last known route is kept'));
    // A route that became doubtful since then is read again by its next user.
    if (route !== undefined && known.get(topic) === remembered && !remembered.isDoubtful) {
      void remember(topic, route, requestedAt);
    }
  }

  const isFresh = ({ requestedAt }: CachedQueues) => clock.monotonic() - requestedAt < freshFor;

  return {
    of(topic, { signal }) {
      const remembered = known.get(topic);
      if (remembered !== undefined && (!remembered.isDoubtful || isFresh(remembered))) {
        if (clock.monotonic() - remembered.requestedAt > oldAfter) void readAgain(topic, remembered);
        return remembered.answer;
      }
      let answer = asking.get(topic);
      if (answer === undefined) {
        answer = read(topic).finally(() => asking.delete(topic));
        asking.set(topic, answer);
      }
      return untilAborted(answer, signal);
    },

    forget(topic) {
      const remembered = known.get(topic);
      if (remembered !== undefined) remembered.isDoubtful = true;
    },

    renew(topic) {
      const remembered = known.get(topic);
      // The next user of a doubtful route waits for another one.
      if (remembered === undefined || remembered.isDoubtful || isFresh(remembered)) return;
      void readAgain(topic, remembered);
    },
  };
}

/**
 * Keeps numbers, and appends new queues by broker name, then queue id.
 *
 * @param before queues whose numbers stay
 * @param at monotonic time at which the route was read
 */
export function renumbered(before: readonly TopicQueue[], now: readonly TopicQueue[], at: number): TopicQueue[] {
  const found = new Map(now.map((queue) => [keyOf(queue), queue]));
  const listed = new Set(now.map(({ brokerName }) => brokerName));
  const kept = before.map((queue) => {
    const { partition, unlistedAt = at } = queue;
    const mayReturn = !listed.has(queue.brokerName) && at - unlistedAt < longestRegistration;
    const again = found.get(keyOf(queue)) ?? (mayReturn ? { ...queue, unlistedAt } : { ...queue, ...closed });
    found.delete(keyOf(queue));
    return { ...again, partition };
  });
  const added = found.values().map((queue, index) => ({ ...queue, partition: before.length + index }));
  return [...kept, ...added];
}

const closed = { isWritable: false, isReadable: false };
const isOpen = ({ isWritable, isReadable }: TopicQueue) => isWritable || isReadable;

/**
 * Closes queues of an unlisted broker that did not answer: it is down, and the outcome of more sends would be unknown.
 *
 * @returns whether it is such a broker
 */
export function closeUnlisted(queues: readonly TopicQueue[], cause: unknown): boolean {
  const isUnreachable = cause instanceof AppError && cause.code === 'broker-unreachable';
  const isDown = isUnreachable && queues.every(({ unlistedAt }) => unlistedAt !== undefined);
  if (isDown) for (const queue of queues) Object.assign(queue, closed);
  return isDown;
}

/** Identifies a queue of a topic. */
export const keyOf = ({ brokerName, queueId }: TopicQueue) => `${brokerName} ${queueId}`;

/** Numbers do not depend on permissions, which may change during a run, so all readers compute the same ones. */
export function queuesOf(topic: string, { queues, brokers }: Route): TopicQueue[] {
  return queues
    .toSorted((a, b) => (a.brokerName < b.brokerName ? -1 : a.brokerName > b.brokerName ? 1 : 0))
    .flatMap(({ brokerName, readQueues, writeQueues, permission }) => {
      const addresses =
        brokers.find((broker) => broker.brokerName === brokerName)?.addresses ?? new Map<number, string>();
      const lowestId = Math.min(...addresses.keys());
      const address = addresses.get(lowestId);
      if (address === undefined) return [];
      return Array.from({ length: Math.max(readQueues, writeQueues) }, (_, queueId) => ({
        topic,
        brokerName,
        queueId,
        address,
        // Slaves accept no messages, not even one that acts as master.
        isWritable: permission.includes('w') && queueId < writeQueues && lowestId === 0,
        isReadable: permission.includes('r') && queueId < readQueues,
      }));
    })
    .map((queue, partition) => ({ ...queue, partition }));
}
