// Starts a real broker on this machine for tests.

import { join } from 'node:path';
import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import { brokerKinds, isBrokerKind, type BrokerKind } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { BitRate } from '../../core/text/quantity.ts';
import { bitsPerSecond } from '../../core/units.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { jmxAgentNames } from '../../lab/kafka/jmx-agent.ts';
import { kafkaListenerNames } from '../../lab/kafka/listener.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { renderBitRate, type LabSite } from '../../lab/planned-lab.ts';
import { rocketmqModeNames, type NameServerCount } from '../../lab/rocketmq/mode.ts';
import { defaultRocketmqVersion } from '../../lab/rocketmq/release.ts';
import { type Lab, type LabRequest, startLab } from '../../lab/start-lab.ts';
import {
  choice,
  type CommandIo,
  defineCommand,
  flag,
  type IoOf,
  isGiven,
  option,
  printDocument,
  text,
} from '../command.ts';
import { labDirectory, stateDirectoryOption } from '../options.ts';
import { progressLine } from '../progress-bar.ts';

/** Below it even heartbeats of brokers hardly get through. */
const slowestNic = bitsPerSecond(1e6);

const labUpOptions = {
  version: text(
    'V',
    `Kafka ${defaultKafkaVersion} (default), 3.9.2, 2.8.2, any other release; RocketMQ ${defaultRocketmqVersion} (default), 5.5.0, 4.9.7`,
  ),
  brokers: option('N', 'Kafka: number of brokers, 1 or 3 (default 1)', choice(['1', '3']).optional()),
  listener: option(
    'L',
    `Kafka: security of the client listener: ${kafkaListenerNames.join(', ')} (default: none)`,
    choice(kafkaListenerNames).optional(),
  ),
  jmx: option(
    'AGENT',
    `Kafka: expose JMX beans over HTTP with ${jmxAgentNames.join(' or ')}`,
    choice(jmxAgentNames).optional(),
  ),
  mode: option('M', `RocketMQ: ${rocketmqModeNames.join(', ')} (default single)`, choice(rocketmqModeNames).optional()),
  groups: option(
    'N',
    'RocketMQ: number of groups, each with the brokers of the mode, 1 or 2 (default 1)',
    choice(['1', '2']).optional(),
  ),
  'name-servers': option(
    'N',
    'RocketMQ: number of name servers, 1 to 3 (default 1)',
    choice(['1', '2', '3']).optional(),
  ),
  acl: flag('RocketMQ: accept only requests signed with an access key'),
  tls: flag('RocketMQ: every process speaks TLS only'),
  nic: option(
    'SPEED',
    'give each host and the load generator a network card of this speed, such as 50mbit (Linux, root)',
    BitRate.refine((speed) => speed >= slowestNic, {
      error: 'too slow for a broker; give at least 1mbit',
    }).optional(),
  ),
  'state-dir': stateDirectoryOption,
  json: flag(
    'print one JSON document: { schemaVersion, product, version, config, brokers, nameServers?, proxy?, nic? }',
  ),
};

type LabUpIo = IoOf<typeof labUpOptions>;

export const labUpCommand = defineCommand({
  positionals: '[kafka|rocketmq]',
  options: labUpOptions,
  examples: [
    'plimsoll lab up',
    'plimsoll lab up kafka --version 3.9.2 --brokers 3',
    'plimsoll lab up kafka --nic 50mbit',
    'plimsoll lab up rocketmq --mode dledger --version 4.9.7',
    'plimsoll lab up rocketmq --mode dledger --groups 2 --name-servers 3',
  ],

  async run(io) {
    const { options, stderr, signal, clock, environment } = io;
    const request = readRequest(io);
    const progress = progressLine(stderr);
    const starting = startLab(request, { signal, clock, environment, progress: progress.show });
    const lab = await starting.finally(progress.clear);
    printDocument(io, documentOf(lab), () => renderText(lab, options['state-dir']));
  },
});

const productOptions = {
  kafka: ['brokers', 'listener', 'jmx'],
  rocketmq: ['mode', 'groups', 'name-servers', 'acl', 'tls'],
} as const satisfies ByKind<readonly string[]>;

function readRequest(io: LabUpIo): LabRequest {
  const { options, environment } = io;
  const product = readProduct(io.positionals);
  refuseForeign(product, options);
  const { nic } = options;
  const site: Omit<LabSite, 'version'> = {
    ...(nic !== undefined && { nic }),
    directory: labDirectory(io),
    cache: join(cacheFolder(environment), 'lab'),
  };
  return requests[product](options, { ...site, ...(options.version !== undefined && { version: options.version }) });
}

type Site = Omit<LabSite, 'version'> & Partial<Pick<LabSite, 'version'>>;

const requests: ByKind<(options: LabUpIo['options'], site: Site) => LabRequest> = {
  kafka: ({ brokers, listener, jmx }, site) => ({
    product: 'kafka',
    version: defaultKafkaVersion,
    ...site,
    brokers: brokers === '3' ? 3 : 1,
    ...defined({ listener, jmx }),
  }),
  rocketmq: ({ mode = 'single', groups, 'name-servers': nameServers = '1', acl, tls }, site) => ({
    product: 'rocketmq',
    version: defaultRocketmqVersion,
    ...site,
    mode,
    nameServers: Number(nameServers) as NameServerCount,
    ...(groups === '2' && { groups: 2 }),
    acl,
    tls,
  }),
};

function readProduct(positionals: readonly string[]): BrokerKind {
  const [word = 'kafka', ...more] = positionals;
  if (isBrokerKind(word) && more.length === 0) return word;
  throw new AppError('usage', `\`plimsoll lab up\` runs kafka or rocketmq, and not ${positionals.join(' ')}`, {
    hint: `write \`plimsoll lab up ${nearest(word, brokerKinds) ?? 'kafka'}\``,
  });
}

function refuseForeign(product: BrokerKind, options: LabUpIo['options']): void {
  for (const other of brokerKinds.filter((kind) => kind !== product)) {
    const foreign = productOptions[other].find((name) => isGiven(options[name]));
    if (foreign === undefined) continue;
    const [otherName, name] = [other, product].map((kind) => traitsOf(kind).displayName);
    throw new AppError('usage', `--${foreign} is for ${otherName}, and this lab runs ${name}`, {
      hint: `omit it, or write \`plimsoll lab up ${other}\``,
    });
  }
}

function documentOf({ product, version, configPath, brokers, nameServers, proxy, nic }: Lab): object {
  return {
    schemaVersion: 1,
    product,
    version,
    config: configPath,
    brokers: brokers.map(({ id, address }) => ({ id, address })),
    ...defined({ nameServers, proxy, nic }),
  };
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
      ? [
          `  network ${renderBitRate(bitsPerSecond(nic.bitsPerSecond))} each way, every host (${nic.source})`,
          '  enter it with `ip netns exec NAMESPACE plimsoll …`; NAMESPACE is loadgen.networkNamespace of the config',
        ]
      : []),
    `config: ${configPath}`,
    `stop it with \`plimsoll lab down${where}\``,
  ];
  return `${lines.join('\n')}\n`;
}
