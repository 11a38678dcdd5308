// Renders the inventory of instances as tables.

import { isAsDesired, type InstancesDocument, type InstanceStatus } from '../../core/documents/instances.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';

const headings = [
  'INSTANCE',
  'CLUSTER',
  'HOST',
  'ROLE',
  'BROKER',
  '>PORT',
  'VERSION',
  'DESIRED',
  'STATE',
  'STARTED',
  '>RESTARTS/H',
  'BY',
] as const;

/** @param all instances, which the summary counts */
export function inventoryText(
  { instances }: InstancesDocument,
  how: { colours: boolean },
  all: readonly InstanceStatus[] = instances,
): string {
  if (instances.length === 0)
    return 'No instances found. Start them, or add their hosts under `hosts:` in the config file.\n';
  const table = renderTable(columnsOf(headings), instances.map(rowOf), how);
  return `${table}${reasonLines(instances)}\n${summaryOf(all)}\n`;
}

function rowOf(instance: InstanceStatus): (string | undefined)[] {
  const { name, cluster, host, role, broker, port, version, desired, state, startedAt, restartsLastHour, startedBy } =
    instance;
  return [
    name,
    cluster,
    host,
    role,
    broker,
    port === undefined ? undefined : String(port),
    version,
    desired,
    state,
    startedAt?.replace(/\.\d+Z$/, 'Z'),
    restartsLastHour === undefined ? undefined : String(restartsLastHour),
    startedBy === 'none' ? 'plain process' : startedBy,
  ];
}

const reasonLines = (instances: readonly InstanceStatus[]): string =>
  instances
    .flatMap(({ name, state, reason }) => (reason === undefined ? [] : [`${name}: ${state}: ${plain(reason)}\n`]))
    .join('');

function summaryOf(instances: readonly InstanceStatus[]): string {
  const judged = instances.filter(({ desired }) => desired !== undefined);
  const others = instances.length - judged.length;
  const right = judged.filter(isAsDesired).length;
  const known =
    judged.length === 0
      ? 'no desired state is known'
      : `${right} of ${judged.length} instances are in the desired state`;
  return others === 0
    ? known
    : `${known}; ${others} running ${others === 1 ? 'process is' : 'processes are'} not in the file`;
}

/** Renders one instance with all known facts. */
export function instanceText(instance: InstanceStatus): string {
  const { directories, ...rest } = instance;
  const labels: Readonly<Record<string, string>> = {
    failureDomain: 'failure domain',
    startedBy: 'started by',
    startedAt: 'started at',
    restartsLastHour: 'restarts in the last hour',
  };
  const lines = [
    ...Object.entries(rest).map(([key, value]) => [labels[key] ?? key, String(value)] as const),
    ...(directories.length > 0 ? [['directories', directories.join(', ')] as const] : []),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${plain(value)}\n`).join('');
}
