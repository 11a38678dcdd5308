// Deletes what a killed run created on its cluster, as listed in its bundle, and nothing else.

import type { ClusterAdmin, ClusterInspector, Io } from '../../brokers/driver.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { runNamePrefix } from '../plan/run-name-prefix.ts';
import { groupsInTopics } from '../plan/group-in-topic.ts';
import { groupsOf } from '../plan/workload/group-options.ts';
import { topicsOf } from '../plan/workload.ts';
import { type LoadTestDocument, storedNames } from '../plan/stored-workload.ts';

interface Leftovers {
  topics: readonly string[];
  groups: readonly string[];
  /** Topics that the groups consumed through a proxy. */
  consumed?: readonly string[];
}

/**
 * @returns topics recorded as created by the run, and groups whose name contains its id; never a topic that existed
 * before the run
 */
export function madeBy(document: LoadTestDocument): Leftovers {
  const workload = storedNames(document);
  if (workload === undefined) return { topics: [], groups: [] };
  const topics = topicsOf(workload, runNamePrefix(document));
  return {
    topics: document.resume?.ownTopics ?? [],
    groups: groupsOf(workload.groups, runNamePrefix(document)).flatMap(({ name }) => groupsInTopics(name, topics)),
    ...(document.proxy !== undefined && { consumed: topics }),
  };
}

/** @returns the first name that no load test of the cluster may have created: a foreign bundle may contain any names */
export function foreignTo({ topics, groups }: Leftovers, prefix: string): string | undefined {
  return [...topics, ...groups].find((name) => !name.startsWith(prefix));
}

export interface CleanedUp {
  deleted: Leftovers;
  /** Resources that still exist, with the reason. */
  left: readonly { what: string; reason: string }[];
}

/**
 * A killed member stays in its group until its session times out: 10 s in our Kafka clients, and later on a busy
 * broker.
 */
const patienceSeconds = 20;
const pauseSeconds = 1;

/** @returns the topics and groups that still exist in the cluster */
export async function stillThere(made: Leftovers, inspector: ClusterInspector, io: Io): Promise<Leftovers> {
  const there = await inspector.snapshot(io, made);
  return {
    ...made,
    topics: made.topics.filter((name) => there.topics.some((topic) => topic.name === name)),
    groups: made.groups.filter((name) => there.groups.some((group) => group.name === name)),
  };
}

/** @returns resources deleted, and resources that could not be deleted */
export async function cleanUp(
  { topics, groups, consumed }: Leftovers,
  { admin, clock }: { admin: ClusterAdmin; clock: Clock },
  io: Io,
): Promise<CleanedUp> {
  const left: { what: string; reason: string }[] = [];
  const deadline = clock.monotonic() + patienceSeconds;
  const attempt = async (what: string, work: () => Promise<void>) => {
    for (;;) {
      try {
        await work();
        return true;
      } catch (cause) {
        io.signal.throwIfAborted();
        if (clock.monotonic() < deadline) {
          await clock.sleep(seconds(pauseSeconds), io);
          continue;
        }
        left.push({ what, reason: (cause as Error).message });
        return false;
      }
    }
  };
  const deleted: { topics: string[]; groups: string[] } = { topics: [], groups: [] };
  for (const name of groups)
    if (await attempt(`group ${name}`, () => admin.deleteGroup(name, io, consumed))) deleted.groups.push(name);
  for (const name of topics)
    if (await attempt(`topic ${name}`, () => admin.deleteTopic(name, io))) deleted.topics.push(name);
  return { deleted, left };
}
