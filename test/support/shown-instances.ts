// Makes the inventory that pages show, by comparing a desired state with reports of hosts.

import { inventoryOf } from '../../app/instances/inventory.ts';
import { DesiredInstance, type InstanceRole } from '../../core/documents/instances.ts';
import { serviceKey, serviceOf } from '../../hosts/instances/service.ts';
import type { WatchedInstances } from '../../service/instances/instance-watch.ts';

interface Shown {
  cluster: string;
  host: string;
  role: InstanceRole;
  broker?: string;
  port: number;
  version: string;
  /** Starts in the log of the supervisor, in seconds ago. */
  starts?: number[];
  /** The supervisor gave up restarting it. */
  hasEnded?: true;
}

const shown: Readonly<Record<string, Shown>> = {
  'namesrv-1': { cluster: 'orders', host: 'mq-1', role: 'rocketmq-name-server', port: 9876, version: '5.3.3' },
  'namesrv-2': { cluster: 'orders', host: 'mq-2', role: 'rocketmq-name-server', port: 9876, version: '5.3.3' },
  'broker-a': {
    cluster: 'orders',
    host: 'mq-1',
    role: 'rocketmq-master',
    broker: 'broker-a:0',
    port: 10911,
    version: '5.3.3',
  },
  'broker-a-s': {
    cluster: 'orders',
    host: 'mq-2',
    role: 'rocketmq-slave',
    broker: 'broker-a:1',
    port: 10921,
    version: '5.3.3',
    starts: [7200, 400, 250, 60],
  },
  'broker-b': {
    cluster: 'orders',
    host: 'mq-3',
    role: 'rocketmq-master',
    broker: 'broker-b:0',
    port: 10911,
    version: '5.3.3',
  },
  'kafka-1': {
    cluster: 'logs',
    host: 'kafka-1',
    role: 'kafka-broker-controller',
    broker: '1',
    port: 9092,
    version: '4.3.1',
  },
  'kafka-2': {
    cluster: 'logs',
    host: 'kafka-2',
    role: 'kafka-broker-controller',
    broker: '2',
    port: 9092,
    version: '4.3.1',
  },
  'kafka-3': {
    cluster: 'logs',
    host: 'kafka-3',
    role: 'kafka-broker-controller',
    broker: '3',
    port: 9092,
    version: '4.3.1',
    starts: [90_000, 1212, 1210, 1207, 1203],
    hasEnded: true,
  },
};

export function shownInstances(at: string, notices: string[]): WatchedInstances {
  const nowMs = Date.parse(at);
  const desired = Object.fromEntries(
    Object.entries(shown).map(([name, { cluster, host, role, broker, port }]) => [
      name,
      DesiredInstance.parse({ cluster, host, role, port, supervisord: { program: name }, ...(broker && { broker }) }),
    ]),
  );
  const hosts = [...new Set(Object.values(shown).map(({ host }) => host))];
  const views = hosts.map((host) => {
    const own = Object.entries(shown).filter(([, each]) => each.host === host);
    return {
      host,
      notices: [],
      found: own
        .filter(([, { hasEnded }]) => !hasEnded)
        .map(([name, { role, broker, port, version, starts = [90_000] }], index) => ({
          host,
          pid: 700 + index,
          startedAfterBootSeconds: 60,
          startedAtSeconds: nowMs / 1000 - (starts.at(-1) ?? 0),
          settings: { role, port, ports: [port], directories: ['/data/mq'], ...(broker !== undefined && { broker }) },
          settingsFile: `/etc/${name}.conf`,
          version,
          listens: [port],
          startedBy: { kind: 'supervisord' as const, program: name, sudo: false },
        })),
      supervised: new Map(
        own.flatMap(([name, { starts = [90_000], hasEnded }], index) => {
          const instance = desired[name];
          const service = instance && serviceOf(instance);
          return service === undefined
            ? []
            : [
                [
                  serviceKey(service),
                  {
                    state: hasEnded
                      ? { state: 'crash-loop' as const, reason: 'FATAL: Exited too quickly' }
                      : { state: 'running' as const, pid: 700 + index },
                    starts: { starts, looped: starts },
                  },
                ] as const,
              ];
        }),
      ),
    };
  });
  return { at: new Date(nowMs), instances: inventoryOf(desired, views), notices };
}
