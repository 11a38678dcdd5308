// Renders `--help` from the registry and from the declarations of each command.

import type { Command, Option } from './command.ts';
import type { Output } from '../app/caller.ts';
import { entriesIn, entriesUnder, topEntries, type CommandGroups, type ListedEntry } from './command-list.ts';
import { type Paint, wrap } from '../core/text/table.ts';

export const globalOptions = {
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    help: 'how much is logged on standard error: error, warn, info, debug, trace or silent (default warn)',
  },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Record<string, Option>;

const tagline = 'Plimsoll: how much a Kafka or RocketMQ cluster can safely carry, and what limits it.';

/** Renders the first page: one line per command under the headings of the registry, subcommands folded under their parent. */
export function renderFirstPage(groups: CommandGroups, { columns }: Output, paint: Paint): string {
  const entries = entriesIn(groups);
  const shown = Object.entries(groups).map(([heading, group]) => ({
    heading,
    rows: topEntries(group).map((entry) => summaryRow(entry, entriesUnder(entry.name, entries).length > 0)),
  }));
  const left = leftColumn(shown.flatMap(({ rows }) => rows));
  return [
    wrapped(tagline, columns),
    `${paint('bold', 'Usage:')} plimsoll COMMAND [OPTIONS], plimsoll COMMAND --help, plimsoll --version`,
    '',
    ...shown.flatMap(({ heading, rows }) => [paint('bold', `${heading}:`), table(rows, columns, left), '']),
  ].join('\n');
}

/** @param parent group such as `get`, which is not a command itself */
export function renderSubcommands(
  parent: { name: string; summary?: string },
  shown: readonly ListedEntry[],
  { columns }: Output,
  paint: Paint,
): string {
  return [
    ...(parent.summary === undefined ? [] : [wrapped(parent.summary, columns), '']),
    `${paint('bold', 'Usage:')} plimsoll ${parent.name} COMMAND [OPTIONS]`,
    '',
    paint('bold', 'Commands:'),
    table(
      shown.map((entry) => summaryRow(entry)),
      columns,
    ),
    '',
    paint('bold', 'Options of every command:'),
    table(optionRows(globalOptions), columns),
    '',
    wrapped(`\`plimsoll ${parent.name} COMMAND --help\` shows the options and examples of one command.`, columns),
    '',
  ].join('\n');
}

/** @param listed registry entry of the command, and those of its subcommands */
export function renderCommandHelp(
  command: Command,
  listed: { summary: string; subcommands: readonly ListedEntry[] },
  { columns }: Output,
  paint: Paint,
): string {
  const usage = ['plimsoll', command.name, command.positionals, '[OPTIONS]'].filter(Boolean).join(' ');
  const subcommands = listed.subcommands.map((entry) => summaryRow(entry));
  return [
    wrapped(listed.summary, columns),
    '',
    `${paint('bold', 'Usage:')} ${usage}`,
    '',
    ...(subcommands.length === 0 ? [] : [paint('bold', 'Subcommands:'), table(subcommands, columns), '']),
    paint('bold', 'Options:'),
    table(optionRows({ ...command.options, ...globalOptions }), columns),
    '',
    ...(command.examples.length === 0
      ? []
      : [paint('bold', 'Examples:'), ...command.examples.map((example) => `  ${paint('dim', '$')} ${example}`), '']),
  ].join('\n');
}

type HelpRow = readonly [left: string, right: string];

const summaryRow = ({ name, summary }: ListedEntry, hasMore = false): HelpRow => [
  hasMore ? `${name} …` : name,
  summary,
];

function optionRows(options: Readonly<Record<string, Option>>): HelpRow[] {
  return Object.entries(options).map(([name, { short, type, value, help, multiple }]) => [
    `${short === undefined ? '' : `-${short}, `}--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}${multiple ? ' …' : ''}`,
    help,
  ]);
}

const widestLeft = 30;

const leftColumn = (rows: readonly HelpRow[]) =>
  Math.min(widestLeft, Math.max(...rows.map(([name]) => name.length), 0));

function table(rows: readonly HelpRow[], columns: number, left = leftColumn(rows)): string {
  const indent = ' '.repeat(left + 4);
  return rows
    .map(([name, text]) => {
      const body = wrapped(text, columns - indent.length).replaceAll('\n', `\n${indent}`);
      return name.length > left ? `  ${name}\n${indent}${body}` : `  ${name.padEnd(left)}  ${body}`;
    })
    .join('\n');
}

const wrapped = (text: string, columns: number) => wrap(text, Math.max(30, columns)).join('\n');
