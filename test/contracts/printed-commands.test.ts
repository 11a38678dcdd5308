// Checks that the command line parser accepts every command that the program, its alerts and its pages print.

import { beforeAll, expect, test } from 'vitest';
import type { Command } from '../../cli/command.ts';
import { commandsIn } from '../../cli/command-list.ts';
import { parseArguments } from '../../cli/parse-arguments.ts';
import { findCommand } from '../../cli/command-line.ts';
import { commands } from '../../cli/registry.ts';
import {
  alertCommands,
  documentCommands,
  eventPageCommands,
  hintCommands,
  pageCommands,
  type PrintedCommand,
} from '../support/printed-commands.ts';

const known = new Map<string, Command>();
beforeAll(async () => {
  for (const { name, load } of commandsIn(commands)) known.set(name, await load());
}, 300_000);

/** Placeholder for the rest of a command, or for any command. */
const isOpen = (words: readonly string[]) => words.some((word) => /^(…|\.\.\.|COMMAND|X[a-z].*)$/.test(word));

/** The parser rejects unknown commands and options before this: prose omits required options, and writes N or NAME for a value. */
const isShortened = (message: string) => /^--[\w-]+( is missing|: "[A-Z]+" )/.test(message);

/** @returns the reason why the parser rejects it */
function faultOf({ words }: PrintedCommand): string | undefined {
  if (isOpen(words)) return undefined;
  try {
    const request = findCommand(words, [...known.keys()]);
    if (request.kind !== 'command') return undefined;
    const command = known.get(request.name);
    if (command !== undefined) parseArguments(command, request.rest);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return isShortened(message) ? undefined : message;
  }
}
const faultsOf = (printed: readonly PrintedCommand[]) =>
  printed.flatMap((each) => {
    const fault = faultOf(each);
    return fault === undefined ? [] : [`${each.where}: plimsoll ${each.words.join(' ')}: ${fault}`];
  });

test.each([
  ['the documents', () => documentCommands(['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'examples/**/*.md']), 200],
  ['the alerts and their runbooks', () => [...alertCommands(), ...documentCommands(['docs/runbooks/*.md'])], 20],
  ['messages and hints', hintCommands, 60],
  ['the event page', pageCommands, 2],
] as const)('the parser accepts each command of %s', (_, printed, atLeast) => {
  const all = printed();
  expect(all.length).toBeGreaterThanOrEqual(atLeast);
  expect(faultsOf(all)).toEqual([]);
});

test('each command of a runbook names its cluster', () => {
  const printed = [...alertCommands(), ...documentCommands(['docs/runbooks/*.md']), ...pageCommands()];
  const nameless = printed.filter(({ words }) => {
    const request = findCommand(words, [...known.keys()]);
    const options = request.kind === 'command' ? known.get(request.name)?.options : undefined;
    return options !== undefined && 'cluster' in options && !words.includes('--cluster') && !words.includes('RUN');
  });
  expect(nameless.map(({ where, words }) => `${where}: ${words.join(' ')}`)).toEqual([]);
});

test('the event page prints no placeholders, and no commands that close a topic or delete anything', () => {
  const printed = eventPageCommands();
  expect(printed.length).toBeGreaterThanOrEqual(5);
  for (const command of printed) {
    expect(command).not.toMatch(/\b[A-Z]{2,}(_[A-Z]+)*\b|\.\.\.|…/);
    expect(command).not.toMatch(/updateTopicPerm|delete/i);
  }
});

test('the parser accepts each example of a command', () => {
  const examples = [...known.values()].flatMap(({ name, examples: its }) =>
    its.map((example) => ({
      where: name,
      words: (example.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).map((word) => word.replaceAll(/['"]/g, '')),
    })),
  );
  const own = examples.flatMap(({ where, words }) => {
    const from = words.indexOf('plimsoll');
    const end = words.findIndex((word) => /^[|>&]/.test(word));
    return from < 0 ? [] : [{ where, words: words.slice(from + 1, end < 0 ? undefined : end) }];
  });
  expect(own.length).toBeGreaterThan(100);
  expect(faultsOf(own)).toEqual([]);
});
