// Runs a RocketMQ change that clients notice, and keeps the list of known brokers up to date.

import { readFile, realpath } from 'node:fs/promises';
import { isSeq, parseDocument } from 'yaml';
import { openChangeDesk, type ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import type { Io } from '../../../brokers/driver.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import type { PlannedChange } from '../../../ops/change/change-kind.ts';
import type { ChangeKind } from '../../../ops/rocketmq/change.ts';
import { type Caller, lineWriter } from '../../caller.ts';
import { changeRulesFor } from '../change-rules.ts';
import { runChange as runAny, type Action, type ChangeRequest, type ChangeState } from '../run-change.ts';
import {
  brokersYaml,
  clusterIdLine,
  clusterIdOf,
  isSameCluster,
  type RocketmqClusterId,
} from '../../../brokers/cluster-id.ts';
import { driverOf } from '../../../brokers/registry.ts';
import { rocketmq } from '../../../core/broker-kind/rocketmq.ts';
import type { Broker, Cluster } from '../../../core/cluster.ts';
import { replaceFile } from '../../../core/files.ts';
import { configPath } from '../../config/config-file.ts';
import { isAddressed } from '../../observe/named-cluster.ts';

export interface RequestedChange<Facts extends object> {
  kind: ChangeKind<Facts>;
  subject: string;
  /** Name servers that the change adds or removes. */
  movingServers?: readonly string[];
  /** @param shown as `app/change/run-change.ts` */
  plan(desk: ChangeDesk, io: Io, shown?: Facts): Promise<PlannedChange<Facts>>;
  /** Decisions that are possible while the change is under way. */
  amend?: { giveUpReplay: boolean; ignoredGroups: readonly string[] };
}

/** @throws AppError as `app/change/run-change.ts` */
export async function runChange<Facts extends object>(
  io: Caller<ChangeRequest>,
  entry: { name: string; config: RocketmqClusterConfig },
  { plan, amend, ...change }: RequestedChange<Facts>,
): Promise<ChangeState<Facts>> {
  const { kind, subject } = change;
  // A plan is approved with the groups that it ignores.
  const isApproved =
    io.options.resume &&
    (await changeRulesFor(io, { name: entry.name, typed: entry.name })).approval?.required === true;
  await using desk = openChangeDesk(entry.name, entry.config);
  return await runAny(io, entry, {
    ...change,
    tools: { desk, clock: io.clock, gone: io.options.gone ?? [] },
    folder: 'rocketmq-changes',
    plan: (within, shown) => plan(desk, within, shown),
    ...(amend && { amend: (facts: Facts) => amended(facts, amend, isApproved) }),
    prepare: () => keepKnownBrokers(io, entry, kind.name === 'scale-in' ? { leaving: subject } : {}),
    arrived: keepKnown,
  });

  async function keepKnown(action: Action): Promise<void> {
    try {
      await keepKnownBrokers(io, entry, movesAfter(kind.name, subject, action));
    } catch (cause) {
      if (action !== 'abort' || !(cause instanceof AppError && isUnreachable(cause))) throw cause;
      lineWriter(io)(`the known brokers of ${entry.name} were not compared: ${cause.message}`);
    }
  }
}

/** Adds decisions: an ignored group stays ignored, and a replay stays given up. @throws AppError approval-refused */
export function amended<Facts extends object>(
  facts: Facts,
  amend: NonNullable<RequestedChange<Facts>['amend']>,
  isApproved: boolean,
): Facts {
  const { giveUpReplay = false, ignoredGroups = [] } = facts as Partial<typeof amend>;
  const ignored = new Set(ignoredGroups);
  const all = ignored.union(new Set(amend.ignoredGroups));
  if (isApproved && (all.size > ignored.size || (amend.giveUpReplay && !giveUpReplay))) {
    throw new AppError('approval-refused', 'the approved plan ignores fewer unread messages: nothing was changed', {
      hint: 'leave out --ignore-group and --give-up-replay, or roll back with --abort and plan again with them',
    });
  }
  return { ...facts, giveUpReplay: giveUpReplay || amend.giveUpReplay, ignoredGroups: [...all] };
}

interface Moves {
  /** Broker names. */
  joining?: string | undefined;
  leaving?: string | undefined;
}

/**
 * Ensures that another broker is known before a broker leaves, because the change could not be resumed otherwise. After
 * the change, a file that cannot be written is only a notice.
 *
 * @throws AppError change-refused if no other broker is known and the file cannot be written
 */
async function keepKnownBrokers(
  io: Caller,
  { name, config }: { name: string; config: RocketmqClusterConfig },
  moves: Moves,
): Promise<void> {
  const { clusterId } = config;
  if (clusterId === undefined || isAddressed(io)) return;
  await using inspector = await driverOf(config).inspect(name, config, io);
  const live = await inspector.describe(io);
  const known = nextKnown(clusterId, live, moves);
  if (known.join() === clusterId.brokers.join()) return;
  const file = configPath(io.options['config']);
  const line = clusterIdLine({ ...clusterId, brokers: [...known] });
  try {
    await writeKnown(file, name, known);
    io.stderr.write(`${file}: clusters.${name} now has ${line}\n`);
  } catch (cause) {
    const failure = `cannot keep clusterId of clusters.${name} current in ${file}: ${(cause as Error).message}`;
    const staying = clusterId.brokers.filter((broker) => !broker.startsWith(`${moves.leaving}@`));
    const isStillKnown = isSameCluster({ ...clusterId, brokers: staying }, live);
    if (!isStillKnown && moves.leaving !== undefined)
      throw new AppError('change-refused', failure, { cause, hint: `write it there by hand: ${line}` });
    io.stderr.write(`${failure}; write it there by hand: ${line}\n`);
  }
}

/** A broker whose scale-in is rolled back becomes known again. */
export function movesAfter(change: string, subject: string, action: Action): Moves {
  const joins = change === 'scale-out' || (change === 'scale-in' && action === 'abort');
  return joins ? { joining: subject } : {};
}

/** @returns known brokers that stay, then those that joined; if that leaves none, all brokers of the cluster */
export function nextKnown(
  { name, brokers: before }: RocketmqClusterId,
  live: Cluster,
  { joining, leaving }: Moves,
): readonly string[] {
  const staying = live.brokers.filter((broker) => nameOf(broker) !== leaving);
  const all = knownOf({ ...live, brokers: staying });
  const isHere = (broker: string) => staying.some((each) => broker === `${nameOf(each)}@${each.address}`);
  const kept = before.filter(isHere);
  // If several clusters share name servers, one that is down lists no brokers: keep its known brokers.
  const isPartial = name.split('+').length > (live.clusterId?.split('+').length ?? 0);
  const down = isPartial ? before.filter((broker) => !isHere(broker) && !broker.startsWith(`${leaving}@`)) : [];
  const joined = knownOf({ ...live, brokers: live.brokers.filter((broker) => nameOf(broker) === joining) });
  const next = [...new Set([...kept, ...joined])];
  if (next.length > 0) return [...next, ...down];
  return all.length > 0 ? [...all, ...down] : before;
}

const nameOf = ({ id }: Broker) => rocketmq.brokerId.group(id);

function knownOf(cluster: Cluster): readonly string[] {
  const id = clusterIdOf(cluster);
  return typeof id === 'object' ? id.brokers : [];
}

async function writeKnown(file: string, cluster: string, brokers: readonly string[]): Promise<void> {
  const path = await realpath(file);
  const text = withKnown(await readFile(path, 'utf8'), cluster, brokers);
  // The mode of the draft; the file keeps its mode.
  await replaceFile(path, (draft) => draft.writeFile(text), { mode: 0o600 });
}

/** Replaces only the list; every other character of the file stays. @throws Error if the file does not spell out the list */
export function withKnown(text: string, cluster: string, brokers: readonly string[]): string {
  const path = ['clusters', cluster, 'clusterId', 'brokers'];
  const node = parseDocument(text).getIn(path, true);
  const range = isSeq(node) ? node.range : undefined;
  if (!range) throw new Error(`${path.join('.')} is not a list in this file`);
  const [from, to] = range;
  const rest = text.slice(from, to);
  const isBlock = !rest.startsWith('[');
  const written = isBlock ? rest.trimEnd().length : rest.length;
  const changed = text.slice(0, from) + brokersYaml(brokers) + text.slice(from + written);
  const read = parseDocument(changed);
  if (read.errors.length > 0 || JSON.stringify(read.getIn(path)) !== JSON.stringify(brokers))
    throw new Error(`${path.join('.')} could not be replaced in it`);
  return changed;
}
