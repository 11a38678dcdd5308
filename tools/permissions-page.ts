// Renders docs/reference/permissions.md, and the purpose of each permission as data, from the tables of permissions.

import { kafkaFeatures, type KafkaFeature, type KafkaGrant } from '../brokers/kafka/permissions.ts';
import { rocketmqFeatures, type RocketmqFeature, type RocketmqGrant } from '../brokers/rocketmq/permissions.ts';
import { formatJson } from './format-json.ts';

const code = (text: string) => `\`${text}\``;

/** Some commands also need the permissions of other features, which the page identifies by a command. */
const byFeature: readonly (readonly [RegExp, string])[] = [
  [/Monitoring/, code('exporter')],
  [/Load test/, code('run')],
  [/Reading a message/, code('get message')],
];

const listed = (commands: readonly string[]) =>
  commands
    .map((command) => {
      const [, own, also] = /^(.*) (\(and those of .*\))$/.exec(command) ?? [];
      if (own === undefined || also === undefined) return code(command);
      return `${code(own)} ${byFeature.reduce((text, [feature, name]) => text.replace(feature, name), also)}`;
    })
    .join(', ');

export function renderPermissionsPage(): string {
  return [
    '# Permissions',
    '',
    'Generated from `brokers/kafka/permissions.ts` and `brokers/rocketmq/permissions.ts` by `npm run update-golden`; do not edit by hand.',
    '',
    'The least permissions of each command, tested. [permissions.json](data/permissions.json) has their purposes.',
    'Give each use a separate user: the exporter changes nothing. Service roles: [service.md](../explanation/service.md#roles-per-cluster).',
    '',
    '`TOPIC` and `GROUP` are those concerned, `*` all, `plimsoll-*` a prefix.',
    '',
    ...kafkaPage(),
    ...rocketmqPage(),
  ].join('\n');
}

/** Renders docs/reference/data/permissions.json: each feature with its permissions and their purpose. */
export function renderPermissionsDocument(): Promise<string> {
  const document = {
    schemaVersion: 1,
    kafka: Object.values(kafkaFeatures),
    rocketmq: Object.values(rocketmqFeatures),
  };
  return formatJson(document);
}

function kafkaPage(): string[] {
  return [
    '## Kafka ACLs',
    '',
    'Tested on 4.3.1 with `StandardAuthorizer` and SASL/PLAIN. Read, Write, Delete and Alter include Describe; AlterConfigs includes',
    'DescribeConfigs.',
    '',
    'The error names a missing permission: `CLUSTER_AUTHORIZATION_FAILED, needs Alter on the cluster`. *Left out*: no error; Kafka lists only',
    'what the user may see. `receive --commit` and everything after',
    `${code(kafkaFeatures.lease.commands[0] ?? '')} also need the permissions of that line.`,
    '',
    ...Object.values(kafkaFeatures).map(kafkaLine),
    '',
    'Granting:',
    '',
    '    kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal User:plimsoll --operation Describe --cluster',
    "    kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal User:plimsoll --operation Describe --topic '*'",
    '    kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal User:plimsoll --operation Write --topic plimsoll- --resource-pattern-type prefixed',
    '',
  ];
}

/** Returns each resource once, with all operations needed on it. */
const grantsOf = <Grant>(
  grants: readonly Grant[],
  resourceOf: (grant: Grant) => string,
  operationOf: (grant: Grant) => string,
) =>
  [...Map.groupBy(grants, resourceOf)]
    .map(([resource, each]) => `${resource} ${each.map(operationOf).join(', ')}`)
    .join('; ');

const grantsOfKafka = (grants: readonly KafkaGrant[]) =>
  grantsOf(
    grants,
    ({ resource, name }) => (resource === 'cluster' ? 'cluster' : `${resource} ${code(name)}`),
    ({ operation, without }) => `${operation}${without === 'refused' ? '' : ' (*left out*)'}`,
  );

function kafkaLine(feature: KafkaFeature): string {
  const { title, commands, grants } = feature;
  const included = includedIn(feature, Object.values(kafkaFeatures));
  const others = grants.filter((grant) => !included.some((other) => other.grants.includes(grant)));
  const named = included.filter((other) => other !== kafkaFeatures.lease);
  const also = [...(title === kafkaFeatures.retention.title ? [kafkaFeatures.reassign] : []), ...named].map((other) =>
    code(other.commands[0] ?? ''),
  );
  return `- ${listed(commands)}: ${grantsOfKafka(others)}${also.length === 0 ? '' : `; and those of ${also.join(', ')}`}`;
}

/** @returns features with permissions that are all part of this feature's permissions */
const includedIn = (feature: KafkaFeature, all: readonly KafkaFeature[]) =>
  all.filter(
    (other) =>
      other.grants.length < feature.grants.length &&
      other.grants.length > 1 &&
      other.grants.every((grant) => feature.grants.includes(grant)),
  );

function rocketmqPage(): string[] {
  return [
    '## RocketMQ permissions',
    '',
    'ACL 2.0 (5.3 and later; tested on 5.3.3) checks user, resource and action. ACL 1.0 (`plain_acl.yml` of 4.x; from its source, 4.9.7) checks topics,',
    'groups and `admin`; lines without *4.x* need an account only. The error names a missing permission: `needs GET on topic orders`.',
    '',
    'Any account may read settings, topics, groups and committed offsets, and in 5.3.3 change broker settings and consumer groups.',
    'Name servers check nothing: anybody who reaches one can remove the [lease](../changes/change-lease.md).',
    'A POP retry topic is group `GROUP_TOPIC` (`GROUP+TOPIC` with `enableRetryTopicV2`).',
    '',
    'Create users on every member (`-b HOST:PORT`), and on a new one before a scale-out.',
    '',
    ...Object.values(rocketmqFeatures).map((feature) => rocketmqLine(feature)),
    '',
    'Granting in 5.x:',
    '',
    '    mqadmin createUser -n HOST:PORT -c CLUSTER -u plimsoll -p SECRET',
    "    mqadmin createAcl -n HOST:PORT -c CLUSTER -s User:plimsoll -r 'Topic:*,Group:*,Cluster:*' -a Get -d Allow",
    '',
  ];
}

const grantsOfRocketmq = (grants: readonly RocketmqGrant[]) =>
  grantsOf(
    grants,
    ({ resource, name }) => `${resource} ${code(name)}`,
    ({ action }) => action,
  );

function rocketmqLine({ commands, grants, plain }: RocketmqFeature): string {
  const ofPlain = plainText(plain);
  const needed = grants.length === 0 ? 'an account' : grantsOfRocketmq(grants);
  return `- ${listed(commands)}: ${needed}${ofPlain === undefined ? '' : `. *4.x*: ${ofPlain}`}`;
}

function plainText({ admin, topicPerms = [], groupPerms = [] }: RocketmqFeature['plain']): string | undefined {
  if (admin === true) return '`admin: true`';
  const lists = [
    ...(topicPerms.length > 0 ? [`\`topicPerms: [${topicPerms.join(', ')}]\``] : []),
    ...(groupPerms.length > 0 ? [`\`groupPerms: [${groupPerms.join(', ')}]\``] : []),
  ];
  return lists.length === 0 ? undefined : lists.join(' and ');
}
