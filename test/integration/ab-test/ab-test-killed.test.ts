// Kills an `ab-test` while the brokers have a borrowed value, and restores them with the command that `ops status` prints.

import { existsSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { LeasesDocument } from '../../../core/documents/change-leases.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli, startCli } from '../../support/run-cli.ts';

const workload = `topic: plimsoll-killed
partitions: 2
messageSize: 200B
groups: 0
warmUp: 1s
profile: { kind: steps, rates: [200], stepDuration: 60s }
`;
const parameter = 'num.io.threads';
const patience = 400_000;

if (fullMatrix) {
  requires('java', 'maven').describe('a killed ab-test', () => {
    test(
      'is listed with the setting it changed, and the printed command restores every broker',
      async () => {
        await using kafka = await startKafka({ brokers: 3 });
        await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-ab-killed-'));
        const io = { signal: AbortSignal.timeout(patience) };
        await using changes = openKafkaChanges(
          'lab',
          KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap }),
        );
        const settings = () =>
          Promise.all(
            ['1', '2', '3'].map(async (name) =>
              (await changes.settingsOf({ kind: 'broker', name }, [parameter], io)).get(parameter),
            ),
          );
        const before = await settings();
        expect(before).toMatchObject([{ isOwn: false }, { isOwn: false }, { isOwn: false }]);

        const file = join(folder.path, 'workload.yaml');
        await writeFile(file, workload);
        const out = join(folder.path, 'turns');
        const known = ['--config', kafka.configPath, '--state-dir', folder.path];
        const confirmed = [`--confirm=${liveNameOf(kafka)}`];
        const asked = ['--workload', file, '--out', out, '--runs', '4', '--accept-blind', '--execute', ...confirmed];
        const { child, ended } = startCli(['ab-test', `${parameter}=3,4`, ...known, ...asked]);
        const isUnderLoad = () => ['a', 'b'].some((side) => existsSync(join(out, `turn-1-${side}`, 'journal.ndjson')));
        await expect.poll(isUnderLoad, { timeout: 120_000 }).toBe(true);
        child.kill('SIGKILL');
        expect((await ended).exitCode).toBeUndefined();
        const borrowed = await settings();
        expect(borrowed).toMatchObject([{ isOwn: true }, { isOwn: true }, { isOwn: true }]);
        expect(borrowed.map((setting) => setting?.value)).toEqual(
          expect.arrayContaining([expect.stringMatching(/^[34]$/)]),
        );

        const unfinished = async (...words: string[]) => {
          const { exitCode, stdout, stderr } = await runCli('ops', 'status', '--json', ...words);
          expect(exitCode, stderr).toBe(0);
          return LeasesDocument.parse(JSON.parse(stdout)).changes ?? [];
        };
        expect(await unfinished(...known)).toMatchObject([{ change: 'ab-test', state: 'running' }]);
        // Until the lease has not been renewed for a minute.
        const states = async () => (await unfinished(...known)).map(({ state }) => state);
        await expect.poll(states, { timeout: 120_000, interval: 5000 }).toEqual(['stopped']);
        const [stopped] = await unfinished(...known);
        expect(stopped).toMatchObject({
          cluster: 'lab',
          subject: parameter,
          borrowed: ['1', '2', '3'].map((id) => `${parameter} of broker ${id}`),
        });
        const [bootstrap = ''] = kafka.bootstrap;
        const atAddress = await unfinished('--bootstrap', bootstrap, '--state-dir', folder.path);
        expect(atAddress).toMatchObject([{ cluster: 'kafka', subject: parameter, state: 'stopped' }]);

        const again = await runCli('ab-test', `${parameter}=3,4`, ...known, ...asked);
        expect(again.exitCode).not.toBe(0);
        expect(again.stderr).toContain(`ab-test of ${parameter} was started at`);

        const [program, ...printed] = (stopped?.abort ?? '').split(' ');
        expect(program).toBe('plimsoll');
        const aborted = await runCli(...printed, ...confirmed);
        expect(aborted.exitCode, aborted.stderr).toBe(0);
        expect(await settings()).toEqual(before);
        expect(await unfinished(...known)).toEqual([]);
      },
      patience,
    );
  });
}
