// How does somebody get a real broker to test with, in one line?

import { join } from 'node:path';
import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import { brokerKinds, isBrokerKind, type BrokerKind } from '../../core/cluster.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { BitRate } from '../../core/text/quantity.ts';
import { bitsPerSecond, type BitsPerSecond } from '../../core/units.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { jmxAgentNames } from '../../lab/kafka/jmx-agent.ts';
import { kafkaListenerNames } from '../../lab/kafka/listener.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { renderBitRate } from '../../lab/lab-config.ts';
import type { LabSite } from '../../lab/planned-lab.ts';
import { rocketmqModeNames } from '../../lab/rocketmq/mode.ts';
import { defaultRocketmqVersion } from '../../lab/rocketmq/release.ts';
import { startLab, type Lab, type LabRequest } from '../../lab/start-lab.ts';
import type { Command, CommandIo } from '../command.ts';
import { labDirectory, stateDirectoryOption } from '../lab-options.ts';
import { progressLine } from '../progress-line.ts';

/** Below it brokers hardly carry their own heartbeats. */
const slowestNic = bitsPerSecond(1e6);

export const labUpCommand = {
  name: 'lab up',
  positionals: '[kafka|rocketmq]',
  options: {
    version: {
      type: 'string',
      value: 'V',
      help: `Kafka ${defaultKafkaVersion} (default), 3.9.2, 2.8.2, any other release; RocketMQ ${defaultRocketmqVersion} (default), 5.5.0, 4.9.7`,
    },
    brokers: { type: 'string', value: 'N', help: 'Kafka: number of brokers, 1 or 3 (default 1)' },
    listener: {
      type: 'string',
      value: 'L',
      help: `Kafka: what clients identify themselves to: ${kafkaListenerNames.join(', ')} (default: nothing)`,
    },
    jmx: { type: 'string', value: 'AGENT', help: `Kafka: show JMX beans over HTTP by ${jmxAgentNames.join(' or ')}` },
    mode: { type: 'string', value: 'M', help: `RocketMQ: ${rocketmqModeNames.join(', ')} (default single)` },
    'name-servers': { type: 'string', value: 'N', help: 'RocketMQ: number of name servers, 1 or 2 (default 1)' },
    acl: { type: 'boolean', help: 'RocketMQ: let in only who signs with an access key' },
    tls: { type: 'boolean', help: 'RocketMQ: every process speaks TLS only' },
    nic: {
      type: 'string',
      value: 'SPEED',
      help: 'give each host and the load generator a network card of this speed, such as 50mbit (Linux, root)',
    },
    'state-dir': stateDirectoryOption,
    json: {
      type: 'boolean',
      help: 'print one JSON document: { schemaVersion, product, version, config, brokers, nameServers?, proxy?, nic? }',
    },
  },
  examples: [
    'plimsoll lab up',
    'plimsoll lab up kafka --version 3.9.2 --brokers 3',
    'plimsoll lab up kafka --nic 50mbit',
    'plimsoll lab up rocketmq --mode dledger --version 4.9.7',
  ],

  async run(io) {
    const { options, stdout, stderr, signal, clock, environment } = io;
    const request = readRequest(io);
    const progress = progressLine(stderr);
    try {
      const lab = await startLab(request, { signal, clock, environment, progress: progress.show });
      progress.clear();
      stdout.write(options['json'] === true ? renderJson(lab) : renderText(lab, options['state-dir']));
    } finally {
      progress.clear();
    }
    return exitCodes.answered;
  },
} satisfies Command;

const productOptions = {
  kafka: ['brokers', 'listener', 'jmx'],
  rocketmq: ['mode', 'name-servers', 'acl', 'tls'],
} as const satisfies ByKind<readonly string[]>;

function readRequest(io: CommandIo): LabRequest {
  const { options, environment } = io;
  const product = readProduct(io.positionals);
  refuseForeign(product, options);
  const nic = readNic(options['nic']);
  const site: Omit<LabSite, 'version'> = {
    ...(nic !== undefined && { nic }),
    directory: labDirectory(io),
    cache: join(cacheFolder(environment), 'lab'),
  };
  const version = options['version'];
  return requests[product](options, { ...site, ...(typeof version === 'string' && { version }) });
}

type Site = Omit<LabSite, 'version'> & Partial<Pick<LabSite, 'version'>>;

const requests: ByKind<(options: CommandIo['options'], site: Site) => LabRequest> = {
  kafka(options, site) {
    const listener = readChoice('listener', options['listener'], kafkaListenerNames);
    const jmx = readChoice('jmx', options['jmx'], jmxAgentNames);
    return {
      product: 'kafka',
      version: defaultKafkaVersion,
      ...site,
      brokers: readChoice('brokers', options['brokers'], ['1', '3']) === '3' ? 3 : 1,
      ...(listener && { listener }),
      ...(jmx && { jmx }),
    };
  },
  rocketmq: (options, site) => ({
    product: 'rocketmq',
    version: defaultRocketmqVersion,
    ...site,
    mode: readChoice('mode', options['mode'], rocketmqModeNames) ?? 'single',
    nameServers: readChoice('name-servers', options['name-servers'], ['1', '2']) === '2' ? 2 : 1,
    acl: options['acl'] === true,
    tls: options['tls'] === true,
  }),
};

function readProduct(positionals: readonly string[]): BrokerKind {
  const [word = 'kafka', ...more] = positionals;
  if (isBrokerKind(word) && more.length === 0) return word;
  throw new AppError('usage', `\`plimsoll lab up\` runs kafka or rocketmq, and not ${positionals.join(' ')}`, {
    hint: `write \`plimsoll lab up ${nearest(word, brokerKinds) ?? 'kafka'}\``,
  });
}

function refuseForeign(product: BrokerKind, options: CommandIo['options']): void {
  for (const other of brokerKinds.filter((kind) => kind !== product)) {
    const foreign = productOptions[other].find((name) => options[name] !== undefined && options[name] !== false);
    if (foreign === undefined) continue;
    const [otherName, name] = [other, product].map((kind) => traitsOf(kind).displayName);
    throw new AppError('usage', `--${foreign} is for ${otherName}, and this lab runs ${name}`, {
      hint: `leave it away, or write \`plimsoll lab up ${other}\``,
    });
  }
}

function readChoice<Choice extends string>(
  name: string,
  given: CommandIo['options'][string],
  choices: readonly Choice[],
): Choice | undefined {
  if (given === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === given);
  if (choice !== undefined) return choice;
  const meant = String(given).length > 2 ? nearest(String(given), choices) : undefined;
  throw new AppError('usage', `--${name} ${String(given)}: the lab knows ${choices.join(', ')}`, {
    hint: meant === undefined ? 'give one of them' : `did you mean ${meant}?`,
  });
}

function readNic(given: CommandIo['options'][string]): BitsPerSecond | undefined {
  if (given === undefined) return undefined;
  const parsed = BitRate.safeParse(given);
  if (!parsed.success) throw new AppError('usage', `--nic: ${parsed.error.issues[0]?.message ?? 'no speed'}`);
  if (parsed.data < slowestNic)
    throw new AppError('usage', `--nic ${String(given)} is too slow for a broker; give at least 1mbit`);
  return parsed.data;
}

function renderJson({ product, version, configPath, brokers, nameServers, proxy, nic }: Lab): string {
  const document = {
    schemaVersion: 1,
    product,
    version,
    config: configPath,
    brokers: brokers.map(({ id, address }) => ({ id, address })),
    ...(nameServers && { nameServers }),
    ...(proxy && { proxy }),
    ...(nic && { nic }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function renderText(
  { product, version, configPath, brokers, nameServers, proxy, nic }: Lab,
  stateDirectory: CommandIo['options'][string],
): string {
  const where = typeof stateDirectory === 'string' ? ` --state-dir ${stateDirectory}` : '';
  const lines = [
    `${traitsOf(product).displayName} ${version} is ready`,
    ...brokers.map(({ id, address }) => `  broker ${id}  ${address}`),
    ...(nameServers ?? []).map((address) => `  name server  ${address}`),
    ...(proxy ? [`  proxy  ${proxy.grpc} (gRPC), ${proxy.remoting} (remoting)`] : []),
    ...(nic
      ? [`  network ${renderBitRate(bitsPerSecond(nic.bitsPerSecond))} each way, every host (${nic.source})`]
      : []),
    `config: ${configPath}`,
    `stop it with \`plimsoll lab down${where}\``,
  ];
  return `${lines.join('\n')}\n`;
}
