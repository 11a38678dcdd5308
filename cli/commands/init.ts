// Implements `plimsoll init`: reads a running cluster, and writes a config with comments.

import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverOf } from '../../brokers/registry.ts';
import { ClusterConfig, ClusterName } from '../../brokers/config.ts';
import { refusalIn } from '../../brokers/broker-answers.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import { brokerKinds, type BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { typedAddresses } from '../../app/observe/named-cluster.ts';
import { defineCommand, flag, type OptionValues, text } from '../command.ts';
import { defaultConfigFile } from '../../app/config/config-file.ts';
import { renderDiscoveredConfig, type Discovered } from '../../app/observe/discovered-config.ts';
import { checkProposal, writeProposal } from '../proposed-file.ts';

const schemaFile = fileURLToPath(new URL('../../docs/schema/config.schema.json', import.meta.url));

const initOptions = {
  bootstrap: text('HOST:PORT', 'a Kafka broker; separate several with commas'),
  namesrv: text('HOST:PORT', 'a RocketMQ name server; separate several with commas'),
  name: text('NAME', `name of the cluster in the config file (default ${brokerKinds.join(' or ')})`),
  out: text('FILE', `file to write (default ${defaultConfigFile}; - for standard output)`),
  force: flag('overwrite an existing file'),
  tls: flag('connect with TLS, if a public certificate authority signed the certificates'),
  'tls-ca': text('FILE', 'connect with TLS; PEM file of the certificate authority of the brokers'),
  username: text('USER', 'SASL user'),
  'password-env': text('NAME', 'environment variable that holds the SASL password'),
  mechanism: text('M', 'SASL mechanism: plain, scram-sha-256 or scram-sha-512 (default scram-sha-512)'),
  'access-key': text('KEY', 'RocketMQ access key, if the brokers require one'),
  'secret-key-env': text('NAME', 'environment variable that holds the secret key'),
  json: flag('print one JSON document: the path written and the cluster found'),
};

type InitOptions = OptionValues<typeof initOptions>;
type TextOption = { [Name in keyof InitOptions]: InitOptions[Name] extends boolean ? never : Name }[keyof InitOptions];

export const initCommand = defineCommand({
  options: initOptions,
  examples: [
    'plimsoll init --bootstrap broker-1:9092',
    'plimsoll init --bootstrap 10.0.0.5:9092,10.0.0.6:9092 --name orders --out orders.yaml',
    'plimsoll init --namesrv 10.0.0.5:9876,10.0.0.6:9876 --name trade',
    'KAFKA_PASSWORD=… plimsoll init --bootstrap broker-1:9094 --tls-ca ca.pem --username monitor --password-env KAFKA_PASSWORD',
  ],

  async run(io) {
    const { options, stderr, signal } = io;
    const out = options.out ?? defaultConfigFile;
    checkProposal(out, options);
    const target = readTarget(options);
    const config = clusterConfigOf(target);
    const name = options.name ?? config.broker;
    const misnamed = ClusterName.safeParse(name).error?.issues[0];
    if (misnamed !== undefined) throw new AppError('usage', `--name: ${misnamed.message}`);
    await using inspector = await inspected(name, config, { signal });
    const cluster = await inspector.describe({ signal });
    await checkLogin(inspector, cluster.kind, { signal });

    const folder = out === '-' ? process.cwd() : dirname(resolve(out));
    const text = renderDiscoveredConfig({
      cluster,
      ...target,
      ...(existsSync(schemaFile) && { schema: relative(folder, schemaFile) }),
    });
    if (await writeProposal(io, out, text, { config: out, cluster })) {
      stderr.write(
        `${cluster.brokers.length} broker${cluster.brokers.length === 1 ? '' : 's'} found. Check the mapping of brokers to hosts in the file, then: plimsoll config check --config ${out}\n`,
      );
    }
  },
});

type Target = Pick<Discovered, 'addresses' | 'tls' | 'sasl' | 'credentials'> & { broker: BrokerKind };

/** @throws AppError usage */
function readTarget(options: InitOptions): Target {
  const addressesOf = (kind: BrokerKind) => typedAddresses(options[traitsOf(kind).discovery.key]);
  const [broker, another] = brokerKinds.filter((kind) => addressesOf(kind).length > 0);
  if (broker === undefined || another !== undefined) {
    const keys = brokerKinds.map((kind) => `--${traitsOf(kind).discovery.key}`);
    const answer =
      broker === undefined
        ? 'needs the address of a Kafka broker or a RocketMQ name server'
        : `reads one cluster: ${keys.join(' and ')} exclude each other`;
    throw new AppError('usage', `\`plimsoll init\` ${answer}`, {
      hint: `give ${keys.map((key) => `${key} HOST:PORT`).join(', or ')}`,
    });
  }
  const sasl = pairOf(options, 'username', 'password-env');
  const credentials = pairOf(options, 'access-key', 'secret-key-env');
  const tls = tlsOf(options);
  if (options.mechanism !== undefined && sasl === undefined) {
    throw new AppError('usage', '--mechanism needs --username', {
      hint: 'add --username and --password-env, or omit --mechanism',
    });
  }
  const { mechanism = 'scram-sha-512' } = options;
  const login = {
    ...(sasl && { sasl: { mechanism, username: sasl.first, passwordVariable: sasl.second } }),
    ...(credentials && { credentials: { accessKey: credentials.first, secretKeyVariable: credentials.second } }),
  };
  const [foreign, ...refusal] = foreignLogin[broker];
  if (login[foreign] !== undefined) throw notFor(...refusal);
  return { broker, addresses: addressesOf(broker), ...(tls && { tls }), ...login };
}

/** Login that this kind of broker does not have, with its option, the product that has it, and the option to use instead. */
const foreignLogin: ByKind<['sasl' | 'credentials', string, string, string]> = {
  kafka: ['credentials', '--access-key', 'RocketMQ', '--username'],
  rocketmq: ['sasl', '--username', 'Kafka', '--access-key'],
};

const notFor = (option: string, product: string, instead: string) =>
  new AppError('usage', `${option} is for ${product}`, { hint: `use ${instead}, or omit the option` });

function pairOf(options: InitOptions, one: TextOption, other: TextOption) {
  const [first, second] = [options[one], options[other]];
  if (first !== undefined && second !== undefined) return { first, second };
  if (first === undefined && second === undefined) return undefined;
  throw new AppError('usage', `--${one} and --${other} must be given together`);
}

/** The path is absolute, because processes in other folders read the config. */
function tlsOf({ tls, 'tls-ca': ca }: InitOptions): Target['tls'] {
  if (ca !== undefined) return { ca: resolve(ca) };
  return tls ? {} : undefined;
}

function clusterConfigOf({ broker, addresses, tls, sasl, credentials }: Target): ClusterConfig {
  const { key } = traitsOf(broker).discovery;
  const parsed = ClusterConfig.safeParse({
    broker,
    [key]: addresses,
    ...(tls && { tls }),
    ...(sasl && {
      sasl: { mechanism: sasl.mechanism, username: sasl.username, password: `\${env:${sasl.passwordVariable}}` },
    }),
    ...(credentials && {
      credentials: {
        accessKey: credentials.accessKey,
        secretKey: `\${env:${credentials.secretKeyVariable}}`,
      },
    }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = issue?.path[0] === 'sasl' ? '--mechanism' : `--${key}`;
  throw new AppError('usage', `${option}: ${issue?.message ?? 'not understood'}`);
}

/** @throws AppError of the driver, with a hint that names options, since there is no config file yet */
async function inspected(name: string, config: ClusterConfig, io: { signal: AbortSignal }) {
  try {
    return await driverOf(config).inspect(name, config, io);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const { code, message } = cause;
    const hint = tlsHints.find(({ pattern }) => pattern.test(message))?.hint;
    throw hint === undefined ? cause : new AppError(code, message, { cause, hint });
  }
}

/** Name servers list brokers without a login. @throws AppError credentials-refused if no broker accepts it */
async function checkLogin(inspector: ClusterInspector, kind: BrokerKind, io: { signal: AbortSignal }): Promise<void> {
  if (traitsOf(kind).discovery.of === 'brokers') return;
  const refusal = refusalIn((await inspector.snapshot(io, { topics: [], groups: [] })).sections);
  if (refusal?.reason === undefined) return;
  throw new AppError('credentials-refused', refusal.reason, {
    hint: 'check --access-key, --secret-key-env, and the permissions of the access key at the brokers',
  });
}

const tlsHints = [
  { pattern: /TLS file/, hint: 'give --tls-ca a PEM file that this user can read' },
  { pattern: /not speak TLS/, hint: 'omit --tls and --tls-ca, or use the port of a listener with TLS' },
  {
    pattern: /speaks TLS|tls\.ca/,
    hint: 'give --tls-ca FILE with the certificate authority of the brokers, or --tls if it is a public one',
  },
];
