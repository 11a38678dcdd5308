// Defines instances.yaml, the desired processes of a cluster, and the contract of `plimsoll instances list --json`.

import { z } from 'zod';
import type { BrokerKind } from '../cluster.ts';
import { hasNoPassword } from '../http/http-config.ts';
import { count, time } from './values.ts';

const kindsByRole = {
  'kafka-broker': 'kafka',
  'kafka-controller': 'kafka',
  'kafka-broker-controller': 'kafka',
  zookeeper: 'kafka',
  'rocketmq-master': 'rocketmq',
  'rocketmq-slave': 'rocketmq',
  'rocketmq-dledger': 'rocketmq',
  'rocketmq-replica': 'rocketmq',
  'rocketmq-container': 'rocketmq',
  'rocketmq-name-server': 'rocketmq',
  'rocketmq-controller': 'rocketmq',
  'rocketmq-proxy': 'rocketmq',
} as const satisfies Record<string, BrokerKind>;
export type InstanceRole = keyof typeof kindsByRole;

export const kindOfRole = (role: InstanceRole): BrokerKind => kindsByRole[role];

const Role = z
  .enum(Object.keys(kindsByRole) as InstanceRole[])
  .describe(
    'rocketmq-dledger: a member of a DLedger group; rocketmq-replica: a broker whose role a RocketMQ controller assigns',
  );

/** Becomes a program argument, never part of a shell line; a leading hyphen would make it an option. */
const ServiceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][\w.:@\\-]{0,199}$/,
    'a name consists of letters, digits and . : @ _ -, and does not start with -',
  );

const AbsolutePath = z
  .string()
  .regex(/^\/[^\0\n]*$/, 'write an absolute path')
  .max(4096);

const sudo = z.boolean().default(false).describe('run it with `sudo -n`, if the user of the host lacks the permission');

const Supervisord = z.strictObject({
  program: ServiceName.refine((name) => name !== 'all' && !name.endsWith(':'), {
    error: 'supervisorctl would match several programs; name one',
  }).describe('as `supervisorctl status` lists it, such as kafka or brokers:kafka'),
  config: AbsolutePath.optional().describe(
    'configuration file of supervisord; default: the one that supervisorctl finds',
  ),
  sudo,
});

export const Systemd = z.strictObject({
  unit: ServiceName.refine(
    (name) => !/\.(?:target|slice|scope|socket|mount|automount|swap|device|path|timer)$/.test(name),
    {
      error: 'not a service; name a unit such as kafka.service',
    },
  )
    // systemctl reports and the journal use the full name.
    .overwrite((name) => (name.endsWith('.service') ? name : `${name}.service`))
    .describe('such as kafka.service'),
  sudo,
});
export type Systemd = z.output<typeof Systemd>;

/** Contains no blanks, since supervisord and systemd split command lines at blanks. */
export const PlainPath = z
  .string()
  .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[\w.@+-]+)+$/, 'write an absolute path of letters, digits and . _ @ + -, without ..')
  .max(1024);

/** Relative to the folder of instances.yaml. */
const FileBeside = z
  .string()
  .regex(
    /^(?!\.{1,2}(?:\/|$))[^/\\\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*$/,
    'write a path below the folder of this file',
  )
  .max(1024);

export const UserName = z.string().regex(/^[a-z_][\w-]{0,31}$/, 'write the name of a user of the host');

export const isRemote = (archive: string): boolean => archive.includes('://');

export const Distribution = z
  .strictObject({
    archive: z
      .string()
      .min(1)
      .max(4096)
      .refine(
        (archive) => !isRemote(archive) || (/^https?:/i.test(archive) && hasNoPassword(archive)),
        'write an http or https URL without user and password, or download the archive by hand and give its path',
      )
      .describe(
        '.tar.gz, .tgz or .zip with one folder in it: a path relative to this file, an absolute path, or an https URL',
      ),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'write 64 hexadecimal digits')
      .optional(),
    sha512: z
      .string()
      .regex(/^[0-9a-f]{128}$/i, 'write 128 hexadecimal digits')
      .optional()
      .describe('as the download page of Apache lists it'),
  })
  .refine(({ sha256, sha512 }) => (sha256 === undefined) !== (sha512 === undefined), {
    path: ['sha512'],
    message: 'give either sha512 or sha256 of the archive',
  });
export type Distribution = z.output<typeof Distribution>;

export const Installation = z.strictObject({
  distribution: ServiceName.describe('name under `distributions`; change it and run `instances upgrade`'),
  home: PlainPath.describe('folder of this instance on the host; its link `current` names the version in use'),
  releases: PlainPath.optional().describe('folder of the unpacked versions; default: `releases` beside home'),
  user: UserName.optional().describe('owner of data, logs and settings; default: the login user'),
  sudo: sudo.describe('write with `sudo -n`, if the user of the host lacks the permission'),
  files: z
    .record(PlainPath, FileBeside)
    .default({})
    .describe('settings and service: path on the host, and the file below the folder of this file'),
  folders: z.array(PlainPath).default([]).describe('further directories to create, such as that of its logs'),
  clusterId: z
    .string()
    .regex(/^[A-Za-z0-9_][\w-]{0,63}$/)
    .optional()
    .describe(
      'Kafka: its directories are formatted with this id; ZooKeeper: it gets this id before the first broker starts',
    ),
});
export type Installation = z.output<typeof Installation>;

export const DesiredInstance = z
  .strictObject({
    cluster: z.string().min(1).max(249).describe('name under `clusters`'),
    host: z.string().min(1).max(249).describe('name of its host under `hosts`'),
    role: Role,
    desired: z.enum(['running', 'stopped']).default('running'),
    supervisord: Supervisord.optional().describe(
      'supervisor that starts it; without supervisord or systemd it is only shown',
    ),
    systemd: Systemd.optional(),
    broker: z
      .string()
      .min(1)
      .optional()
      .describe('node id of Kafka, brokerName:brokerId of RocketMQ, or myid of ZooKeeper'),
    port: z.int().min(1).max(65_535).optional().describe('where clients connect'),
    settings: AbsolutePath.optional().describe('its settings file, such as server.properties or broker.conf'),
    directories: z.array(AbsolutePath).default([]).describe('where it stores data'),
    java: AbsolutePath.optional().describe('home of its Java; default: the java of the user of the host'),
    failureDomain: z
      .string()
      .min(1)
      .max(249)
      .optional()
      .describe('fault domain, such as a rack; `roll` restarts one at a time. Default: the host'),
    install: Installation.optional().describe('needed by `instances install`, `upgrade`, `reconfigure` and `remove`'),
  })
  .refine(({ supervisord, systemd }) => supervisord === undefined || systemd === undefined, {
    path: ['systemd'],
    message: 'an instance is started by supervisord or by systemd, not by both',
  });
export type DesiredInstance = z.output<typeof DesiredInstance>;

export const InstancesFile = z
  .strictObject({
    schemaVersion: z.literal(1),
    distributions: z.record(ServiceName, Distribution).optional().describe('programs by name, such as rocketmq-5.3.3'),
    instances: z.record(ServiceName, DesiredInstance).describe('by a name of your choice'),
  })
  .meta({ title: 'instances.yaml', description: 'Processes of each cluster and their desired state.' });

export const instanceStates = [
  'running',
  'starting',
  'stopping',
  'stopped',
  'crash-loop',
  'failed',
  'unknown',
] as const;
export type InstanceState = (typeof instanceStates)[number];

export const InstanceStatus = z.strictObject({
  name: z.string(),
  cluster: z.string().optional(),
  host: z.string(),
  role: Role,
  broker: z.string().optional(),
  failureDomain: z.string(),
  desired: z.enum(['running', 'stopped']).optional().describe('absent: the process is not in instances.yaml'),
  state: z
    .enum(instanceStates)
    .describe(
      'crash-loop: the supervisor keeps restarting it or has given up; failed: it ended by itself and is not restarted',
    ),
  reason: z
    .string()
    .optional()
    .describe('what the supervisor reports, why the state is unknown, or why its supervisor is not used'),
  reasonZh: z.string().optional().describe('the reason in Chinese; absent for what the supervisor reports'),
  startedBy: z.enum(['supervisord', 'systemd', 'none']).describe('none: a process without supervisor'),
  version: z.string().optional().describe('version of the broker, from its class path'),
  port: z.number().int().optional(),
  directories: z.array(z.string()),
  settings: z.string().optional(),
  pid: z.number().int().optional(),
  startedAt: time.optional(),
  restartsLastHour: count
    .optional()
    .describe('from the log of the supervisor, manual restarts included; absent if it is not readable'),
});
export type InstanceStatus = z.infer<typeof InstanceStatus>;

export const InstancesDocument = z.strictObject({
  schemaVersion: z.literal(1),
  instances: z.array(InstanceStatus),
  notices: z.array(z.string()).describe('hosts and supervisors that could not be read'),
});
export type InstancesDocument = z.infer<typeof InstancesDocument>;

/** Whether an instance is in its desired state; instances that the file does not list are not judged. */
export const isAsDesired = ({ desired, state }: Pick<InstanceStatus, 'desired' | 'state'>): boolean =>
  desired === undefined || desired === state;
