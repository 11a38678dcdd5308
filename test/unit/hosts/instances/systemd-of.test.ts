import { expect, test } from 'vitest';
import { systemdOf } from '../../../../hosts/instances/find-instances.ts';

test('the unit of a process is the service in its control group', () => {
  expect(systemdOf('0::/system.slice/kafka.service\n')).toEqual({ kind: 'systemd', unit: 'kafka.service' });
  expect(systemdOf('12:pids:/system.slice/x\n1:name=systemd:/system.slice/rocketmq-broker.service\n')).toEqual({
    kind: 'systemd',
    unit: 'rocketmq-broker.service',
  });
});

test('a login or a container is no service of an instance', () => {
  expect(systemdOf('0::/user.slice/user-0.slice/user@0.service/app.slice/x.scope\n')).toBeUndefined();
  expect(systemdOf('0::/system.slice/docker.service\n')).toBeUndefined();
  expect(systemdOf('0::/\n')).toBeUndefined();
});
