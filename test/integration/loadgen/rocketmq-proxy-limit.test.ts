// Checks that the analysis names the host of a real RocketMQ 5 proxy as the limit of a load test through it.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Analysis } from '../../../core/documents/analysis.ts';
import { exitCodes } from '../../../core/errors.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

async function answered(words: readonly string[], expected = 0): Promise<string> {
  const { exitCode, stdout, stderr } = await plimsoll(words);
  expect(exitCode, `${stderr}${stdout}`).toBe(expected);
  return stdout;
}
const analysed = async (bundle: string, exitCode?: number) =>
  Analysis.parse(JSON.parse(await answered(['analyze', bundle, '--json'], exitCode)));

if (fullMatrix)
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    'the network interface of a proxy, which each message passes twice, is the limit before broker and load generator',
    async () => {
      await using lab = await startRocketmq({ version: '5.5.0', mode: 'proxy', nic: bitsPerSecond(20e6) });
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-proxy-limit-'));
      await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
      const workload = join(folder, 'workload.yaml');
      const profile = { kind: 'steps', rates: [40, 70, 100, 130, 220], stepDuration: '12s' };
      await writeFile(workload, JSON.stringify({ messageSize: '8KB', partitions: 4, warmUp: '10s', profile }));
      const bundle = join(folder, 'bundle');
      await answered(['run', workload, '--config', lab.configPath, '--accept-blind', '--out', bundle]);

      const { steps, saturationTps, safeMaxTps, findings } = await analysed(bundle);
      const node = 'proxy proxy';
      expect(steps.at(-1)?.verdict).toMatchObject({ kind: 'saturated', bottleneck: { node } });
      expect(saturationTps).toMatchObject({ kind: 'confirmed', limitedBy: { node } });
      expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { node } });
      const { limitedBy } = safeMaxTps as Extract<typeof safeMaxTps, { kind: 'predicted' }>;
      expect(limitedBy).toHaveProperty('resource', expect.stringMatching(/^network-(in|out)$/));
      // 8,000 B twice each way over 20 Mbit/s: at most 156 msg/s, reduced by protocol overhead.
      expect('tps' in saturationTps && saturationTps.tps).toBeGreaterThan(100);
      expect('tps' in saturationTps && saturationTps.tps).toBeLessThan(156);
      const unmonitored = (all: typeof findings) => all.filter(({ message }) => message.startsWith('Proxy host not'));
      expect(unmonitored(findings)).toEqual([]);

      // The same run as recorded without a configured host of the proxy, and the warnings before such a run.
      const blind = join(folder, 'blind');
      await cp(bundle, blind, { recursive: true });
      const document = JSON.parse(await readFile(join(blind, 'run.json'), 'utf8')) as { environment: object };
      const { proxyHosts, ...environment } = document.environment as { proxyHosts?: string[] };
      expect(proxyHosts).toEqual(['proxy']);
      await writeFile(join(blind, 'run.json'), JSON.stringify({ ...document, environment }));
      const records = (await readFile(join(blind, 'telemetry.ndjson'), 'utf8')).split('\n').filter(Boolean);
      const others = records.filter((line) => (JSON.parse(line) as { host?: string }).host !== 'proxy');
      expect(others.length).toBeLessThan(records.length);
      await writeFile(join(blind, 'telemetry.ndjson'), `${others.join('\n')}\n`);
      const unread = await analysed(blind, exitCodes.unknown);
      expect(unmonitored(unread.findings)).toHaveLength(1);
      expect(JSON.stringify(unread.saturationTps)).not.toContain(node);
      // A limit of its network interface is neither lag of consumers nor a limit of a broker.
      for (const verdict of [unread.safeMaxTps, unread.saturationTps]) {
        expect(verdict).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown' });
        expect(verdict).toHaveProperty('ceiling.suspects.0', { resource: 'cpu', node: 'proxy' });
      }

      const config = join(folder, 'plimsoll.yaml');
      const text = await readFile(lab.configPath, 'utf8');
      await writeFile(config, text.replace('      hosts: [proxy]\n', ''));
      expect(await answered(['run', workload, '--config', config, '--dry-run'])).toContain(
        'Proxy host not monitored: ',
      );
    },
    600_000,
  );
