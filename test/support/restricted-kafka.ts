// Runs a Kafka with an authorizer, and one principal for each list of grants.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAclsV3, type Acl } from '@platformatic/kafka';
import { stringify } from 'yaml';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import type { KafkaGrant } from '../../brokers/kafka/permissions.ts';
import { createConnections } from '../../brokers/kafka/wire/connections.ts';
import { ask } from '../../brokers/kafka/wire/ask.ts';
import { freePorts } from '../../lab/free-port.ts';
import { startKafka } from './kafka.ts';

export interface Principal {
  name: string;
  grants: readonly KafkaGrant[];
  /** Placeholders for topic and group in grants. */
  topic: string;
  group: string;
}

export type RestrictedKafka = Awaited<ReturnType<typeof restrictedKafka>>;

const password = 'not-a-secret';
const listener = 'listener.name.restricted';
const patience = { connectMs: 5000, requestMs: 20_000 };
const brokers = 3;

/** Finds three ports that differ in their last digit, which is the broker id. */
async function listenerPorts(): Promise<number> {
  const [port = 0] = await freePorts(1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  return Math.ceil(port / 10);
}

export async function restrictedKafka(principals: readonly Principal[]) {
  const prefix = await listenerPorts();
  const users = principals.map(({ name }) => `user_${name}="${password}"`).join(' ');
  const kafka = await startKafka({
    brokers,
    properties: {
      listeners: `RESTRICTED://127.0.0.1:${prefix}{id}`,
      'listener.security.protocol.map': 'RESTRICTED:SASL_PLAINTEXT',
      [`${listener}.sasl.enabled.mechanisms`]: 'PLAIN',
      [`${listener}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required ${users};`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Brokers, controllers and the test itself connect without a password.
      'super.users': 'User:ANONYMOUS',
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-permissions-'));
  const io = () => ({ signal: AbortSignal.timeout(60_000) });
  const open = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  process.env['PLIMSOLL_TEST_PASSWORD'] = password;
  await grant(open, principals, io());
  await using inspector = await kafkaDriver.inspect('lab', open, io());
  const clusterId = (await inspector.describe(io())).clusterId ?? '';
  const bootstrap = [1, 2, 3].map((id) => `127.0.0.1:${prefix}${id}`);
  const clusterOf = ({ name }: Pick<Principal, 'name'>) => ({
    broker: 'kafka',
    bootstrap,
    clusterId,
    sasl: { mechanism: 'plain', username: name, password: '${env:PLIMSOLL_TEST_PASSWORD}' },
  });
  return {
    folder,
    clusterId,
    /** Config of a super user. */
    open,
    configOf: (principal: Pick<Principal, 'name'>) => KafkaClusterConfig.parse(clusterOf(principal)),
    /** @returns the path of a config file */
    async writeConfig(principal: Pick<Principal, 'name'>, more: object = {}): Promise<string> {
      const path = join(folder, `${principal.name}.yaml`);
      await writeFile(path, stringify({ clusters: { lab: { ...clusterOf(principal), ...more } } }));
      return path;
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true });
      await kafka[Symbol.asyncDispose]();
    },
  };
}

const resourceTypes = { topic: 2, group: 3, cluster: 4, 'transactional id': 5 } as const;
const [literal, prefixed] = [3, 4] as const;
const allow = 3;
const operations = {
  Read: 3,
  Write: 4,
  Create: 5,
  Delete: 6,
  Alter: 7,
  Describe: 8,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12,
} as const satisfies Record<KafkaGrant['operation'], number>;

async function grant(config: KafkaClusterConfig, principals: readonly Principal[], io: { signal: AbortSignal }) {
  await using connections = createConnections('lab', config, patience);
  const { connection, address } = await connections.bootstrap(io);
  await ask(connection, { action: 'create ACLs', address }, io, createAclsV3.api, principals.flatMap(aclsOf));
}

function aclsOf({ name: user, grants, topic, group }: Principal): Acl[] {
  return grants.map(({ resource, name, operation }) => {
    const isPrefix = name.length > 1 && name.endsWith('*');
    return {
      resourceType: resourceTypes[resource],
      resourceName: isPrefix ? name.slice(0, -1) : name.replace('TOPIC', topic).replace('GROUP', group),
      resourcePatternType: isPrefix ? prefixed : literal,
      principal: `User:${user}`,
      host: '*',
      operation: operations[operation],
      permissionType: allow,
    };
  });
}
