// What happens between typing a command and its exit code?

import { readFileSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import { AppError, exitCodes } from '../core/errors.ts';
import { createLogger } from '../core/log.ts';
import type { Output } from './command.ts';
import { describeFault, reportFault } from './fault-report.ts';
import { renderCommandHelp, renderCommandList, type Style } from './help.ts';
import { findCommand, parseArguments } from './parse-words.ts';
import type { CommandRegistry } from './registry.ts';

export interface World {
  stdout: Output;
  stderr: Output;
  signal: AbortSignal;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
}

const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** @returns the exit code; never throws */
export async function runCommandLine(
  words: readonly string[],
  commands: CommandRegistry,
  world: World,
): Promise<number> {
  try {
    return await dispatch(words, commands, world);
  } catch (thrown) {
    const { stdout, stderr, environment, signal } = world;
    const fault = describeFault(thrown, signal.aborted);
    reportFault(thrown, fault, {
      stdout,
      stderr,
      json: words.includes('--json'),
      debug: Boolean(environment['PLIMSOLL_DEBUG']),
      colours: hasColours(stderr, environment),
    });
    return fault.exitCode;
  }
}

async function dispatch(words: readonly string[], commands: CommandRegistry, world: World): Promise<number> {
  const { stdout, stderr, environment } = world;
  const request = findCommand(words, Object.keys(commands));
  switch (request.kind) {
    case 'version':
      stdout.write(`${readVersion()}\n`);
      return exitCodes.answered;
    case 'help':
      stdout.write(await listCommands(commands, stdout, environment, request.group));
      return exitCodes.answered;
    case 'nothing':
      stderr.write(await listCommands(commands, stderr, environment));
      return exitCodes.usage;
    case 'command': {
      const command = await load(commands, request.name);
      const { help, logLevel = 'warn', ...given } = parseArguments(command, request.rest);
      if (help) {
        stdout.write(renderCommandHelp(command, stdout, styleFor(stdout, environment)));
        return exitCodes.answered;
      }
      if (!logLevels.includes(logLevel)) {
        throw new AppError('usage', `--log-level ${logLevel} is not a level`, {
          hint: `levels are ${logLevels.join(', ')}`,
        });
      }
      return command.run({
        ...given,
        ...world,
        log: createLogger(logLevel),
        loadCommands: () => Promise.all(Object.values(commands).map((loader) => loader())),
      });
    }
  }
}

async function listCommands(commands: CommandRegistry, output: Output, environment: NodeJS.ProcessEnv, group?: string) {
  const names = Object.keys(commands).filter((name) => group === undefined || name.startsWith(`${group} `));
  const shown = await Promise.all(names.map((name) => load(commands, name)));
  return renderCommandList(shown, output, styleFor(output, environment), group);
}

async function load(commands: CommandRegistry, name: string) {
  const loader = commands[name];
  if (loader === undefined) throw new AppError('usage', `there is no command \`${name}\``);
  return loader();
}

/** https://no-color.org: present and not empty switches colours off. */
export function hasColours(output: Output, environment: NodeJS.ProcessEnv): boolean {
  return output.isTerminal && !environment['NO_COLOR'];
}

function styleFor(output: Output, environment: NodeJS.ProcessEnv): Style {
  const codes = { bold: 1, dim: 2 };
  return (format, text) => (hasColours(output, environment) ? `\u001b[${codes[format]}m${text}\u001b[0m` : text);
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
