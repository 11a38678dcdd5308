// Which clusters are there today? Lists of targets from files or over HTTP, in the format of Prometheus' file_sd and http_sd.

import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ClusterConfig } from '../brokers/config.ts';
import type { ClusterInspector, Io } from '../brokers/driver.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { inspectLazily } from './lazy-inspector.ts';
import { addressModule, type ModuleConfig } from './modules.ts';
import { shareReading } from './shared-reading.ts';
import type { WatchedCluster } from './target.ts';
import { createTroubleLog, type Trouble } from './trouble-log.ts';

export const TargetList = z
  .strictObject({
    module: z.string().describe('which entry of exporter.modules reaches them'),
    file: z.string().optional().describe('JSON or YAML file, read again when it changes'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('address that answers with JSON'),
    refreshSeconds: z.int().min(5).default(60).describe('how often url is asked'),
  })
  .refine(({ file, url }) => (file === undefined) !== (url === undefined), 'needs either file or url');
export type TargetList = z.infer<typeof TargetList>;

/*
 * prometheus.io/docs/prometheus/latest/http_sd
 *
 *   [ { "targets": ["host:port", …], "labels": { "cluster": "prod", … } }, … ]
 *
 * Each target is a cluster; host:port,host:port is one with several addresses. Its name is the label `cluster` of a
 * group with one target, else the target.
 */
const Groups = z.array(
  z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()).default({}) }),
);

const largestList = 2 * 2 ** 20;
const httpDeadlineMs = 5000;

export interface Discovery extends AsyncDisposable {
  /** A list that cannot be read keeps what it last said. Never rejects. */
  clusters(io: Io): Promise<readonly WatchedCluster[]>;
}

export interface DiscoveryOptions {
  lists: readonly TargetList[];
  modules: Readonly<Record<string, ModuleConfig>>;
  /** Names that are taken. */
  configured: ReadonlySet<string>;
  open(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterInspector>;
  limits: Pick<WatchedCluster, 'shown' | 'maxSeries'>;
  clock: Clock;
  log: Logger;
}

interface Named {
  name: string;
  module: string;
  target: string;
}

export function discoverClusters({
  lists,
  modules,
  configured,
  open,
  limits,
  clock,
  log,
}: DiscoveryOptions): Discovery {
  const readers = lists.map((list) => createReader(list, clock));
  const current = new Map<string, WatchedCluster>();
  const reportTroubles = createTroubleLog(log);

  const update = shareReading(async (io) => {
    const read = await Promise.all(readers.map((reader) => reader(io)));
    const troubles: Trouble[] = read.flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
    const wanted = new Map<string, { name: string; config: ClusterConfig }>();
    const names = new Set(configured);
    for (const { name, module, target } of read.flatMap(({ targets }) => targets)) {
      const reason = names.has(name) ? 'another cluster has this name' : place();
      if (reason === undefined) names.add(name);
      else
        troubles.push({
          about: `target ${target}`,
          level: 'warn',
          message: 'cannot use a discovered target',
          fields: { target, reason },
        });

      function place(): string | undefined {
        const config = Object.hasOwn(modules, module) ? modules[module] : undefined;
        if (config === undefined) return `there is no module ${module}`;
        const addressed = addressModule(config, target);
        if (addressed.kind === 'refused') return addressed.reason;
        wanted.set(JSON.stringify([name, module, target]), { name, config: addressed.config });
        return undefined;
      }
    }
    for (const [key, { inspector }] of current) {
      if (wanted.has(key)) continue;
      current.delete(key);
      void close(inspector);
    }
    for (const [key, { name, config }] of wanted) {
      if (current.has(key)) continue;
      const inspector = inspectLazily((io) => open(name, config, io));
      current.set(key, { name, kind: config.broker, inspector, ...limits });
    }
    reportTroubles(troubles);
  });

  async function close(inspector: ClusterInspector): Promise<void> {
    try {
      await inspector[Symbol.asyncDispose]();
    } catch (err) {
      log.debug({ err }, 'cannot close the connections of a cluster that went');
    }
  }

  return {
    async clusters(io) {
      await update(io).catch(() => {});
      return [...current.values()];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...current.values()].map(({ inspector }) => close(inspector)));
    },
  };
}

type ListReader = (io: Io) => Promise<{ targets: readonly Named[]; trouble?: Trouble }>;

function createReader({ module, file, url, refreshSeconds }: TargetList, clock: Clock): ListReader {
  const source = file ?? url ?? '';
  let targets: readonly Named[] = [];
  let seen: string | undefined;
  let trouble: Trouble | undefined;

  async function read(io: Io): Promise<string> {
    if (file !== undefined) return readFile(file, { encoding: 'utf8', signal: io.signal });
    const response = await fetch(source, { signal: AbortSignal.any([io.signal, AbortSignal.timeout(httpDeadlineMs)]) });
    if (!response.ok) throw new Error(`it answered with status ${response.status}`);
    return response.text();
  }

  return async (io) => {
    try {
      const version =
        file === undefined ? String(Math.floor(clock.monotonic() / refreshSeconds)) : await versionOf(file);
      if (version !== seen) {
        const text = await read(io);
        if (text.length > largestList) throw new Error(`it is larger than ${largestList / 2 ** 20} MiB`);
        targets = parseGroups(text).map(({ name, target }) => ({ name, target, module }));
        seen = version;
        trouble = undefined;
      }
    } catch (cause) {
      const fields = { source, reason: (cause as Error).message };
      trouble = { about: source, level: 'warn', message: 'cannot read a list of targets, its last one stays', fields };
    }
    return { targets, ...(trouble !== undefined && { trouble }) };
  };
}

/** A file that is swapped by renaming has another inode. */
async function versionOf(file: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(file);
  return `${ino} ${size} ${mtimeMs}`;
}

function parseGroups(text: string): { name: string; target: string }[] {
  const groups = Groups.safeParse(parse(text, { maxAliasCount: 0 }) ?? []);
  if (!groups.success) throw new Error('it is not a list of { targets, labels }');
  return groups.data.flatMap(({ targets, labels }) =>
    targets.map((target) => ({ target, name: (targets.length === 1 ? labels['cluster'] : undefined) ?? target })),
  );
}
