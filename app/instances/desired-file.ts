// Reads instances.yaml, and creates it from discovered instances.

import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { loadConfigFile } from '../../core/config-file.ts';
import { DesiredInstance, InstancesFile, type Distribution } from '../../core/documents/instances.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { serviceKey, serviceOf } from '../../hosts/instances/service.ts';
import type { Caller } from '../caller.ts';
import { configPath, loadConfig, namesAt, type Config } from '../config/config-file.ts';

export interface DesiredState {
  config: Config;
  /** Path of instances.yaml. */
  file: string;
  instances: Readonly<Record<string, DesiredInstance>>;
  distributions?: Readonly<Record<string, Distribution>> | undefined;
}

export type DesiredRequest = Readonly<{ config?: string | undefined }>;

export async function instancesPath({ options, signal }: Pick<Caller<DesiredRequest>, 'options' | 'signal'>) {
  const path = configPath(options.config);
  const config = await loadConfig(path, { signal });
  return { config, file: resolve(dirname(path), config.instances) };
}

/** @throws AppError config-unreadable, config-invalid, with each undefined reference */
export async function readDesired(io: Pick<Caller<DesiredRequest>, 'options' | 'signal'>): Promise<DesiredState> {
  const { config, file } = await instancesPath(io);
  const dangling = (written: unknown, key: 'host' | 'cluster', known: Readonly<Record<string, unknown>>) =>
    namesAt(written, ['instances', '*', key]).flatMap(({ path, name }) => {
      if (Object.hasOwn(known, name)) return [];
      const meant = nearest(name, Object.keys(known));
      const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
      return [{ path, message: `the config file has no ${key} ${JSON.stringify(name)}${guess}` }];
    });
  const { instances, distributions } = await loadConfigFile(file, InstancesFile, {
    signal: io.signal,
    crossCheck: (written) => [
      ...dangling(written, 'host', config.hosts),
      ...dangling(written, 'cluster', config.clusters),
      ...unknownDistributions(written),
      ...sharedServices(written),
    ],
  }).catch((cause: unknown) => {
    if (!(cause instanceof AppError) || cause.code !== 'config-unreadable') throw cause;
    throw new AppError('config-unreadable', cause.message, {
      cause,
      hint: '`plimsoll instances discover` writes it from the processes that run',
    });
  });
  return { config, file, instances, distributions };
}

function unknownDistributions(written: unknown) {
  const { distributions } = (written ?? {}) as { distributions?: Record<string, unknown> | null };
  return namesAt(written, ['instances', '*', 'install', 'distribution']).flatMap(({ path, name }) =>
    Object.hasOwn(distributions ?? {}, name)
      ? []
      : [{ path, message: `unknown distribution ${JSON.stringify(name)} under \`distributions\`` }],
  );
}

/** Finds services shared by two instances: stopping one would stop the other. */
function sharedServices(written: unknown) {
  const { instances } = (written ?? {}) as { instances?: Record<string, unknown> | null };
  const names = new Map<string, string>();
  return Object.entries(instances ?? {}).flatMap(([name, each]) => {
    const parsed = DesiredInstance.safeParse(each, { jitless: true });
    const service = parsed.success ? serviceOf(parsed.data) : undefined;
    if (!parsed.success || service === undefined) return [];
    const key = `${parsed.data.host} ${serviceKey(service)}`;
    const other = names.get(key);
    if (other === undefined) {
      names.set(key, name);
      return [];
    }
    const message = `${other} has the same service on host ${parsed.data.host}: to stop one would stop both`;
    return [{ path: ['instances', name, service.kind], message }];
  });
}

/** Omits default values. */
export function renderInstances(
  instances: Readonly<Record<string, DesiredInstance>>,
  {
    distributions,
    head = discoveredHead,
  }: { distributions?: Readonly<Record<string, Distribution>>; head?: string } = {},
): string {
  const shown = Object.fromEntries(
    Object.entries(instances).map(([name, { supervisord, systemd, directories, install, ...rest }]) => [
      name,
      {
        ...rest,
        ...(supervisord && { supervisord: withoutDefaults(supervisord) }),
        ...(systemd && { systemd: withoutDefaults(systemd) }),
        ...(directories.length > 0 && { directories }),
        ...(install && { install: withoutDefaults(install) }),
      },
    ]),
  );
  const document = { schemaVersion: 1, ...(distributions && { distributions }), instances: shown };
  return `${head}${stringify(document, { lineWidth: 0 })}`;
}

const discoveredHead =
  '# Written by `plimsoll instances discover`. `plimsoll instances list` compares it with what runs.\n';

const withoutDefaults = <Service extends { sudo: boolean }>({ sudo, ...rest }: Service) => ({
  ...rest,
  ...(sudo && { sudo }),
});
