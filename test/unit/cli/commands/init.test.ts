import { expect, test } from 'vitest';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';

test.each([
  ['', /needs the address of a Kafka broker or a RocketMQ name server/],
  ['--bootstrap 127.0.0.1:1 --namesrv 127.0.0.1:1', /--bootstrap and --namesrv exclude each other/],
  ['--bootstrap 127.0.0.1:1 --name ..', /--name: a name of a cluster is/],
  ['--bootstrap 127.0.0.1:1 --mechanism plain', /--mechanism needs --username/],
  ['--bootstrap 127.0.0.1:1 --username u', /--username and --password-env must be given together/],
  [
    '--bootstrap 127.0.0.1:1 --username u --password-env P --mechanism kerberos',
    /--mechanism: kerberos is written gssapi/,
  ],
  ['--namesrv 127.0.0.1:1 --username u --password-env P', /--username is for Kafka/],
])('what no cluster is reached with is refused before one is asked: init %s', async (words, problem) => {
  let stderr = '';
  const exitCode = await runCommandLine(['init', '--out', '-', ...words.split(' ').filter(Boolean)], commands, {
    stdout: { write: () => undefined, isTerminal: false, columns: 100 },
    stderr: { write: (text) => void (stderr += text), isTerminal: false, columns: 100 },
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
  });
  expect(stderr).toMatch(problem);
  expect(exitCode).toBe(2);
});
