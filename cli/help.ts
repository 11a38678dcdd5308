// What does `--help` say? Made from what each command declares, so that it cannot fall behind.

import type { Command, Option, Output } from './command.ts';

export const globalOptions = {
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    help: 'how much is logged on standard error: error, warn, info, debug, trace or silent (default warn)',
  },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Record<string, Option>;

export type Style = (format: 'bold' | 'dim', text: string) => string;

const tagline = 'Plimsoll: how much a Kafka or RocketMQ cluster can safely carry, and what stops it.';

/** @param shown commands in the order of the registry: all of them, or those of one group such as `lab` */
export function renderCommandList(
  shown: readonly Command[],
  { columns }: Output,
  style: Style,
  group?: string,
): string {
  const usage = ['plimsoll', group, 'COMMAND', '[OPTIONS]'].filter(Boolean).join(' ');
  const rows = shown.map(({ name, summary }): Row => [name, summary]);
  const common = optionRows(globalOptions);
  if (group === undefined) common.push(['--version', 'print the version']);
  return [
    ...(group === undefined ? [wrap(tagline, columns), ''] : []),
    `${style('bold', 'Usage:')} ${usage}`,
    '',
    style('bold', 'Commands:'),
    table(rows, columns),
    '',
    style('bold', 'Options of every command:'),
    table(common, columns),
    '',
    wrap(
      `\`plimsoll ${group === undefined ? '' : `${group} `}COMMAND --help\` shows options and examples of one command.`,
      columns,
    ),
    '',
  ].join('\n');
}

export function renderCommandHelp(command: Command, { columns }: Output, style: Style): string {
  const usage = ['plimsoll', command.name, command.positionals, '[OPTIONS]'].filter(Boolean).join(' ');
  return [
    wrap(command.summary, columns),
    '',
    `${style('bold', 'Usage:')} ${usage}`,
    '',
    style('bold', 'Options:'),
    table(optionRows({ ...command.options, ...globalOptions }), columns),
    '',
    ...(command.examples.length === 0
      ? []
      : [style('bold', 'Examples:'), ...command.examples.map((example) => `  ${style('dim', '$')} ${example}`), '']),
  ].join('\n');
}

type Row = readonly [left: string, right: string];

function optionRows(options: Readonly<Record<string, Option>>): Row[] {
  return Object.entries(options).map(([name, { short, type, value, help, multiple }]) => [
    `${short === undefined ? '' : `-${short}, `}--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}${multiple ? ' …' : ''}`,
    help,
  ]);
}

const widestLeft = 30;

function table(rows: readonly Row[], columns: number): string {
  const left = Math.min(widestLeft, Math.max(...rows.map(([name]) => name.length), 0));
  const indent = ' '.repeat(left + 4);
  return rows
    .map(([name, text]) => {
      const body = wrap(text, columns - indent.length).replaceAll('\n', `\n${indent}`);
      return name.length > left ? `  ${name}\n${indent}${body}` : `  ${name.padEnd(left)}  ${body}`;
    })
    .join('\n');
}

function wrap(text: string, columns: number): string {
  const width = Math.max(30, columns);
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
