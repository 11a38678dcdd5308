// Compares the desired instances with what runs: state, restarts and crash loops of each.

import type { DesiredInstance, InstanceState, InstanceStatus } from '../../core/documents/instances.ts';
import type { FoundInstance } from '../../hosts/instances/find-instances.ts';
import { isSame } from '../../hosts/instances/same-instance.ts';
import { serviceKey, serviceOf } from '../../hosts/instances/service.ts';
import type { HostView, Supervised } from './read-hosts.ts';

/** Three starts within ten minutes, and since the last one not twice as long as between two of them. */
const crashLoop = { starts: 3, withinSeconds: 600, settledAfterGaps: 2, settledAfterSeconds: 30 };
const hourSeconds = 3600;

/** @param desired by name; @returns those first, in their order, then processes that are not in the file */
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
    ...stateOf({
      isRead: view?.found !== undefined,
      isSupervised: service !== undefined,
      supervised,
      process,
      port: own.port,
    }),
    startedBy: service?.kind ?? 'none',
    directories: directories.length > 0 ? directories : [...(shown?.directories ?? [])],
    ...(own.broker !== undefined && { broker: own.broker }),
    ...(own.port !== undefined && { port: own.port }),
    ...(own.settings !== undefined && { settings: own.settings }),
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
    ...stateOf({ isRead: true, isSupervised: startedBy.kind !== 'none', supervised: of, process, port }),
    startedBy: startedBy.kind,
    directories: [...directories],
    ...(broker !== undefined && { broker }),
    ...(port !== undefined && { port }),
    ...(settingsFile !== undefined && { settings: settingsFile }),
    ...processFacts(process),
    ...restarts(of),
  };
}

interface Seen {
  isRead: boolean;
  isSupervised: boolean;
  supervised: Supervised | undefined;
  process: FoundInstance | undefined;
  port: number | undefined;
}

function stateOf({ isRead, isSupervised, supervised, process, port }: Seen): Pick<InstanceStatus, 'state' | 'reason'> {
  if (!isRead) return { state: 'unknown', reason: 'the host was not read' };
  const reported = supervised?.state;
  const withReason = (state: InstanceState, reason = reported?.reason) => ({
    state,
    ...(reason !== undefined && { reason }),
  });
  if (isSupervised && reported === undefined) {
    return withReason(
      'unknown',
      supervised === undefined ? 'its supervisor was not read' : 'its supervisor does not know it',
    );
  }
  const isUp = reported === undefined || reported.state === 'running' || reported.state === 'starting';
  // Between two ends of a crash loop, it is started or runs for a while.
  const looped = isUp ? loopedStarts(supervised?.starts?.looped ?? []) : undefined;
  if (looped !== undefined) {
    return withReason('crash-loop', `${looped} starts in the last ${crashLoop.withinSeconds / 60} min`);
  }
  if (reported !== undefined && reported.state !== 'running') return withReason(reported.state);
  if (process === undefined) {
    return reported === undefined
      ? withReason('stopped')
      : withReason('starting', 'the supervisor has started it, and no JVM runs yet');
  }
  if (port !== undefined && process.listens !== undefined && !process.listens.includes(port)) {
    return withReason('starting', `it does not listen on port ${port} yet`);
  }
  return { state: 'running' };
}

/** @param ago of starts, in seconds, oldest first. @returns how many recent ones make a crash loop; undefined where they make none */
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

/** The first start that the log knows is none. */
function restarts(supervised: Supervised | undefined): Pick<InstanceStatus, 'restartsLastHour'> {
  const { starts } = supervised?.starts ?? {};
  if (starts === undefined) return {};
  return { restartsLastHour: starts.slice(1).filter((ago) => ago <= hourSeconds).length };
}
