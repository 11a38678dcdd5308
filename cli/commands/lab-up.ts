// How does somebody get a real broker to test with, in one line?

import { join } from 'node:path';
import { AppError, exitCodes } from '../../core/errors.ts';
import { BitRate } from '../../core/quantity.ts';
import { bitsPerSecond, type BitsPerSecond } from '../../core/units.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { renderBitRate } from '../../lab/lab-config.ts';
import { startLab, type Lab } from '../../lab/start-lab.ts';
import type { Command, CommandIo, Output } from '../command.ts';
import { labDirectory, stateDirectoryOption } from '../lab-options.ts';

/** Below it brokers hardly carry their own heartbeats. */
const slowestNic = bitsPerSecond(1e6);

export const labUpCommand = {
  name: 'lab up',
  summary: 'Start real brokers on this machine, from Maven Central jars, and print a config file for them.',
  positionals: 'kafka',
  options: {
    version: {
      type: 'string',
      value: 'V',
      help: `Kafka version (default ${defaultKafkaVersion}; 3.9.2, 2.8.2, any other release)`,
    },
    brokers: { type: 'string', value: 'N', help: 'number of brokers, 1 or 3 (default 1)' },
    nic: {
      type: 'string',
      value: 'SPEED',
      help: 'give each broker and the load generator a network card of this speed, such as 50mbit (Linux, root)',
    },
    'state-dir': stateDirectoryOption,
    json: { type: 'boolean', help: 'print one JSON document: { schemaVersion, config, brokers, nic? }' },
  },
  examples: [
    'plimsoll lab up kafka',
    'plimsoll lab up kafka --version 3.9.2 --brokers 3',
    'plimsoll lab up kafka --nic 50mbit',
  ],

  async run(io) {
    const { positionals, options, stdout, stderr, signal, clock, environment } = io;
    if (positionals.length !== 1 || positionals[0] !== 'kafka') {
      throw new AppError(
        'usage',
        positionals.length === 0
          ? '`plimsoll lab up` needs to know what to run'
          : `\`plimsoll lab up\` runs kafka, and not ${JSON.stringify(positionals.join(' '))}`,
        { hint: 'write `plimsoll lab up kafka`' },
      );
    }
    const nic = readNic(options['nic']);
    const progress = progressLine(stderr);
    try {
      const lab = await startLab(
        {
          product: 'kafka',
          version: typeof options['version'] === 'string' ? options['version'] : defaultKafkaVersion,
          brokers: readBrokers(options['brokers']),
          ...(nic !== undefined && { nic }),
          directory: labDirectory(io),
          cache: join(cacheFolder(environment), 'lab'),
        },
        { signal, clock, environment, progress: progress.show },
      );
      progress.clear();
      stdout.write(options['json'] === true ? renderJson(lab) : renderText(lab));
    } finally {
      progress.clear();
    }
    return exitCodes.answered;
  },
} satisfies Command;

function readBrokers(given: CommandIo['options'][string]): 1 | 3 {
  if (given === undefined || given === '1') return 1;
  if (given === '3') return 3;
  throw new AppError('usage', `--brokers ${String(given)}: the lab runs 1 or 3 brokers`);
}

function readNic(given: CommandIo['options'][string]): BitsPerSecond | undefined {
  if (given === undefined) return undefined;
  const parsed = BitRate.safeParse(given);
  if (!parsed.success) throw new AppError('usage', `--nic: ${parsed.error.issues[0]?.message ?? 'no speed'}`);
  if (parsed.data < slowestNic)
    throw new AppError('usage', `--nic ${String(given)} is too slow for a broker; give at least 1mbit`);
  return parsed.data;
}

function renderJson({ configPath, brokers, nic }: Lab): string {
  const document = {
    schemaVersion: 1,
    config: configPath,
    brokers: brokers.map(({ id, address }) => ({ id, address })),
    ...(nic && { nic }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function renderText({ version, configPath, brokers, nic }: Lab): string {
  const lines = [
    `Kafka ${version} is ready`,
    ...brokers.map(({ id, address }) => `  broker ${id}  ${address}`),
    ...(nic
      ? [`  network ${renderBitRate(bitsPerSecond(nic.bitsPerSecond))} each way, every host (${nic.source})`]
      : []),
    `config: ${configPath}`,
    'stop it with `plimsoll lab down`',
  ];
  return `${lines.join('\n')}\n`;
}

/** On a terminal one line that is written over, elsewhere a line each. */
function progressLine(output: Output): { show(line: string): void; clear(): void } {
  const clear = '\r\u001b[K';
  return {
    show: (line) => output.write(output.isTerminal ? `${clear}${line.slice(0, output.columns - 1)}` : `${line}\n`),
    clear: () => output.write(output.isTerminal ? clear : ''),
  };
}
