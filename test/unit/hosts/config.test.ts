import { expect, test } from 'vitest';
import { HostsConfig } from '../../../hosts/config.ts';

const messages = (hosts: unknown) =>
  HostsConfig.safeParse(hosts).error?.issues.map(({ path, message }) => [path.join('.'), message]);

test('a local host needs only its probe', () =>
  expect(HostsConfig.parse({ me: { probe: 'local' } })).toEqual({
    me: { probe: 'local', procfs: '/proc', sysfs: '/sys', rootfs: '/', network: {}, addresses: [] },
  }));

test('a link speed has a unit', () =>
  expect(HostsConfig.parse({ me: { probe: 'local', network: { speed: '50mbit' } } })['me']?.network.speed).toBe(5e7));

test('rejects a speed source without a speed', () =>
  expect(messages({ me: { probe: 'local', network: { speedSource: 'tbf' } } })).toEqual([
    ['me.network.speedSource', expect.stringContaining('state `speed`')],
  ]));

test('rejects an unknown key', () => expect(messages({ me: { probe: 'local', porcfs: '/proc' } })).toHaveLength(1));

test('rejects an impossible SSH port', () => {
  const addressed = (address: string) => messages({ mq: { probe: 'ssh', address, user: 'ops', agent: true } });
  expect(addressed('mq-1:65535')).toBeUndefined();
  for (const address of ['mq-1:0', 'mq-1:65536', '[::1]:99999'])
    expect(addressed(address)).toEqual([['mq.address', 'a port is between 1 and 65535']]);
});
