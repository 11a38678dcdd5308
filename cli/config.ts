// What does plimsoll.yaml hold? One strict schema composed of the section each folder owns.

import { z } from 'zod';
import { AnalyzerConfig } from '../analyzer/config.ts';
import { ClustersConfig } from '../brokers/config.ts';
import { loadConfigFile, readConfigFile, type ConfigReading, type CrossCheck } from '../core/config-file.ts';
import { nearest } from '../core/nearest.ts';
import { ExporterConfig } from '../exporter/config.ts';
import { HostsConfig } from '../hosts/config.ts';
import { LoadgenConfig } from '../loadgen/config.ts';
import type { CommandIo, Option } from './command.ts';

export const ConfigFile = z
  .strictObject({
    clusters: ClustersConfig.default({}).describe('message clusters by a name of your choice'),
    hosts: HostsConfig,
    exporter: ExporterConfig,
    loadgen: LoadgenConfig.optional(),
    analyzer: AnalyzerConfig.optional(),
  })
  .meta({ title: 'plimsoll.yaml', description: 'Which clusters and hosts Plimsoll looks at, and how.' });

export type Config = z.output<typeof ConfigFile>;

export const defaultConfigFile = 'plimsoll.yaml';

export const configFileOption = {
  type: 'string',
  value: 'FILE',
  help: `the config file (default ${defaultConfigFile})`,
} as const satisfies Option;

export function configPath(option: CommandIo['options'][string]): string {
  return typeof option === 'string' ? option : defaultConfigFile;
}

/** @throws AppError config-unreadable; what is wrong inside is a value */
export function readConfig(file: string, { signal }: { signal: AbortSignal }): Promise<ConfigReading<Config>> {
  return readConfigFile(file, ConfigFile, { signal, crossCheck: findDanglingHosts });
}

/** @throws AppError config-unreadable, config-invalid */
export function loadConfig(file: string, { signal }: { signal: AbortSignal }): Promise<Config> {
  return loadConfigFile(file, ConfigFile, { signal, crossCheck: findDanglingHosts });
}

/** Only where names are spoken of: what is malformed is left to the schema. */
const HostNames = z.looseObject({
  hosts: z.record(z.string(), z.unknown()).catch({}),
  clusters: z
    .record(
      z.string(),
      z
        .looseObject({
          brokers: z
            .record(z.string(), z.looseObject({ host: z.string().optional().catch(undefined) }).catch({}))
            .catch({}),
        })
        .catch({ brokers: {} }),
    )
    .catch({}),
  loadgen: z.looseObject({ host: z.string().optional().catch(undefined) }).catch({}),
});

const findDanglingHosts: CrossCheck = (written) => {
  const { data } = HostNames.safeParse(written);
  if (data === undefined) return [];
  const spoken = [
    ...Object.entries(data.clusters).flatMap(([cluster, { brokers }]) =>
      Object.entries(brokers).map(([id, { host }]) => ({ path: ['clusters', cluster, 'brokers', id, 'host'], host })),
    ),
    { path: ['loadgen', 'host'], host: data.loadgen.host },
  ];
  const known = Object.keys(data.hosts);
  return spoken.flatMap(({ path, host }) =>
    host === undefined || known.includes(host) ? [] : [{ path, message: describeDangling(host, known) }],
  );
};

function describeDangling(host: string, known: readonly string[]): string {
  const meant = nearest(host, known);
  const listed = known.length === 0 ? 'no hosts are configured' : `hosts: ${known.join(', ')}`;
  return `there is no host ${JSON.stringify(host)} under hosts${meant === undefined ? '' : `; did you mean ${meant}?`} (${listed})`;
}
