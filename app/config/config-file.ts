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

/** @throws AppError config-unreadable; problems in the content are part of the result */
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
    hint: `${useLab}write a config file with \`plimsoll init --bootstrap HOST:PORT\` (or --namesrv), or name one with --config FILE (systemd units: /etc/plimsoll/plimsoll.yaml); commands that read one cluster also take --bootstrap or --namesrv`,
  });
}

/** Places that define names: `*` is each key of a mapping, `[]` each item of a list. */
const definitions = {
  host: 'hosts.*',
  cluster: 'clusters.*',
  source: 'sources.*',
  module: 'exporter.modules.*',
  domain: 'service.domains.*',
  promotion: 'service.promotions[].name',
} as const;

/** Places that use names; `but` matches values that are not names of existing entries. */
const uses: readonly { at: string; what: keyof typeof definitions; but?: RegExp }[] = [
  { at: 'clusters.*.brokers.*.host', what: 'host' },
  { at: 'clusters.*.proxy.hosts[]', what: 'host' },
  { at: 'loadgen.host', what: 'host' },
  { at: 'loadgen.workers.machines[].host', what: 'host' },
  { at: 'changes.freezes[].clusters[]', what: 'cluster' },
  { at: 'changes.freezes[].promotion', what: 'promotion', but: /^\*$/ },
  { at: 'service.maintenance[].clusters[]', what: 'cluster' },
  // A pattern may apply to future clusters.
  { at: 'service.roles[].clusters[]', what: 'cluster', but: /[*?]/ },
  { at: 'service.roles[].domains[]', what: 'domain' },
  { at: 'exporter.clusters.*', what: 'cluster' },
  { at: 'service.domains.*.cluster', what: 'cluster' },
  { at: 'service.clusters.*', what: 'cluster' },
  { at: 'service.clusters.*.source', what: 'source' },
  { at: 'service.clientIds.*', what: 'cluster' },
  { at: 'service.prices.brokers.*', what: 'cluster' },
  { at: 'exporter.targets[].module', what: 'module' },
];

const findDanglingNames: CrossCheck = (written) =>
  uses.flatMap(({ at, what, but }) => {
    const known = new Set(namesAt(written, stepsOf(definitions[what])).map(({ name }) => name));
    const dangling = namesAt(written, stepsOf(at)).filter(({ name }) => !known.has(name) && !but?.test(name));
    return dangling.map(({ path, name }) => ({ path, message: danglingText(what, name, [...known]) }));
  });

const stepsOf = (place: string): string[] => place.split(/\.|(?=\[\])/);

/** @returns strings and keys at the end of the steps; the schema reports malformed values */
export function namesAt(
  written: unknown,
  [step, ...rest]: readonly string[],
  path: Path = [],
): { path: Path; name: string }[] {
  if (step === undefined) return typeof written === 'string' ? [{ path, name: written }] : [];
  if (typeof written !== 'object' || written === null || Array.isArray(written) !== (step === '[]')) return [];
  const members: (readonly [string | number, unknown])[] = Array.isArray(written)
    ? [...written.entries()]
    : Object.entries(written).filter(([key]) => step === '*' || step === key);
  return members.flatMap(([key, member]) =>
    step === '*' && rest.length === 0
      ? { path: [...path, key], name: String(key) }
      : namesAt(member, rest, [...path, key]),
  );
}

function danglingText(what: keyof typeof definitions, name: string, known: readonly string[]): string {
  const where = definitions[what].replace(/(?:\.\*|\[\].*)$/, '');
  const meant = nearest(name, known);
  const listed = known.length === 0 ? `no ${what}s are configured` : `${what}s: ${known.join(', ')}`;
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `unknown ${what} ${JSON.stringify(name)} under ${where}${guess} (${listed})`;
}
