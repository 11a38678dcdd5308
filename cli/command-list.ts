// Looks up commands in the groups of the registry.

import type { Command } from './command.ts';

interface CommandEntry {
  /** One line of help: an imperative sentence. */
  summary: string;
  /** Absent for a name that only groups other commands, such as `get`. */
  load?: () => Promise<Command>;
  /** Previous name, accepted for one more release and hidden. */
  formerly?: string;
}

/** By heading of `plimsoll --help`. */
export type CommandGroups = Readonly<Record<string, Readonly<Record<string, CommandEntry>>>>;

export interface ListedCommand extends CommandEntry {
  name: string;
  load: () => Promise<Command>;
}

export function commandsIn(groups: CommandGroups): ListedCommand[] {
  return entriesIn(groups).flatMap(({ load, ...entry }) => (load === undefined ? [] : [{ ...entry, load }]));
}

export type ListedEntry = CommandEntry & { name: string };

export function entriesIn(groups: CommandGroups): ListedEntry[] {
  return Object.values(groups).flatMap((entries) => rowsOf(entries));
}

function rowsOf(entries: Readonly<Record<string, CommandEntry>>): ListedEntry[] {
  return Object.entries(entries).map(([name, entry]) => ({ ...entry, name }));
}

/** @returns the entries below a parent: `get brokers` and others for `get` */
export function entriesUnder(parent: string, entries: readonly ListedEntry[]): ListedEntry[] {
  return entries.filter(({ name }) => name.startsWith(`${parent} `));
}

/** @returns the entries of a group on the first page; subcommands are shown under their parent if it has an entry */
export function topEntries(entries: Readonly<Record<string, CommandEntry>>): ListedEntry[] {
  return rowsOf(entries).filter(({ name }) => !Object.keys(entries).some((other) => name.startsWith(`${other} `)));
}

/** @returns the current name of a command, or of a group of commands such as `ops`, by its previous name */
export function presentName(former: string, entries: readonly ListedEntry[]): string | undefined {
  const renamed = entries.find(({ formerly }) => formerly === former);
  if (renamed !== undefined) return renamed.name;
  const inside = entries.find(({ formerly }) => formerly?.startsWith(`${former} `));
  return inside?.name.split(' ').slice(0, former.split(' ').length).join(' ');
}
