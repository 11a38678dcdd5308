// Renders docs/permissions.md from the tables of permissions.

import { kafkaFeatures, type KafkaFeature, type KafkaGrant } from '../brokers/kafka/permissions.ts';
import { rocketmqFeatures, type RocketmqFeature, type RocketmqGrant } from '../brokers/rocketmq/permissions.ts';

const code = (text: string) => `\`${text}\``;
const listed = (commands: readonly string[]) => commands.map(code).join(', ');

export function renderPermissionsPage(): string {
  return [
    '# Permissions',
    '',
    'Generated from `brokers/kafka/permissions.ts` and `brokers/rocketmq/permissions.ts` by `npm run update-golden`; do not edit by hand.',
    '',
    'The least permissions for each feature. Give each use of Plimsoll its own user: the exporter needs no permission that changes a cluster.',
    'Integration tests create a user with exactly the permissions of each table, use the feature, and use it again without each of them.',
    '`TOPIC` and `GROUP` stand for the topics and groups concerned, `*` for all, and `plimsoll-*` for names with that prefix.',
    '',
    ...kafkaPage(),
    ...rocketmqPage(),
  ].join('\n');
}

function kafkaPage(): string[] {
  return [
    '## Kafka ACLs',
    '',
    'Tested on 4.3.1 with `StandardAuthorizer` and SASL/PLAIN. Kafka grants Describe with Read, Write, Delete and Alter, and DescribeConfigs with',
    'AlterConfigs, so those are not listed again.',
    '',
    'Where a permission is missing, the error names it: `CLUSTER_AUTHORIZATION_FAILED, needs Alter on the cluster`. If Kafka checks an',
    'operation first that the missing one would grant, the error names that operation. Topics and groups that a user may not see are *left out*:',
    'Kafka lists the others and reports no error.',
    '',
    'Every change also needs the [lease of changes](#lease-of-changes). Its tables include these permissions.',
    '',
    ...Object.values(kafkaFeatures).flatMap(kafkaSection),
    '### Granting',
    '',
    'One line of a table is one command:',
    '',
    '    kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal User:plimsoll --operation Describe --cluster',
    "    kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal User:plimsoll --operation Describe --topic '*'",
    '    kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal User:plimsoll --operation Write --topic plimsoll- --resource-pattern-type prefixed',
    '',
  ];
}

const rowOfKafka = ({ resource, name, operation, use, without }: KafkaGrant) =>
  `| ${resource === 'cluster' ? 'cluster' : `${resource} ${code(name)}`} | ${operation} | ${use} | ${without === 'refused' ? 'an error' : 'left out'} |`;

const kafkaSection = ({ title, commands, grants }: KafkaFeature): string[] => [
  `### ${title}`,
  '',
  `${listed(commands)}.`,
  '',
  ...(title === kafkaFeatures.retention.title ? ['In addition to those of a reassignment:', ''] : []),
  '| resource | operation | used to | without it |',
  '| --- | --- | --- | --- |',
  ...grants.map(rowOfKafka),
  '',
];

function rocketmqPage(): string[] {
  return [
    '## RocketMQ permissions',
    '',
    'ACL 2.0 (5.3 and later; tested on 5.3.3) checks a user, a resource and an action. ACL 1.0 (`plain_acl.yml` of 4.x; from its source, 4.9.7) checks topics,',
    'groups and `admin`. Name servers check nothing, so the [lease](change-lease.md) needs no permission, and anybody who reaches a name server can remove it.',
    '',
    'Some requests need an account but no permission: reading the settings of a broker, its topics, its groups and all committed offsets.',
    'In 5.3.3 these include changes of broker settings and of consumer groups, which any user of the cluster may send.',
    '',
    'Where a permission is missing, the error names it: `needs GET on topic orders`.',
    '',
    'The other changes of `ops rocketmq` (scale-out, scale-in, name servers, switch, drill) are not listed: run them as a',
    'super user, in 4.x with `admin: true`.',
    '',
    ...Object.values(rocketmqFeatures).flatMap((feature) => rocketmqSection(feature)),
    '### Granting in 5.x',
    '',
    '    mqadmin createUser -n HOST:PORT -c CLUSTER -u plimsoll -p SECRET',
    "    mqadmin createAcl -n HOST:PORT -c CLUSTER -s User:plimsoll -r 'Topic:*,Group:*,Cluster:*' -a Get -d Allow",
    '',
  ];
}

const rowOfRocketmq = ({ resource, name, action, use }: RocketmqGrant) =>
  `| ${resource} ${code(name)} | ${action} | ${use} |`;

const rocketmqSection = ({ title, commands, grants, plain }: RocketmqFeature): string[] => [
  `### ${title} (RocketMQ)`,
  '',
  `${listed(commands)}.`,
  '',
  ...(grants.length === 0
    ? ['A user of the cluster, without a permission.', '']
    : ['| resource | action | used to |', '| --- | --- | --- |', ...grants.map(rowOfRocketmq), '']),
  `In \`plain_acl.yml\` of 4.x: ${plainText(plain)}.`,
  '',
];

function plainText({ admin, topicPerms = [], groupPerms = [] }: RocketmqFeature['plain']): string {
  if (admin === true) return '`admin: true`';
  const lists = [
    ...(topicPerms.length > 0 ? [`\`topicPerms: [${topicPerms.join(', ')}]\``] : []),
    ...(groupPerms.length > 0 ? [`\`groupPerms: [${groupPerms.join(', ')}]\``] : []),
  ];
  return lists.length === 0 ? 'an account, without a permission' : lists.join(' and ');
}
