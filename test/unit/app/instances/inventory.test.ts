import { expect, test } from 'vitest';
import { inventoryOf } from '../../../../app/instances/inventory.ts';
import type { HostView } from '../../../../app/instances/read-inventory.ts';
import { inventoryText } from '../../../../cli/instances/inventory-text.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { renderInstancesPage } from '../../../../dashboards/web/instances/instances-page.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import type { FoundInstance } from '../../../../hosts/instances/find-instances.ts';
import { serviceKey, serviceOf } from '../../../../hosts/instances/service.ts';
import type { SupervisedState } from '../../../../hosts/instances/supervisord.ts';

const desired = DesiredInstance.parse({
  cluster: 'orders',
  host: 'host-1',
  role: 'kafka-broker',
  supervisord: { program: 'kafka', config: '/etc/supervisord.conf' },
  broker: '1',
  port: 9092,
});
const process: FoundInstance = {
  host: 'host-1',
  pid: 77,
  startedAfterBootSeconds: 5,
  startedAtSeconds: 1_795_418_400,
  settings: { role: 'kafka-broker', broker: '1', port: 9092, ports: [9092], directories: ['/data'] },
  settingsFile: '/etc/kafka/server.properties',
  version: '4.3.1',
  listens: [9092],
  startedBy: { kind: 'supervisord', program: 'kafka', config: '/etc/supervisord.conf', sudo: false },
};

function view(state: SupervisedState | undefined, over: Partial<HostView> = {}, starts?: readonly number[]): HostView {
  const service = serviceOf(desired);
  if (service === undefined) throw new Error('no service');
  return {
    host: 'host-1',
    found: [process],
    supervised: new Map([
      [serviceKey(service), { ...(state && { state }), ...(starts && { starts: { starts, looped: starts } }) }],
    ]),
    notices: [],
    ...over,
  };
}
const only = (seen: HostView) => {
  const [status, ...others] = inventoryOf({ 'broker-1': desired }, [seen]);
  expect(others).toEqual([]);
  return status;
};

test('the summary below a filtered list counts all instances', () => {
  const running = only(view({ state: 'running', pid: 77 }));
  if (running === undefined) throw new Error('no instance');
  const stopped = { ...running, name: 'broker-2', state: 'stopped' as const };
  const document = { schemaVersion: 1 as const, instances: [stopped], notices: [] };
  const text = inventoryText(document, { colours: false }, [running, stopped]);
  expect(text).not.toContain('broker-1');
  expect(text).toContain('1 of 2 instances are in the desired state');
});

test('an instance that runs and listens is running, with version, start time and directories', () => {
  expect(only(view({ state: 'running', pid: 77 }, {}, [7200, 1800]))).toEqual({
    name: 'broker-1',
    cluster: 'orders',
    host: 'host-1',
    role: 'kafka-broker',
    failureDomain: 'host-1',
    desired: 'running',
    state: 'running',
    startedBy: 'supervisord',
    directories: ['/data'],
    broker: '1',
    port: 9092,
    settings: '/etc/kafka/server.properties',
    pid: 77,
    version: '4.3.1',
    startedAt: '2026-11-23T07:20:00.000Z',
    restartsLastHour: 1,
  });
});

test('the first known start does not count as a restart', () => {
  expect(only(view({ state: 'running', pid: 77 }, {}, [60]))?.restartsLastHour).toBe(0);
});

test('restarts are unknown if the log of the supervisor cannot be read', () => {
  expect(only(view({ state: 'running', pid: 77 }))).not.toHaveProperty('restartsLastHour');
});

test('three starts within ten minutes are a crash loop, even while the instance runs', () => {
  const status = only(view({ state: 'running', pid: 77 }, {}, [500, 300, 100]));
  expect(status).toMatchObject({ state: 'crash-loop', reason: '3 starts in the last 10 min' });
  const page = renderInstancesPage(
    { at: '2026-11-23T08:00:00.000Z', instances: status === undefined ? [] : [status], notices: [] },
    createView({ prefix: '', path: '/instances', query: new URLSearchParams(), accepted: 'zh' }),
  );
  expect(page).toContain('：<bdi class="name">最近 10 分钟内启动 3 次</bdi>');
  expect(page).not.toContain('starts in the last');
});

test('an instance that its supervisor is starting again in a crash loop is in a crash loop', () => {
  const starting = view({ state: 'starting', reason: 'STARTING' }, { found: [] }, [12, 8, 1]);
  expect(only(starting)).toMatchObject({ state: 'crash-loop', reason: '3 starts in the last 10 min' });
  expect(only(view({ state: 'starting', reason: 'STARTING' }, { found: [] }, [8, 1]))?.state).toBe('starting');
});

test('an instance that has run for longer than its crash loop took is no longer in a crash loop', () => {
  expect(only(view({ state: 'running', pid: 77 }, {}, [60, 50, 40]))?.state).toBe('running');
  expect(only(view({ state: 'running', pid: 77 }, {}, [200, 120, 100]))?.state).toBe('crash-loop');
});

test('an instance that an operator stopped after a crash loop is stopped', () => {
  expect(only(view({ state: 'stopped' }, { found: [] }, [12, 8, 4]))?.state).toBe('stopped');
});

test('a JVM that does not listen yet is starting', () => {
  const early = view({ state: 'running', pid: 77 }, { found: [{ ...process, listens: [] }] });
  expect(only(early)).toMatchObject({
    state: 'starting',
    reason: 'it does not listen on port 9092 yet',
    reasonZh: '尚未监听端口 9092',
  });
});

test('an instance that runs but whose sockets cannot be read is running', () => {
  const { listens: _, ...blind } = process;
  expect(only(view({ state: 'running', pid: 77 }, { found: [blind] }))?.state).toBe('running');
});

test('the state of a host that was not read is unknown, not stopped', () => {
  const { found: _, ...unread } = view(undefined);
  expect(only(unread)).toMatchObject({
    state: 'unknown',
    reason: 'the host was not read',
    reasonZh: '未读取该主机',
  });
});

test('an instance that the supervisor does not list is unknown', () => {
  expect(only(view(undefined, { found: [] }))).toMatchObject({
    state: 'unknown',
    reason: 'its supervisor does not know it',
    reasonZh: '其进程管理工具中没有该实例',
  });
});

test('lists a process that is not in the file without a desired state', () => {
  const plain: FoundInstance = { ...process, pid: 99, startedBy: { kind: 'none' }, settingsFile: '/other.properties' };
  const seen = view({ state: 'running', pid: 77 }, { found: [process, plain] });
  const other = inventoryOf({ 'broker-1': desired }, [seen])[1];
  expect(other).toMatchObject({ name: 'pid 99', startedBy: 'none', state: 'running' });
  expect(other).not.toHaveProperty('desired');
});

test('a process whose supervisor is not used shows why, unless its state has a reason', () => {
  const reason = 'supervisord (process 3) runs it but does not list it; its configuration file is not used';
  const unused: FoundInstance = { ...process, startedBy: { kind: 'none', reason } };
  const listed = (found: FoundInstance) => inventoryOf({}, [view(undefined, { found: [found] })]);
  expect(listed(unused)).toMatchObject([{ startedBy: 'none', state: 'running', reason }]);
  expect(listed({ ...unused, listens: [] })).toMatchObject([
    { state: 'starting', reason: 'it does not listen on port 9092 yet', reasonZh: '尚未监听端口 9092' },
  ]);
});

test('recognizes an unsupervised process by its settings file', () => {
  const plain = DesiredInstance.parse({ ...desired, supervisord: undefined, settings: '/etc/kafka/server.properties' });
  const seen: HostView = {
    host: 'host-1',
    found: [{ ...process, startedBy: { kind: 'none' } }],
    supervised: new Map(),
    notices: [],
  };
  expect(inventoryOf({ 'broker-1': plain }, [seen])).toMatchObject([
    { name: 'broker-1', state: 'running', startedBy: 'none' },
  ]);
});
