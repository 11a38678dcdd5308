// Defines the `hosts` section of the config file.

import { z } from 'zod';
import { HttpAuthorization, HttpUrl } from '../core/http/http-config.ts';
import { BitRate } from '../core/text/quantity.ts';
import { GcLogsConfig } from './gc-tail/config.ts';
import { ProcessesConfig } from './processes/config.ts';
import { hasOneIdentity, identityIsMissing, sshKeys } from './ssh/config.ts';

const cards = {
  devices: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('network cards with the traffic of the cluster; default: the physical ones'),
  speed: BitRate.optional().describe(
    'capacity of each of these cards and direction; default: the speed that sysfs reports for a physical card',
  ),
  speedSource: z.string().min(1).optional().describe('source of that figure; printed with every verdict that uses it'),
};

const hasSpeedOfSource = ({ speed, speedSource }: { speed?: number | undefined; speedSource?: string | undefined }) =>
  speedSource === undefined || speed !== undefined;
const speedIsMissing = {
  path: ['speedSource'],
  message: 'there is no speed whose source this could be; state `speed` as well',
};

const Cards = z.strictObject(cards).refine(hasSpeedOfSource, speedIsMissing);

const Network = z
  .strictObject({
    procfs: z
      .string()
      .optional()
      .describe(
        'folder that holds the `dev` file, such as /proc/1234/net for the network namespace of process 1234; default <procfs>/net. ' +
          'When it is given, no speed is taken from sysfs, which may show another namespace: state it here',
      ),
    ...cards,
  })
  .refine(hasSpeedOfSource, speedIsMissing);

const named = {
  addresses: z
    .array(z.string().min(1))
    .default([])
    .describe('further names and addresses by which brokers know this host'),
};

const linux = {
  ...named,
  procfs: z.string().default('/proc').describe('path of procfs'),
  sysfs: z.string().default('/sys').describe('path of sysfs'),
  rootfs: z
    .string()
    .default('/')
    .describe('path of the root file system of the host; in a container, where it is mounted'),
  network: Network.prefault({}),
  processes: ProcessesConfig,
  gcLogs: GcLogsConfig,
};

export const LocalHost = z.strictObject({
  probe: z.literal('local').describe('this machine'),
  ...linux,
});
export type LocalHost = z.infer<typeof LocalHost>;

export const SshHost = z
  .strictObject({
    probe: z.literal('ssh').describe('a host read over SSH; nothing is installed there'),
    ...sshKeys,
    ...linux,
  })
  .refine(hasOneIdentity, identityIsMissing);
export type SshHost = z.infer<typeof SshHost>;

export const NodeExporterHost = z.strictObject({
  probe: z.literal('node-exporter').describe('a host with a running node_exporter'),
  url: HttpUrl.meta({ examples: ['http://broker-1:9100/metrics'] }).describe('its metrics page'),
  authorization: HttpAuthorization.optional(),
  network: Cards.prefault({}),
  ...named,
});
export type NodeExporterHost = z.infer<typeof NodeExporterHost>;

export const HostConfig = z.discriminatedUnion('probe', [LocalHost, SshHost, NodeExporterHost]);
export type HostConfig = z.infer<typeof HostConfig>;

export const HostsConfig = z
  .record(z.string().min(1), HostConfig)
  .prefault({})
  .describe('hosts by a name of your choice');
export type HostsConfig = z.infer<typeof HostsConfig>;
