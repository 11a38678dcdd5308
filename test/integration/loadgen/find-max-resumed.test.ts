// Kills the coordinator of a search, and checks that the resumed search repeats no judged rate.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import { startKafka } from '../../support/kafka.ts';
import { linesOf, startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli } from '../../support/run-cli.ts';

/** A rate that the cluster always sustains: the test checks where the search resumes, not its result. */
const profile =
  'kind: find-max, start: 200, highest: 400, trial: 4s, confirm: 5s, width: 20%, settle: 0s, verifications: 0';
const criteria = 'generatorLag: 10s, achieved: 50%, growth: 100%';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a resumed search keeps finished trials and repeats the interrupted one',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-find-max-resumed-'));
      try {
        await using kafka = await startKafka();
        const workload = join(folder, 'find-max.yaml');
        await writeFile(
          workload,
          `messageSize: 500B\nwarmUp: 1s\ncriteria: { ${criteria} }\nprofile: { ${profile} }\n`,
        );
        const directory = join(folder, 'bundle');
        const run = startLoad(directory, [workload, '--config', kafka.configPath, '--out', directory, '--json']);
        const startedSteps = () => linesOf(run.journal(), 'step-started').map(({ step }) => step);
        await run.until('the third trial', () => startedSteps().includes(2));
        run.child.kill('SIGKILL');
        await run.ended;
        const before = linesOf(run.journal(), 'trial');
        expect(before).toHaveLength(2);

        const { exitCode, stdout, stderr } = await runCli(
          'run',
          '--config',
          kafka.configPath,
          '--resume',
          directory,
          '--json',
        );
        expect(exitCode, stderr).toBe(0);
        const { certificate, ledger } = JSON.parse(stdout) as { certificate: unknown; ledger: { groups: object[] } };
        const { trials, endedBecause, lowerBound } = SearchCertificate.parse(certificate);
        const after = linesOf(run.journal(), 'trial');
        expect(after.slice(0, 2)).toEqual(before);
        expect(after.map(({ targetTps, outcome }) => ({ targetTps, outcome }))).toEqual(
          trials.map(({ targetTps, outcome }) => ({ targetTps, outcome })),
        );
        expect([endedBecause, lowerBound?.passed]).toEqual(['highest-rate-held', 2]);
        expect(startedSteps()).toEqual([0, 1, 2, 2, ...trials.slice(3).map((_, index) => index + 3)]);
        expect(linesOf(run.journal(), 'resumed')).toMatchObject([{ attempt: 2 }]);
        expect(ledger.groups).toMatchObject([{ lost: 0, unread: 0, duplicated: 0 }]);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    400_000,
  );
}
