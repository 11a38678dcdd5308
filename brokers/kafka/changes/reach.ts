// Finds the broker that is responsible for a change: the controller, the broker itself, or the coordinator of a group.

import { findCoordinatorV3 } from '../library.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { joinAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { onceCoordinated } from '../coordinator-wait.ts';
import { kafkaErrorOf } from '../errors.ts';
import { createConnections, defaultTimeouts } from '../wire/connections.ts';
import { firstToAnswer, createLinks, type Link } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';
import type { Configured } from './settings.ts';

export type Reach = ReturnType<typeof createReach>;

const pause = seconds(0.5);
/**
 * A lost controller is replaced within the session timeout of a broker: 9 s by default (broker.session.timeout.ms),
 * 18 s with ZooKeeper.
 */
const electionPatience = seconds(30);

/** Errors that do not concern the change, so that it is repeated at the current controller. */
const passing: ReadonlySet<string> = new Set([
  'NOT_CONTROLLER',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'REQUEST_TIMED_OUT',
  'BROKER_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
]);

export function createReach(name: string, config: KafkaClusterConfig, clock: Clock, patience = electionPatience) {
  const links = createLinks(createConnections(name, config, defaultTimeouts), { take: async () => undefined });
  let known: readonly string[] = [];

  async function askAny(io: Io, topics: 'none' | 'all' = 'none') {
    const addresses = [...new Set([...known, ...config.bootstrap])];
    const answer = await firstToAnswer(name, addresses, io, async (address, within) => {
      const link = await links.to(address, within);
      return { link, metadata: await readMetadataOver(link, within, topics === 'none' ? [] : undefined) };
    });
    known = answer.metadata.brokers.map(({ address }) => address);
    return answer;
  }

  /** Repeats an attempt while a controller is elected or a broker restarts, up to 30 s by default. */
  async function persist<Value>(io: Io, attempt: () => Promise<Value>): Promise<Value> {
    const deadline = clock.monotonic() + patience;
    for (;;) {
      try {
        return await attempt();
      } catch (cause) {
        io.signal.throwIfAborted();
        // A cluster that never answered may not exist at all.
        if (known.length === 0 || !isPassing(cause) || clock.monotonic() > deadline) throw cause;
        await clock.sleep(pause, io);
      }
    }
  }

  const throughController = <Value>(io: Io, ask: (link: Link) => Promise<Value>): Promise<Value> =>
    persist(io, async () => {
      const { link, metadata } = await askAny(io);
      // With KRaft, any broker accepts the request and forwards it to the controller.
      const address = metadata.brokers.find(({ id }) => id === metadata.controllerId)?.address;
      return ask(address === undefined ? link : await links.to(address, io));
    });

  /**
   * Sends requests about the settings of a broker to that broker. @throws AppError not-found for a broker that is not
   * in the cluster
   */
  const decidingOn = <Value>(of: Configured, io: Io, ask: (link: Link) => Promise<Value>): Promise<Value> =>
    of.kind !== 'broker' || of.name === ''
      ? throughController(io, ask)
      : persist(io, async () => {
          const { metadata } = await askAny(io);
          const address = metadata.brokers.find(({ id }) => id === of.name)?.address;
          if (address === undefined) {
            throw new AppError('not-found', `broker ${of.name} is not in cluster ${name} now`, {
              hint: '`plimsoll get brokers` lists its brokers; if this one is down, start it: its log shows why it left',
            });
          }
          return ask(await links.to(address, io));
        });

  return {
    to: (address: string, io: Io) => links.to(address, io),
    /** Any broker that answers, with brokers and controller but no topics, which are megabytes in a large cluster. */
    any: (io: Io) => askAny(io),
    /** As `any`, with all topics. */
    anyWithTopics: (io: Io) => askAny(io, 'all'),
    persist,
    throughController,
    decidingOn,
    throughCoordinator: <Value>(group: string, io: Io, ask: (link: Link) => Promise<Value>): Promise<Value> =>
      onceCoordinated(io, async () => {
        const { link } = await askAny(io);
        const action = `find the coordinator of group ${group}`;
        const { coordinators } = await link.ask(action, io, findCoordinatorV3.api, 0, [group]);
        const [found] = coordinators;
        return ask(await links.to(joinAddress(found?.host ?? '', found?.port ?? 0), io));
      }),
    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

function isPassing(cause: unknown): boolean {
  if (cause instanceof AppError && cause.code === 'broker-unreachable') return true;
  const named = kafkaErrorOf(cause)?.name;
  if (named !== undefined) return passing.has(named);
  return cause instanceof AppError && [...passing].some((word) => cause.message.includes(word));
}
