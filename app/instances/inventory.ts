// Compares the desired instances with the running ones: state, restarts and crash loops of each.

import { defined } from '../../core/defined.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import type { DesiredInstance, InstanceState, InstanceStatus } from '../../core/documents/instances.ts';
import type { FoundInstance } from '../../hosts/instances/find-instances.ts';
import { isSame } from '../../hosts/instances/same-instance.ts';
import { serviceKey, serviceOf } from '../../hosts/instances/service.ts';
import type { HostView, Supervised } from './read-inventory.ts';

/** Three starts within ten minutes; settled after twice the interval between starts without a new one. */
const crashLoop = { starts: 3, withinSeconds: 600, settledAfterGaps: 2, settledAfterSeconds: 30 };
const hourSeconds = 3600;

/** @param desired by name; @returns these first, in order, then processes that the file does not list */
export function inventoryOf(
  desired: Readonly<Record<string, DesiredInstance>>,
  views: readonly HostView[],
): InstanceStatus[] {
  const viewOf = new Map(views.map((view) => [view.host, view]));
  const taken = new Set<FoundInstance>();
  const listed = Object.entries(desired).map(([name, instance]) => {
    const view = viewOf.get(instance.host);
    const process = view?.found?.find((each) => !taken.has(each) && isSame(instance, each));
    if (process !== undefined) taken.add(process);
    return statusOf(name, instance, view, process);
  });
  const others = views.flatMap(({ found = [], supervised }) =>
    found.filter((each) => !taken.has(each)).map((each) => unlistedStatus(each, supervised)),
  );
  return [...listed, ...others];
}

function statusOf(
  name: string,
  instance: DesiredInstance,
  view: HostView | undefined,
  process: FoundInstance | undefined,
): InstanceStatus {
  const { cluster, host, role, broker, port, directories, settings, desired, failureDomain = host } = instance;
  const service = serviceOf(instance);
  const supervised = service === undefined ? undefined : view?.supervised.get(serviceKey(service));
  const shown = process?.settings;
  const own = {
    broker: shown?.broker ?? broker,
    port: port ?? shown?.port,
    settings: settings ?? process?.settingsFile,
  };
  return {
    name,
    cluster,
    host,
    role: shown?.role ?? role,
    failureDomain,
    desired,
    ...stateOf(
      { isRead: view?.found !== undefined, isSupervised: service !== undefined, port: own.port },
      supervised,
      process,
    ),
    startedBy: service?.kind ?? 'none',
    directories: directories.length > 0 ? directories : [...(shown?.directories ?? [])],
    ...defined(own),
    ...processFacts(process),
    ...restarts(supervised),
  };
}

function unlistedStatus(process: FoundInstance, supervised: HostView['supervised']): InstanceStatus {
  const { host, settings, settingsFile, startedBy } = process;
  const of = startedBy.kind === 'none' ? undefined : supervised.get(serviceKey(startedBy));
  const { role, broker, port, directories, failureDomain = host } = settings;
  const service =
    startedBy.kind === 'supervisord' ? startedBy.program : startedBy.kind === 'systemd' ? startedBy.unit : undefined;
  return {
    name: service ?? `pid ${process.pid}`,
    host,
    role,
    failureDomain,
    // The reason of its state takes precedence, because it has a Chinese text.
    ...(startedBy.kind === 'none' && startedBy.reason !== undefined && { reason: startedBy.reason }),
    ...stateOf({ isRead: true, isSupervised: startedBy.kind !== 'none', port }, of, process),
    startedBy: startedBy.kind,
    directories: [...directories],
    ...defined({ broker, port, settings: settingsFile }),
    ...processFacts(process),
    ...restarts(of),
  };
}

const reasons = {
  notRead: { en: 'the host was not read', zh: '未读取该主机' },
  supervisorNotRead: { en: 'its supervisor was not read', zh: '未读取其进程管理工具' },
  notSupervised: { en: 'its supervisor does not know it', zh: '其进程管理工具中没有该实例' },
  looped: (starts: number) => ({
    en: `${starts} starts in the last ${crashLoop.withinSeconds / 60} min`,
    zh: `最近 ${crashLoop.withinSeconds / 60} 分钟内启动 ${starts} 次`,
  }),
  noProcess: {
    en: 'the supervisor has started it, and no JVM runs yet',
    zh: '进程管理工具已将其启动，JVM 尚未运行',
  },
  notListening: (port: number) => ({ en: `it does not listen on port ${port} yet`, zh: `尚未监听端口 ${port}` }),
} as const;

const because = (state: InstanceState, { en, zh }: InLanguages<string>) => ({ state, reason: en, reasonZh: zh });

function stateOf(
  { isRead, isSupervised, port }: { isRead: boolean; isSupervised: boolean; port: number | undefined },
  supervised: Supervised | undefined,
  process: FoundInstance | undefined,
): Pick<InstanceStatus, 'state' | 'reason' | 'reasonZh'> {
  if (!isRead) return because('unknown', reasons.notRead);
  const reported = supervised?.state;
  if (isSupervised && reported === undefined) {
    return because('unknown', supervised === undefined ? reasons.supervisorNotRead : reasons.notSupervised);
  }
  const isUp = reported === undefined || reported.state === 'running' || reported.state === 'starting';
  // Between two crashes of a loop, the instance is starting, or runs for a while.
  const looped = isUp ? loopedStarts(supervised?.starts?.looped ?? []) : undefined;
  if (looped !== undefined) return because('crash-loop', reasons.looped(looped));
  if (reported !== undefined && reported.state !== 'running') {
    return { state: reported.state, ...(reported.reason !== undefined && { reason: reported.reason }) };
  }
  if (process === undefined) {
    return reported === undefined ? { state: 'stopped' } : because('starting', reasons.noProcess);
  }
  if (port !== undefined && process.listens !== undefined && !process.listens.includes(port)) {
    return because('starting', reasons.notListening(port));
  }
  return { state: 'running' };
}

/** @param ago of starts, in seconds, oldest first. @returns the number of recent starts in a crash loop; undefined without one */
function loopedStarts(ago: readonly number[]): number | undefined {
  const recent = ago.filter((each) => each <= crashLoop.withinSeconds);
  const last = recent.at(-1);
  if (last === undefined || recent.length < crashLoop.starts) return undefined;
  const gaps = recent.slice(1).map((each, index) => (recent[index] ?? each) - each);
  const settled = Math.max(crashLoop.settledAfterSeconds, crashLoop.settledAfterGaps * Math.max(...gaps));
  return last > settled ? undefined : recent.length;
}

function processFacts(process: FoundInstance | undefined): Pick<InstanceStatus, 'pid' | 'startedAt' | 'version'> {
  if (process === undefined) return {};
  const { pid, startedAtSeconds, version } = process;
  return {
    pid,
    ...(version !== undefined && { version }),
    ...(startedAtSeconds !== undefined && { startedAt: new Date(startedAtSeconds * 1000).toISOString() }),
  };
}

/** The oldest start in the log is not a restart. */
function restarts(supervised: Supervised | undefined): Pick<InstanceStatus, 'restartsLastHour'> {
  const { starts } = supervised?.starts ?? {};
  if (starts === undefined) return {};
  return { restartsLastHour: starts.slice(1).filter((ago) => ago <= hourSeconds).length };
}
