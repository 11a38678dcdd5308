// Runs a command line: finds the command, parses its options, runs it and reports failures.

import { readFileSync } from 'node:fs';
import { AppError, exitCodes } from '../core/errors.ts';
import type { Caller, Output } from '../app/caller.ts';
import {
  type CommandGroups,
  commandsIn,
  entriesIn,
  entriesUnder,
  type ListedCommand,
  presentName,
} from './command-list.ts';
import { describeFault, faultOfChange, reportFault } from './fault-report.ts';
import { globalOptions, renderCommandHelp, renderFirstPage, renderSubcommands } from './help.ts';
import { parseArguments } from './parse-arguments.ts';
import { paintWith } from '../core/text/table.ts';
import { parseArgs } from 'node:util';
import { meantCommands } from './meant-commands.ts';
import { defined } from '../core/defined.ts';

type World = Pick<Caller, 'stdout' | 'stderr' | 'signal' | 'environment' | 'clock'>;

const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** @returns the exit code; never throws */
export async function runCommandLine(args: readonly string[], groups: CommandGroups, world: World): Promise<number> {
  try {
    return await dispatch(args, groups, world);
  } catch (thrown) {
    const { stdout, stderr, environment, signal } = world;
    const fault = describeFault(thrown, signal.aborted);
    reportFault(thrown, fault, {
      stdout,
      stderr,
      json: args.includes('--json'),
      debug: Boolean(environment['PLIMSOLL_DEBUG']),
      colours: hasColours(stderr, environment),
    });
    return fault.exitCode;
  }
}

async function dispatch(args: readonly string[], groups: CommandGroups, world: World): Promise<number> {
  const { stdout, stderr, environment } = world;
  const entries = entriesIn(groups);
  const commands = commandsIn(groups);
  const former = commands.flatMap(({ formerly }) => formerly ?? []);
  const request = findCommand(
    args,
    commands.map(({ name }) => name),
    former,
  );
  switch (request.kind) {
    case 'version':
      stdout.write(`${readVersion()}\n`);
      return exitCodes.answered;
    case 'help':
      stdout.write(renderList(groups, stdout, environment, request.group));
      return exitCodes.answered;
    case 'nothing':
      stderr.write(renderList(groups, stderr, environment));
      return exitCodes.usage;
    case 'command': {
      const entry = listed(request.name, commands, stderr);
      const command = await entry.load();
      const { help, logLevel = 'warn', notes, ...given } = parseArguments(command, request.rest);
      for (const note of notes) stderr.write(`note: ${note}\n`);
      if (help) {
        const { summary, name } = entry;
        const subcommands = entriesUnder(name, entries);
        stdout.write(
          renderCommandHelp(command, { summary, subcommands }, stdout, paintWith(hasColours(stdout, environment))),
        );
        return exitCodes.answered;
      }
      if (!logLevels.includes(logLevel)) {
        throw new AppError('usage', `--log-level ${logLevel} is not a level`, {
          hint: `levels are ${logLevels.join(', ')}`,
        });
      }
      const ended = command.run({
        ...given,
        ...world,
        confirm: async (name, what) =>
          (await import('./confirm.ts')).confirm({ ...world, options: given.options }, name, what),
        confirmDeletion: async (name) =>
          (await import('./confirm.ts')).confirmDeletion({ ...world, options: given.options }, name),
        openLog: async () => (await import('../core/log.ts')).createLogger(logLevel),
        loadCommands: () => Promise.all(commands.map(({ load }) => load())),
      });
      if (!('execute' in command.options)) return ended;
      return ended.catch((cause: unknown) => {
        throw faultOfChange(cause, world.signal.aborted);
      });
    }
  }
}

function renderList(groups: CommandGroups, output: Output, environment: NodeJS.ProcessEnv, typed?: string): string {
  const paint = paintWith(hasColours(output, environment));
  if (typed === undefined) return renderFirstPage(groups, output, paint);
  const entries = entriesIn(groups);
  const name = presentName(typed, entries) ?? typed;
  const summary = entries.find((entry) => entry.name === name)?.summary;
  return renderSubcommands(defined({ name, summary }), entriesUnder(name, entries), output, paint);
}

/** @param typed current or former name; for a former name, prints the current one to standard error */
function listed(typed: string, commands: readonly ListedCommand[], stderr: Output): ListedCommand {
  const command = commands.find(({ name, formerly }) => name === typed || formerly === typed);
  if (command === undefined) throw new AppError('usage', `there is no command \`${typed}\``);
  if (command.name !== typed) {
    stderr.write(
      `note: \`plimsoll ${typed}\` is now \`plimsoll ${command.name}\`; the next release removes the old name\n`,
    );
  }
  return command;
}

/** https://no-color.org: if present and not empty, disables colours. */
export function hasColours(output: Output, environment: NodeJS.ProcessEnv): boolean {
  return output.isTerminal && !environment['NO_COLOR'];
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

type Request =
  | { kind: 'command'; name: string; rest: readonly string[] }
  | { kind: 'help'; group?: string }
  | { kind: 'version' }
  | { kind: 'nothing' };

/**
 * Finds the command at the start of the arguments: one word such as `analyze`, or several such as `lab up`.
 *
 * @param former names that are accepted but not suggested
 * @throws AppError usage
 */
export function findCommand(
  args: readonly string[],
  names: readonly string[],
  former: readonly string[] = [],
): Request {
  const understood = [...names, ...former];
  const { tokens, values } = parseArgs({
    args: [...args],
    options: { ...globalOptions, version: { type: 'boolean' } },
    strict: false,
    tokens: true,
  });
  const typed = tokens.filter((token) => token.kind === 'positional');
  const asksHelp = typed[0]?.value === 'help';
  const given = asksHelp ? typed.slice(1) : typed;
  const [first, second] = given;
  const without = (...indices: number[]) => [
    ...args.filter((_, index) => !indices.includes(index)),
    ...(asksHelp ? ['--help'] : []),
  ];
  const helpIndices = asksHelp && typed[0] !== undefined ? [typed[0].index] : [];

  if (first?.value === 'version') return { kind: 'version' };
  if (first === undefined) {
    if (asksHelp || values['help'] === true) return { kind: 'help' };
    if (values['version'] === true) return { kind: 'version' };
    refuseUnknownOption(args, 'plimsoll --help');
    return { kind: 'nothing' };
  }
  const found = [3, 2, 1]
    .map((length) => given.slice(0, length))
    .find((tried) => understood.includes(tried.map(({ value }) => value).join(' ')));
  if (found !== undefined) {
    return {
      kind: 'command',
      name: found.map(({ value }) => value).join(' '),
      rest: without(...helpIndices, ...found.map(({ index }) => index)),
    };
  }
  const isGroup = (name: string) => understood.some((each) => each.startsWith(`${name} `));
  const pair = second === undefined ? undefined : `${first.value} ${second.value}`;
  const group = pair !== undefined && given.length === 2 && isGroup(pair) ? pair : first.value;
  if (isGroup(group) && (second === undefined || group === pair)) {
    refuseUnknownOption(args, `plimsoll ${group} --help`);
    return { kind: 'help', group };
  }
  const owner = [pair, first.value].find((name) => name !== undefined && isGroup(name));
  const requested = given.slice(0, owner === undefined ? 1 : owner.split(' ').length + 1).map(({ value }) => value);
  const lister = `\`plimsoll ${owner === undefined ? '' : `${owner} `}--help\` lists the commands`;
  const words = [...given.map(({ value }) => value), ...Object.keys(values)];
  const meant = meantCommands({ typed: words, requested, owner }, names).map((name) => `\`plimsoll ${name}\``);
  throw new AppError('usage', `there is no command \`${requested.join(' ')}\``, {
    hint: meant.length === 0 ? lister : `did you mean ${meant.join(', ').replace(/, (?=[^,]*$)/, ' or ')}? ${lister}`,
  });
}

/** Without a command, only global options are known. */
function refuseUnknownOption(args: readonly string[], help: string): void {
  const unknown = args.find((word) => word.startsWith('-') && !/^(-h|--help|--log-level(=.*)?)$/.test(word));
  if (unknown !== undefined) throw new AppError('usage', `unknown option ${unknown}`, { hint: `see \`${help}\`` });
}
