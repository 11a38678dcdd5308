// Defines site.yaml: where the instances of planned or written-down clusters are installed, and from what.

import { z } from 'zod';
import { Duration, Size } from '../text/quantity.ts';
import { seconds } from '../clock.ts';
import { modes } from '../wire/cluster-load.ts';
import { Distribution, PlainPath, UserName } from './instances.ts';
import { ofKind } from './values.ts';

const Name = z.string().regex(/^[A-Za-z0-9_][\w.-]{0,99}$/, 'a name consists of letters, digits and . _ -');
const Machine = Name.describe('name under `hosts` of plimsoll.yaml');
const Machines = z.array(Machine).min(1);

const SettingKey = z.string().regex(/^[A-Za-z][\w.-]{0,199}$/, 'write the name of a setting');

const hardware = {
  cores: z.number().positive().default(4).describe('cores of a host, for the number of threads'),
  memory: Size.optional().describe('memory of one instance, including the heap; default 4GiB'),
  retention: Duration.default(seconds(259_200)).describe('retention of messages'),
  loss: z
    .enum(['may-lose', 'acknowledged', 'never'])
    .default('acknowledged')
    .describe('may-lose: asynchronous replication; acknowledged: synchronous; never: and flushed to disk'),
  settings: z
    .record(SettingKey, z.union([z.string().regex(/^[^\0\n]*$/), z.number(), z.boolean()]))
    .optional()
    .describe('settings of its brokers, which extend or override the rendered ones, such as { num.io.threads: 16 }'),
};

const RocketmqLayout = z.strictObject({
  broker: z.literal('rocketmq'),
  mode: z.enum(modes.rocketmq),
  nameServers: Machines,
  controllers: Machines.optional().describe('with mode controller'),
  groups: z
    .record(Name, Machines)
    .describe('hosts of each brokerName; with mode master-slave the first is the master, the others are slaves'),
  ...hardware,
});

const KafkaLayout = z
  .strictObject({
    broker: z.literal('kafka'),
    controllers: Machines.optional().describe('Kafka with KRaft'),
    zookeepers: Machines.refine((machines) => [1, 3, 5].includes(machines.length), {
      error: 'name 1, 3 or 5 hosts: with one more server, ZooKeeper does not survive more failures',
    })
      .optional()
      .describe('instead of `controllers`: Kafka before 4.0 with ZooKeeper; 1, 3 or 5 hosts'),
    brokers: Machines,
    replicas: z.int().min(1).max(9).default(3),
    ...hardware,
  })
  .refine(({ controllers, zookeepers }) => (controllers === undefined) !== (zookeepers === undefined), {
    path: ['controllers'],
    error: 'name the hosts of either `controllers` (Kafka with KRaft) or `zookeepers` (Kafka before 4.0)',
  });

export const ClusterLayout = z.discriminatedUnion('broker', [RocketmqLayout, KafkaLayout]);
export type ClusterLayout = z.output<typeof ClusterLayout>;

const Supervisor = z.discriminatedUnion('kind', [
  ofKind('supervisord', {
    config: PlainPath.optional().describe(
      'configuration file of supervisord; default: the one that supervisorctl finds',
    ),
    programs: PlainPath.default('/etc/supervisor/conf.d').describe('folder of its [include]; files end in .conf'),
  }),
  ofKind('systemd', { units: PlainPath.default('/etc/systemd/system') }),
]);

export const SiteFile = z
  .strictObject({
    schemaVersion: z.literal(1),
    distributions: z.record(Name, Distribution),
    versions: z
      .strictObject({ kafka: Name.optional(), rocketmq: Name.optional() })
      .describe('distribution to install: a name under `distributions`'),
    supervisor: Supervisor,
    sudo: z.boolean().default(false).describe('use `sudo -n` to write files and to control services'),
    user: UserName.optional().describe('user of the brokers; default: the login user'),
    java: PlainPath.describe('home of Java on the hosts'),
    folders: z
      .strictObject({
        programs: PlainPath.default('/opt/message-brokers'),
        settings: PlainPath.default('/etc/message-brokers'),
        data: PlainPath.default('/data/message-brokers'),
        logs: PlainPath.default('/var/log/message-brokers'),
      })
      .prefault({})
      .describe('each instance has a separate folder below these'),
    memory: Size.optional().describe(
      'memory of one instance; default: that of the planned shape, shared by the instances on a host',
    ),
    machines: z
      .record(
        Name,
        z.strictObject({
          host: Machine.optional().describe('host for a planned host; default: the host of the same name'),
          address: z
            .string()
            .regex(/^[A-Za-z0-9][\w.-]{0,252}$/, 'write a host name without a port; the SSH port belongs under `hosts`')
            .optional()
            .describe('address for brokers and clients; default: its name'),
        }),
      )
      .default({})
      .describe('by the name of a planned host or of a host of plimsoll.yaml'),
    clusters: z.record(Name, ClusterLayout).default({}).describe('clusters without a plan'),
  })
  .meta({ title: 'site.yaml', description: 'Hosts and distributions for the installation of clusters.' });
export type SiteFile = z.output<typeof SiteFile>;
