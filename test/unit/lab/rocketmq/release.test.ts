import { expect, test } from 'vitest';
import { requireMode } from '../../../../lab/rocketmq/mode.ts';
import { rocketmqRelease } from '../../../../lab/rocketmq/release.ts';

const partsOf = (version: string) => rocketmqRelease(version).artefacts.map(({ artefact }) => artefact);

test('RocketMQ 5 has a proxy and a controller, 4.9 does not', () => {
  expect(partsOf('4.9.7')).toEqual(['rocketmq-broker', 'rocketmq-namesrv', 'rocketmq-tools']);
  expect(partsOf('5.3.3')).toContain('rocketmq-proxy');
});

test.each(['4.9.8', '5.3.1', '6.0.0', 'latest', '../../etc'])('%j is refused with the supported versions', (version) =>
  expect(() => rocketmqRelease(version)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('5.3.3, 4.9.7') as string }),
  ),
);

test('a mode that a version does not support is refused with the supported modes', () => {
  expect(() => requireMode({ mode: 'acting-master', nameServers: 1 }, rocketmqRelease('4.9.7'))).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('master-slave-sync, dledger,') as string }),
  );
  expect(() => requireMode({ mode: 'acting-master', nameServers: 1 }, rocketmqRelease('5.3.3'))).not.toThrow();
});

test('two groups are refused for a mode with a fixed number of groups', () => {
  const release = rocketmqRelease('5.3.3');
  expect(() => requireMode({ mode: 'two-masters', nameServers: 1, groups: 2 }, release)).toThrow(
    'mode two-masters has a fixed number of groups',
  );
  expect(() => requireMode({ mode: 'dledger', nameServers: 3, groups: 2 }, release)).not.toThrow();
});

test('TLS is refused for modes whose members vote in plain text', () => {
  const release = rocketmqRelease('5.3.3');
  const refused = expect.objectContaining({ code: 'usage' }) as Error;
  expect(() => requireMode({ mode: 'dledger', nameServers: 1, tls: true }, release)).toThrow(refused);
  expect(() => requireMode({ mode: 'controller', nameServers: 2, tls: true }, release)).toThrow(refused);
  expect(() => requireMode({ mode: 'controller', nameServers: 1, tls: true }, release)).not.toThrow();
});
