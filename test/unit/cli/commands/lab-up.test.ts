import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';

test.each([
  ['rocketmq --version 4.9.8', /no complete RocketMQ 4\.9\.8/, /5\.5\.0, 5\.4\.0, 5\.3\.3, 4\.9\.7/],
  ['rocketmq --mode controller --version 4.9.7', /4\.9\.7 has no mode controller/, /dledger, or/],
  ['rocketmq --mode dleger', /--mode: "dleger" is not one of/, /did you mean dledger\?/],
  ['rocketmq --name-servers 4', /--name-servers: "4" is not one of 1, 2, 3/, /error/],
  ['rocketmq --listener tls', /--listener is for Kafka/, /lab up kafka/],
  ['kafka --acl', /--acl is for RocketMQ/, /lab up rocketmq/],
  ['kafka --listener sasl-scram --version 3.4.1', /cannot be formatted with SCRAM users/, /--version 3\.9\.2/],
  ['rocketmqq', /not rocketmqq/, /lab up rocketmq/],
])(
  'rejects what the lab cannot run, with an alternative, before anything is created: %s',
  async (words, problem, wayOut) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-lab-up-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    let stderr = '';
    const exitCode = await runCommandLine(['lab', 'up', ...words.split(' '), '--state-dir', folder], commands, {
      stdout: { write: () => undefined, isTerminal: false, columns: 100 },
      stderr: { write: (text) => void (stderr += text), isTerminal: false, columns: 100 },
      signal: new AbortController().signal,
      environment: { PATH: '' },
      clock: systemClock,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(problem);
    expect(stderr).toMatch(wayOut);
    expect(readdirSync(folder)).toEqual([]);
  },
);
