import { expect, test } from 'vitest';
import { openMachines } from '../../../../app/observe/machines.ts';
import { systemClock } from '../../../../core/clock.ts';
import { HostsConfig } from '../../../../hosts/config.ts';
import { recordedRoots } from '../../../support/golden-metrics-page.ts';
import { startTcpPeer } from '../../../support/remoting-peer.ts';

test('a configured link speed overrides the speed that the driver reports', async () => {
  // The driver of the recorded card reports 10 Gbit/s.
  const network = { devices: ['eth0'], speed: '5gbit' };
  const hosts = HostsConfig.parse({ 'kafka-1': { probe: 'local', ...recordedRoots, network } });
  await using machines = openMachines({ 1: { host: 'kafka-1' } }, hosts, systemClock);
  const { samples } = await machines.sample({ signal: AbortSignal.timeout(20_000) });
  expect(samples.get('1')?.speeds.get('eth0')).toBe(5e9);
});

test('a node_exporter that hangs delays sampling by only a few seconds, and its host is named', async () => {
  await using hung = await startTcpPeer(() => undefined);
  const hosts = HostsConfig.parse({ 'kafka-1': { probe: 'node-exporter', url: `http://${hung.address}/metrics` } });
  await using machines = openMachines({ 1: { host: 'kafka-1' } }, hosts, systemClock);
  const { samples, notices } = await machines.sample({ signal: AbortSignal.timeout(15_000) });
  expect(samples.size).toBe(0);
  expect(notices).toEqual([expect.stringMatching(/^machine kafka-1: /)]);
});
