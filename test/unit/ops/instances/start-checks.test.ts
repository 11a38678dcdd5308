import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openPackages } from '../../../../app/instances/packages.ts';
import { systemClock } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../hosts/config.ts';
import { openInstanceHost } from '../../../../hosts/instances/instance-host.ts';
import { checkStart } from '../../../../ops/instances/start-checks.ts';

const io = { signal: AbortSignal.timeout(30_000) };

test.runIf(process.platform === 'linux')('a port that another program has is named with that program', async () => {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const service = { role: 'kafka-broker', supervisord: { program: 'kafka' } };
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', port, ...service });
  const tools = {
    hostOf: () => host,
    gate: { baseline: async () => ({ brokers: [], lags: {} }), blockers: async () => [] },
    clock: systemClock,
    all: {},
    clusterIdOf: () => undefined,
    writeLatency: () => ({ p99: () => undefined, reason: () => undefined }),
    packages: openPackages({ file: '/instances.yaml' }, { environment: {} }),
  };
  const found = await checkStart({ name: 'orders-1', target }, tools, io);
  const taken = found.find(({ code }) => code === 'port-in-use');
  expect(taken?.severity).toBe('critical');
  expect(taken?.message).toMatch(
    new RegExp(`^port ${port} of orders-1 is in use on host mq-1 by .+ \\(process ${process.pid}\\)$`),
  );
});
