// Checks that find-safe stops at a client quota, busy request handlers and slow network interfaces of real brokers, and names them.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { limitSetUps } from '../../../bench/real-truth/limits/limit-set-ups.ts';
import { startLimitLab } from '../../../bench/real-truth/limits/limit-lab.ts';
import { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import { startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

interface Search {
  name: string;
  start: number;
  warmUp: string;
  least: number;
  most: number;
  /** Added to the workload of the set-up. */
  workload?: object;
}

/**
 * Start and end of the search as ratios of the expected limit. Policies keep a distance from a limit, and a search rises by a tenth
 * each time; the capacity of a handler is less certain than a quota, and its code has to be compiled first.
 */
const searches: readonly Search[] = [
  { name: 'kafka-4-quota-2mb', start: 0.4, warmUp: '3s', least: 0.5, most: 1 },
  {
    name: 'kafka-4-one-request-handler',
    start: 0.1,
    warmUp: '25s',
    least: 0.1,
    most: 2.5,
    // At 400 msg/s with 5 ms each batch holds one message, and recompression at level 12 sets up its tables per batch, which saturates the
    // handler at any rate.
    workload: { linger: '100ms' },
  },
  { name: 'kafka-4-no-group-200-bytes', start: 0.4, warmUp: '5s', least: 0.5, most: 0.9 },
  { name: 'rocketmq-5-mixed-sizes', start: 0.4, warmUp: '5s', least: 0.5, most: 0.9 },
];

/** Returns the resource's name. Host usage is named by the host, which is `broker-` and the broker id. */
function nameOf(bound: SearchCertificate['upperBounds'][number] | undefined): string | undefined {
  const { limitedBy, criterion } = bound ?? {};
  return limitedBy ? `${limitedBy.resource} of ${limitedBy.node}` : criterion?.replace(/broker-(\d+)$/, '$1');
}

for (const { name, start, warmUp, least, most, workload: more } of fullMatrix ? searches : []) {
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    `${name}: find-safe ends below the limit, and its certificate names it`,
    async () => {
      const setUp = limitSetUps[name] ?? expect.fail(`${name} is no set-up`);
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-find-safe-'));
      try {
        await using lab = await startLimitLab(setUp);
        const file = join(folder, 'find-safe.yaml');
        const workload = {
          partitions: 6,
          ...setUp.workload,
          ...more,
          warmUp,
          // Disks and cores of the lab are those of the whole machine, which runs other tasks.
          criteria: { generatorLag: '2s', hosts: { 'disk-io': '100%', cpu: '100%' } },
          profile: {
            kind: 'find-safe',
            start: Math.round(start * setUp.expectedTps),
            trial: '12s',
            soak: '25s',
            settle: '1s',
            verifications: 1,
          },
        };
        await writeFile(file, JSON.stringify(workload));
        const directory = join(folder, 'bundle');
        const words = [file, '--config', lab.configPath, '--out', directory, '--json', '--accept-blind'];
        const { exitCode, stdout, stderr } = await startLoad(directory, words).ended;
        expect(exitCode, stderr).toBe(0);
        const { certificate } = JSON.parse(stdout) as { certificate: unknown };
        const { lowerBound, upperBounds } = SearchCertificate.parse(certificate);
        const said = JSON.stringify({ lowerBound, upperBounds });
        const [first] = upperBounds;
        expect(nameOf(first), said).toMatch(setUp.truth.named);
        const share = (lowerBound?.tps ?? 0) / setUp.expectedTps;
        expect(share, said).toBeGreaterThan(least);
        expect(share, said).toBeLessThan(most);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    600_000,
  );
}
