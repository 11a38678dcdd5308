import { expect, test } from 'vitest';
import { openMachines } from '../../../../app/observe/machines.ts';
import { systemClock } from '../../../../core/clock.ts';
import { HostsConfig } from '../../../../hosts/config.ts';
import { recordedRoots } from '../../../support/golden-metrics-page.ts';

test('a configured speed is that of the card, whatever its driver reports', async () => {
  // The driver of the recorded card reports 10 Gbit/s.
  const network = { devices: ['eth0'], speed: '5gbit' };
  const hosts = HostsConfig.parse({ 'kafka-1': { probe: 'local', ...recordedRoots, network } });
  await using machines = openMachines({ 1: { host: 'kafka-1' } }, hosts, systemClock);
  const { samples } = await machines.sample({ signal: AbortSignal.timeout(20_000) });
  expect(samples.get('1')?.speeds.get('eth0')).toBe(5e9);
});
