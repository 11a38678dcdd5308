// Which commands are there, with which options? docs/reference/cli.md, made from what each command declares.

import type { Command, Option } from '../cli/command.ts';
import { globalOptions } from '../cli/help.ts';
import { commands } from '../cli/registry.ts';

export async function renderCliPage(): Promise<string> {
  const all: Command[] = [];
  for (const load of Object.values(commands)) all.push(await load());
  return [
    '# Commands',
    '',
    'Made from what each command declares, by `npm run update-golden`; not edited by hand. `plimsoll COMMAND --help` says the same in the',
    'terminal, and `plimsoll completion` prints a script with which a shell completes it.',
    '',
    '| command | what it does |',
    '| --- | --- |',
    ...all.map(({ name, summary }) => `| [\`${name}\`](#${anchorOf(name)}) | ${cell(summary)} |`),
    '',
    'Options of every command:',
    '',
    ...optionTable(globalOptions),
    ...all.flatMap(section),
  ].join('\n');
}

function section({ name, summary, positionals, options, examples }: Command): string[] {
  const usage = ['plimsoll', name, positionals, '[OPTIONS]'].filter((word) => word !== undefined).join(' ');
  return [
    `## plimsoll ${name}`,
    '',
    plain(summary),
    '',
    '```text',
    usage,
    '```',
    '',
    ...(Object.keys(options).length === 0 ? [] : optionTable(options)),
    ...(examples.length === 0 ? [] : ['```text', ...examples.map((example) => `$ ${example}`), '```', '']),
  ];
}

function optionTable(options: Readonly<Record<string, Option>>): string[] {
  const rows = Object.entries(options).map(([name, { short, type, value, help, multiple }]) => {
    const words = [
      short === undefined ? '' : `-${short}, `,
      `--${name}`,
      type === 'string' ? ` ${value ?? 'VALUE'}` : '',
    ];
    return `| \`${words.join('').replaceAll('|', '\\|')}\`${multiple ? ' …' : ''} | ${cell(help)} |`;
  });
  return ['| option | what it says |', '| --- | --- |', ...rows, ''];
}

/** As GitHub and VitePress name the heading of a section. */
const anchorOf = (name: string) => `plimsoll-${name.replaceAll(' ', '-')}`;

/** Braces, angles and asterisks are no markup in what a command says of itself. */
const plain = (text: string) => text.replaceAll(/[<>{}*_]/g, (sign) => `\\${sign}`);

const cell = (text: string) => plain(text).replaceAll('|', '\\|');
