// Lists changes that were begun and have not ended, from the journals in the state folder, with the commands that end them.

import { join } from 'node:path';
import { addressesOf } from '../../brokers/addresses.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { leaseExpirySeconds } from '../../core/documents/change-lease.ts';
import type { UnfinishedChange } from '../../core/documents/change-leases.ts';
import { AppError } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { renderTable } from '../../core/text/table.ts';
import { journalFolders, runningChanges, type RunningChange } from '../../ops/change/journal.ts';
import { administrationCommand } from './administration/unfinished-command.ts';
import type { ListedCluster } from './listed-cluster.ts';

export interface UnfinishedChanges {
  changes: readonly UnfinishedChange[];
  /** Folders with a journal that cannot be read. */
  unread: readonly string[];
}

type Given = Readonly<Record<'config' | 'state-dir', string | undefined>>;

/** @param given options that name config and state folder, as they were typed */
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

/** The name of a cluster behind a typed address is that of its kind, so its id decides where it has one. */
function changedCluster(journal: RunningChange, clusters: readonly ListedCluster[]): ListedCluster | undefined {
  const isSame = ({ clusterId }: ListedCluster) => clusterId !== undefined && clusterId === journal.clusterId;
  const isNamed = ({ lease, isAddressed, clusterId }: ListedCluster) =>
    lease.cluster === journal.cluster && (!isAddressed || clusterId === undefined || journal.clusterId === undefined);
  return clusters.find(isNamed) ?? clusters.find(isSame);
}

/** A journal is found again by those who name its cluster as it was named then. */
function clusterArgs(journal: RunningChange, { lease, config, isAddressed }: ListedCluster): string[] {
  const isNameOfAddress = journal.cluster === config.broker || journal.cluster === journal.clusterId;
  if (isNameOfAddress && (isAddressed || journal.cluster !== lease.cluster)) {
    return [`--${traitsOf(config.broker).discovery.key}`, quotedWord(addressesOf(config).join(','))];
  }
  return ['--cluster', quotedWord(journal.cluster)];
}

function unfinished(journal: RunningChange, cluster: ListedCluster, given: Given): UnfinishedChange {
  const { change, subject, startedAt, leaseId, borrowed, path } = journal;
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
  const command = commandOf(journal) ?? administrationCommand(journal, cluster.config.broker);
  const words = ['plimsoll', ...command.words, ...options].join(' ');
  return {
    cluster: lease.cluster,
    change,
    subject,
    state: lease.state === 'unknown' ? 'unknown' : isRunning ? 'running' : 'stopped',
    startedAt,
    borrowed: borrowed.flatMap(({ kind, name, before }) =>
      Object.keys(before).map((key) => `${key} of ${kind} ${name}`),
    ),
    ...(command.resume !== undefined && { resume: `${words} ${command.resume}` }),
    ...(command.abort !== undefined && { abort: `${words} ${command.abort}` }),
    file: path,
  };
}

export interface Command {
  words: readonly string[];
  resume?: string;
  abort?: string;
}

/** As the command of each kind of change names its subject. */
function commandOf({ change, subject, facts }: RunningChange): Command | undefined {
  const both = { resume: '--resume', abort: '--abort' };
  const text = (name: string) => String(facts[name]);
  switch (change) {
    case 'reassign':
      return { words: ['ops kafka reassign'], ...both };
    case 'offsets':
      return { words: ['ops offsets reset --group', quotedWord(text('group'))], ...both };
    case 'partitions':
      return {
        words: ['ops kafka partitions --topic', quotedWord(text('topic')), '--to', text('to')],
        resume: '--execute',
      };
    case 'ab-test':
      return { words: ['ab-test', quotedWord(`${text('parameter')}=${text('a')},${text('b')}`)], abort: '--abort' };
    case 'resend':
      return { words: ['ops', text('broker'), 'resend --topic', quotedWord(text('topic'))], ...both };
    case 'redline':
      return { words: ['redline --broker', text('broker')], ...both };
    // Sent once: whether it was is unknown, and no command sends it again.
    case 'send':
      return { words: ['send --topic', quotedWord(text('topic'))] };
    case 'queues':
      return { words: ['ops rocketmq queues --topic', quotedWord(subject)], ...both };
    case 'name-servers':
      return { words: ['ops rocketmq name-servers', ...serverArgs(facts)], ...both };
    case 'scale-in':
    case 'scale-out':
    case 'switch':
    case 'drill':
      return { words: [`ops rocketmq ${change} --broker`, quotedWord(subject)], ...both };
    case 'instances-start':
    case 'instances-stop':
    case 'instances-restart':
      return { words: [`instances ${change.slice('instances-'.length)}`, quotedWord(subject)], ...both };
    case 'instances-remove':
      return { words: [`instances remove`, quotedWord(subject)], ...both };
    case 'instances-install':
    case 'instances-roll':
    case 'instances-upgrade':
      return { words: [`instances ${change.slice('instances-'.length)}`], ...both };
    default:
      return undefined;
  }
}

function serverArgs({ add, remove }: Readonly<Record<string, unknown>>): string[] {
  if (typeof add === 'string' && typeof remove === 'string') return ['--replace', `${remove}=${add}`];
  return typeof add === 'string' ? ['--add', add] : typeof remove === 'string' ? ['--remove', remove] : [];
}

export function unfinishedText(changes: readonly UnfinishedChange[], how: { colours: boolean }): string {
  if (changes.length === 0) return '';
  const columns = ['CLUSTER', 'UNFINISHED CHANGE', 'STATE', 'STARTED', 'CHANGED SETTINGS'];
  const rows = changes.map(({ cluster, change, subject, state, startedAt, borrowed }) => [
    cluster,
    `${change} of ${subject}`,
    state,
    startedAt,
    borrowed.join(', '),
  ]);
  const commands = changes
    .filter(({ state }) => state !== 'running')
    .flatMap(({ change, subject, resume, abort }) => [
      ...(resume === undefined ? [] : [`continue ${change} of ${subject}:  ${resume}\n`]),
      ...(abort === undefined ? [] : [`roll back ${change} of ${subject}: ${abort}\n`]),
    ]);
  return `\n${renderTable(
    columns.map((heading) => ({ heading })),
    rows,
    how,
  )}${commands.join('')}`;
}
