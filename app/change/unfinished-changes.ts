// Lists unfinished changes from the journals in the state folder, with the commands that end them.

import { join } from 'node:path';
import { addressesOf } from '../../brokers/addresses.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { leaseExpirySeconds } from '../../core/documents/change-lease.ts';
import type { UnfinishedChange } from '../../core/documents/change-leases.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { plain, renderTable } from '../../core/text/table.ts';
import { named } from '../../core/text/bilingual.ts';
import { journalFolders, runningChanges, takenOverBy, type RunningChange } from '../../ops/change/journal.ts';
import { commandOf, remediesOf } from './change-command.ts';
import type { ListedCluster } from './listed-cluster.ts';

export interface UnfinishedChanges {
  changes: readonly UnfinishedChange[];
  /** Folders with unreadable journals. */
  unread: readonly string[];
}

type Given = Readonly<Record<'config' | 'state-dir', string | undefined>>;

/** @param given options for config and state folder, as typed */
export async function unfinishedChanges(
  stateFolder: string,
  clusters: readonly ListedCluster[],
  given: Given,
): Promise<UnfinishedChanges> {
  const changes: UnfinishedChange[] = [];
  const unread: string[] = [];
  for (const folder of journalFolders) {
    try {
      for (const journal of await runningChanges(join(stateFolder, folder))) {
        const cluster = changedCluster(journal, clusters);
        if (cluster !== undefined) changes.push(unfinished(journal, cluster, given));
      }
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      unread.push(cause.message);
    }
  }
  return { changes: changes.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt)), unread };
}

/**
 * Finds the cluster by name, or else by id: a cluster behind a typed address has the name of its kind, so its id
 * decides, if it has one and its brokers report it.
 */
function changedCluster(journal: RunningChange, clusters: readonly ListedCluster[]): ListedCluster | undefined {
  const isSame = ({ clusterId }: ListedCluster) => clusterId !== undefined && clusterId === journal.clusterId;
  const isNamed = ({ lease, config, isAddressed, clusterId }: ListedCluster) => {
    if (!isAddressed) return lease.cluster === journal.cluster;
    if (clusterId !== undefined && journal.clusterId !== undefined) return false;
    const isOfId = traitsOf(config.broker).discovery.hasUniqueClusterId && journal.cluster === journal.clusterId;
    return isOfId || lease.cluster === journal.cluster;
  };
  return clusters.find(isNamed) ?? clusters.find(isSame);
}

/** The command must name the cluster as it was named at the start, so that it finds the journal. */
function clusterArgs(journal: RunningChange, { lease, config, isAddressed }: ListedCluster): string[] {
  const isNameOfAddress = journal.cluster === config.broker || journal.cluster === journal.clusterId;
  if (isNameOfAddress && (isAddressed || journal.cluster !== lease.cluster)) {
    return [`--${traitsOf(config.broker).discovery.key}`, quotedWord(addressesOf(config).join(','))];
  }
  return ['--cluster', quotedWord(journal.cluster)];
}

function unfinished(journal: RunningChange, cluster: ListedCluster, given: Given): UnfinishedChange {
  const { change, subject, startedAt, leaseId, steps, borrowed, log, path } = journal;
  const { lease } = cluster;
  const held = lease.state === 'held' ? lease : undefined;
  // A killed process leaves its lease behind.
  const isExpired = held !== undefined && held.heartbeatAgeSeconds >= leaseExpirySeconds;
  const isRunning = held !== undefined && !isExpired && leaseId !== undefined && held.lease.id === leaseId;
  const named = clusterArgs(journal, cluster);
  const { config, 'state-dir': stateFolder } = given;
  const options = [
    ...(config === undefined || named[0] !== '--cluster' ? [] : ['--config', quotedWord(config)]),
    ...(stateFolder === undefined ? [] : ['--state-dir', quotedWord(stateFolder)]),
    ...named,
    ...(isExpired ? ['--take-over'] : []),
  ];
  const words = ['plimsoll', ...commandOf(journal, cluster.config.broker), ...options].join(' ');
  const leased = lease.state === 'unknown' ? {} : (held?.lease ?? lease);
  const { resume, abort } = remediesOf(change, change === 'reassign' ? takenOverBy(journal, leased) : undefined);
  const stepsDone = steps
    .filter(({ doneAt, undoneAt }) => doneAt !== undefined && undoneAt === undefined)
    .map(({ id }) => id);
  return {
    cluster: lease.cluster,
    change,
    subject,
    state: lease.state === 'unknown' ? 'unknown' : isRunning ? 'running' : 'stopped',
    startedAt,
    ...defined({ last: log.at(-1) }),
    ...(stepsDone.length > 0 && { stepsDone }),
    borrowed: borrowed.flatMap(({ kind, name, before }) =>
      Object.keys(before).map((key) => `${key} of ${kind} ${name}`),
    ),
    ...(resume !== undefined && { resume: `${words} ${resume}` }),
    ...(abort !== undefined && { abort: `${words} ${abort}` }),
    file: path,
  };
}

export function unfinishedText(changes: readonly UnfinishedChange[], how: { colours: boolean }): string {
  if (changes.length === 0) return '';
  const columns = ['CLUSTER', 'UNFINISHED CHANGE', 'STATE', 'STARTED', 'STEPS DONE', 'BORROWED SETTINGS'];
  const rows = changes.map(({ cluster, change, subject, state, startedAt, stepsDone = [], borrowed }) => [
    cluster,
    `${change} of ${subject}`,
    state,
    startedAt,
    named(stepsDone),
    borrowed.join(', '),
  ]);
  const commands = changes
    .filter(({ state }) => state !== 'running')
    .flatMap(({ change, subject, last, resume, abort }) => [
      ...(last === undefined
        ? []
        : [`last journal entry of ${change} of ${subject}: ${last.at} ${plain(last.says)}\n`]),
      ...(resume === undefined ? [] : [`continue ${change} of ${subject}:  ${resume}\n`]),
      ...(abort === undefined ? [] : [`roll back ${change} of ${subject}: ${abort}\n`]),
    ]);
  return `\n${renderTable(
    columns.map((heading) => ({ heading })),
    rows,
    how,
  )}${commands.join('')}`;
}
