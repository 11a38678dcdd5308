// Lists changes that were begun and have not ended, from the journals in the state folder, with the commands that end them.

import { join } from 'node:path';
import type { LeaseStatus, UnfinishedChange } from '../../core/documents/change-leases.ts';
import { AppError } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { renderTable } from '../../core/text/table.ts';
import { journalFolders, runningChanges, type RunningChange } from '../../ops/change/journal.ts';

export interface UnfinishedChanges {
  changes: readonly UnfinishedChange[];
  /** Folders with a journal that cannot be read. */
  unread: readonly string[];
}

type Given = Readonly<Record<'config' | 'state-dir', string | undefined>>;

/** @param given options that name config and state folder, as they were typed */
export async function unfinishedChanges(
  stateFolder: string,
  leases: readonly LeaseStatus[],
  given: Given,
): Promise<UnfinishedChanges> {
  const changes: UnfinishedChange[] = [];
  const unread: string[] = [];
  for (const folder of journalFolders) {
    for (const lease of leases) {
      try {
        const found = await runningChanges(join(stateFolder, folder), lease.cluster);
        changes.push(...found.map((each) => unfinished(each, lease, given)));
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        unread.push(cause.message);
      }
    }
  }
  const ordered = changes.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
  return { changes: ordered, unread: [...new Set(unread)] };
}

function unfinished({ path, ...journal }: RunningChange, lease: LeaseStatus, given: Given): UnfinishedChange {
  const { cluster, change, subject, startedAt, leaseId, borrowed } = journal;
  const isHeld = lease.state === 'held' && leaseId !== undefined && lease.lease.id === leaseId;
  const options = Object.entries<string | undefined>({ ...given, cluster }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, quotedWord(value)],
  );
  const command = wordsOf(journal);
  const words = ['plimsoll', ...command.words, ...options].join(' ');
  return {
    cluster,
    change,
    subject,
    state: lease.state === 'unknown' ? 'unknown' : isHeld ? 'running' : 'stopped',
    startedAt,
    borrowed: borrowed.flatMap(({ kind, name, before }) =>
      Object.keys(before).map((key) => `${key} of ${kind} ${name}`),
    ),
    ...(command.resume !== undefined && { resume: `${words} ${command.resume}` }),
    ...(command.abort !== undefined && { abort: `${words} ${command.abort}` }),
    file: path,
  };
}

interface Command {
  words: readonly string[];
  resume?: string;
  abort?: string;
}

/** As the command of each kind of change names its subject. */
function wordsOf({ change, subject, facts }: Omit<RunningChange, 'path'>): Command {
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
    case 'queues':
      return { words: ['ops rocketmq queues --topic', quotedWord(subject)], ...both };
    case 'name-servers':
      return { words: ['ops rocketmq name-servers', ...serverWords(facts)], ...both };
    default:
      return { words: [`ops rocketmq ${change} --broker`, quotedWord(subject)], ...both };
  }
}

function serverWords({ add, remove }: Readonly<Record<string, unknown>>): string[] {
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
