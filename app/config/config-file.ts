// Composes the schema of plimsoll.yaml from the section of each folder, and reads the file.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AnalyzerConfig } from '../../core/policy/policy-config.ts';
import { SourcesConfig } from '../../analyzer/evidence/sources/config.ts';
import { ClustersConfig } from '../../brokers/config.ts';
import { loadConfigFile, readConfigFile, type ConfigReading, type CrossCheck } from '../../core/config-file.ts';
import type { Path } from '../../core/config-problem.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { labFolder } from '../../core/user-folders.ts';
import { ExporterConfig } from '../../exporter/config.ts';
import { HostsConfig } from '../../hosts/config.ts';
import { LoadgenConfig } from '../../loadgen/config.ts';
import { ChangesConfig } from '../../ops/change/config.ts';
import { ServiceConfig } from './service.ts';

export const ConfigFile = z
  .strictObject({
    clusters: ClustersConfig.default({}).describe('Kafka and RocketMQ clusters, by a name of your choice'),
    hosts: HostsConfig,
    exporter: ExporterConfig,
    loadgen: LoadgenConfig.optional(),
    changes: ChangesConfig,
    instances: z
      .string()
      .min(1)
      .default('instances.yaml')
      .describe(
        'file with the processes of the clusters, written by `plimsoll instances discover`; relative to this file',
      ),
    analyzer: AnalyzerConfig.optional(),
    sources: SourcesConfig.optional(),
    service: ServiceConfig,
  })
  .meta({ title: 'plimsoll.yaml', description: 'Which clusters and hosts Plimsoll monitors, and how.' });

export type Config = z.output<typeof ConfigFile>;

export const defaultConfigFile = 'plimsoll.yaml';

export const configPath = (option: string | undefined): string => option ?? defaultConfigFile;

/** @throws AppError config-unreadable; what is wrong inside is a value */
export function readConfig(file: string, { signal }: { signal: AbortSignal }): Promise<ConfigReading<Config>> {
  return readConfigFile(file, ConfigFile, { signal, crossCheck: findDanglingNames }).catch(explainMissing);
}

/** @throws AppError config-unreadable, config-invalid */
export function loadConfig(file: string, { signal }: { signal: AbortSignal }): Promise<Config> {
  return loadConfigFile(file, ConfigFile, { signal, crossCheck: findDanglingNames }).catch(explainMissing);
}

function explainMissing(fault: unknown): never {
  const cause = fault instanceof AppError ? (fault.cause as NodeJS.ErrnoException | undefined) : undefined;
  if (!(fault instanceof AppError) || cause?.code !== 'ENOENT') throw fault;
  // `lab down` deletes it.
  const ofLab = join(labFolder(process.env), defaultConfigFile);
  const useLab = existsSync(ofLab) ? `for the running lab, add --config ${quotedWord(ofLab)}; ` : '';
  throw new AppError(fault.code, fault.message, {
    cause,
    hint: `${useLab}\`plimsoll init --bootstrap HOST:PORT\` (or --namesrv) writes a config file, and --config FILE names another; commands that read one cluster also take --bootstrap or --namesrv`,
  });
}

const Name = z.string().optional().catch(undefined);
const named = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

/** Only where names are spoken of: what is malformed is left to the schema. */
const SpokenNames = z.looseObject({
  hosts: named(z.unknown()).catch({}),
  clusters: named(
    z
      .looseObject({
        brokers: named(z.looseObject({ host: Name }).catch({})).catch({}),
        proxy: z
          .looseObject({ hosts: z.array(Name).catch([]) })
          .optional()
          .catch(undefined),
      })
      .catch({ brokers: {} }),
  ).catch({}),
  loadgen: z
    .looseObject({
      host: Name,
      workers: z
        .looseObject({ machines: z.array(z.looseObject({ host: Name }).catch({})).catch([]) })
        .catch({ machines: [] })
        .optional(),
    })
    .catch({}),
  sources: named(z.unknown()).catch({}).optional(),
  changes: z
    .looseObject({
      freezes: z
        .array(z.looseObject({ clusters: z.array(Name).catch([]), promotion: Name }).catch({ clusters: [] }))
        .catch([]),
    })
    .catch({ freezes: [] })
    .optional(),
  service: z
    .looseObject({
      domains: named(z.looseObject({ cluster: Name }).catch({})).catch({}),
      clusters: named(z.looseObject({ source: Name }).catch({})).catch({}),
      clientIds: named(z.unknown()).catch({}),
      prices: z
        .looseObject({ brokers: named(z.unknown()).catch({}) })
        .optional()
        .catch(undefined),
      promotions: z.array(z.looseObject({ name: Name }).catch({})).catch([]),
      maintenance: z.array(z.looseObject({ clusters: z.array(Name).catch([]) }).catch({ clusters: [] })).catch([]),
      roles: z
        .array(
          z
            .looseObject({ clusters: z.array(Name).catch([]), domains: z.array(Name).catch([]) })
            .catch({ clusters: [], domains: [] }),
        )
        .catch([]),
    })
    .catch({ domains: {}, clusters: {}, clientIds: {}, prices: undefined, promotions: [], maintenance: [], roles: [] })
    .optional(),
  exporter: z
    .looseObject({
      clusters: named(z.unknown()).catch({}),
      modules: named(z.unknown()).catch({}),
      targets: z.array(z.looseObject({ module: Name }).catch({})).catch([]),
    })
    .catch({ clusters: {}, modules: {}, targets: [] }),
});

const findDanglingNames: CrossCheck = (written) => {
  const { data } = SpokenNames.safeParse(written, { jitless: true });
  if (data === undefined) return [];
  const { hosts, clusters, exporter, loadgen, sources = {}, changes } = data;
  const {
    service = {
      domains: {},
      clusters: {},
      clientIds: {},
      prices: undefined,
      promotions: [],
      maintenance: [],
      roles: [],
    },
  } = data;
  const promotions = Object.fromEntries(service.promotions.map(({ name }) => [name ?? '', true]));
  const windowsOf = (place: Path, windows: readonly { clusters: readonly (string | undefined)[] }[]) =>
    windows.flatMap(({ clusters: named }, index) =>
      named.flatMap((name, at) => findDangling([...place, index, 'clusters', at], name, 'cluster', clusters)),
    );
  return [
    ...Object.entries(clusters).flatMap(([cluster, { brokers, proxy }]) => [
      ...Object.entries(brokers).flatMap(([id, { host }]) =>
        findDangling(['clusters', cluster, 'brokers', id, 'host'], host, 'host', hosts),
      ),
      ...(proxy?.hosts ?? []).flatMap((host, index) =>
        findDangling(['clusters', cluster, 'proxy', 'hosts', index], host, 'host', hosts),
      ),
    ]),
    ...findDangling(['loadgen', 'host'], loadgen.host, 'host', hosts),
    ...(loadgen.workers?.machines ?? []).flatMap(({ host }, index) =>
      findDangling(['loadgen', 'workers', 'machines', index, 'host'], host, 'host', hosts),
    ),
    ...windowsOf(['changes', 'freezes'], changes?.freezes ?? []),
    ...(changes?.freezes ?? []).flatMap(({ promotion }, index) =>
      promotion === '*'
        ? []
        : findDangling(
            ['changes', 'freezes', index, 'promotion'],
            promotion,
            'promotion',
            promotions,
            'service.promotions',
          ),
    ),
    ...windowsOf(['service', 'maintenance'], service.maintenance),
    ...service.roles.flatMap(({ clusters: patterns, domains }, index) => [
      ...patterns.flatMap((name, at) =>
        isPattern(name) ? [] : findDangling(['service', 'roles', index, 'clusters', at], name, 'cluster', clusters),
      ),
      ...domains.flatMap((name, at) =>
        findDangling(['service', 'roles', index, 'domains', at], name, 'domain', service.domains, 'service.domains'),
      ),
    ]),
    ...Object.keys(exporter.clusters).flatMap((name) =>
      findDangling(['exporter', 'clusters', name], name, 'cluster', clusters),
    ),
    ...Object.entries(service.domains).flatMap(([domain, { cluster }]) =>
      findDangling(['service', 'domains', domain, 'cluster'], cluster, 'cluster', clusters),
    ),
    ...Object.entries(service.clusters).flatMap(([name, { source }]) => [
      ...findDangling(['service', 'clusters', name], name, 'cluster', clusters),
      ...findDangling(['service', 'clusters', name, 'source'], source, 'source', sources),
    ]),
    ...Object.keys(service.clientIds).flatMap((name) =>
      findDangling(['service', 'clientIds', name], name, 'cluster', clusters),
    ),
    ...Object.keys(service.prices?.brokers ?? {}).flatMap((name) =>
      findDangling(['service', 'prices', 'brokers', name], name, 'cluster', clusters),
    ),
    ...exporter.targets.flatMap(({ module }, index) =>
      findDangling(['exporter', 'targets', index, 'module'], module, 'module', exporter.modules, 'exporter.modules'),
    ),
  ];
};

/** A pattern may be for clusters that are to come. */
const isPattern = (name: string | undefined) => name !== undefined && /[*?]/.test(name);

/** @param where the names are kept, by default under the plural of what they are */
function findDangling(
  path: Path,
  name: string | undefined,
  what: string,
  kept: Readonly<Record<string, unknown>>,
  where = `${what}s`,
): { path: Path; message: string }[] {
  if (name === undefined || Object.hasOwn(kept, name)) return [];
  const known = Object.keys(kept);
  const meant = nearest(name, known);
  const listed = known.length === 0 ? `no ${what}s are configured` : `${what}s: ${known.join(', ')}`;
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
  return [{ path, message: `unknown ${what} ${JSON.stringify(name)} under ${where}${guess} (${listed})` }];
}
