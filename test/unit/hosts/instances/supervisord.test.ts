import { expect, test } from 'vitest';
import type { HostCommands } from '../../../../hosts/instances/host-commands.ts';
import { control, readService } from '../../../../hosts/instances/service.ts';
import { parseSpawns, parseSupervisorStatus } from '../../../../hosts/instances/supervisord.ts';

// Output of supervisor 4.2.5 of Debian 12.
const status = `brokers:kafka-2                  FATAL     Exited too quickly (process log may have details)
kafka                            RUNNING   pid 1234, uptime 0:00:12
name-server                      STOPPED   Nov 23 07:02 AM
zookeeper                        BACKOFF   Exited too quickly (process log may have details)
proxy                            STARTING
`;

test('reads state and pid of each program', () => {
  const programs = parseSupervisorStatus(status);
  expect(programs.get('kafka')).toEqual({ state: 'running', pid: 1234 });
  expect(programs.get('proxy')).toEqual({ state: 'starting' });
  expect(programs.get('name-server')).toEqual({ state: 'stopped', reason: 'STOPPED: Nov 23 07:02 AM' });
});

test('a program that restarts repeatedly or was given up is in a crash loop', () => {
  const programs = parseSupervisorStatus(status);
  expect(programs.get('zookeeper')?.state).toBe('crash-loop');
  expect(programs.get('brokers:kafka-2')).toEqual({
    state: 'crash-loop',
    reason: 'FATAL: Exited too quickly (process log may have details)',
  });
});

test('an error of supervisorctl is not a program', () => {
  expect(parseSupervisorStatus('unix:///var/run/supervisor.sock no such file\n').size).toBe(0);
});

test('reads the starts of one program from the log, whatever its group', () => {
  const log = `2026-11-23 07:20:01,123 INFO spawned: 'kafka' with pid 77
2026-11-23 07:20:02,125 INFO success: kafka entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)
2026-11-23 07:21:00,001 INFO exited: kafka (exit status 1; not expected)
2026-11-23 07:21:01,005 INFO spawned: 'kafka' with pid 99
2026-11-23 07:21:01,006 INFO spawned: 'kafka-2' with pid 100
`;
  const starts = [Date.parse('2026-11-23T07:20:01Z') / 1000, Date.parse('2026-11-23T07:21:01Z') / 1000];
  expect(parseSpawns(log, 'brokers:kafka')).toEqual({ starts, looped: starts });
});

test.each([
  ['INFO stopped: kafka (exit status 143)', 'an operator stopped it'],
  ['INFO gave up: kafka entered FATAL state, too many start retries too quickly', 'supervisord gave up'],
])('starts before %s are not part of a later crash loop', (line) => {
  const log = `2026-11-23 07:20:01,123 INFO spawned: 'kafka' with pid 77
2026-11-23 07:20:03,201 WARN exited: kafka (exit status 1; not expected)
2026-11-23 07:20:04,205 INFO spawned: 'kafka' with pid 78
2026-11-23 07:20:06,201 ${line}
2026-11-23 07:20:07,201 INFO stopped: kafka-2 (exit status 143)
2026-11-23 07:21:01,005 INFO spawned: 'kafka' with pid 99
`;
  const { starts, looped } = parseSpawns(log, 'kafka');
  expect(starts).toHaveLength(3);
  expect(looped).toEqual([Date.parse('2026-11-23T07:21:01Z') / 1000]);
});

test('reports a refused sudo with host and program, for either supervisor', async () => {
  const io = { signal: new AbortController().signal };
  // The error of `sudo -n` of sudo 1.9.13 (Debian 12); xargs then exits with 123.
  const refused: HostCommands = {
    host: 'mq-1',
    run: async () => ({ exitCode: 123, stdout: '', stderr: 'sudo: a password is required\n' }),
  };
  const supervised = { supervisord: { program: 'broker', sudo: true } };
  await expect(readService(refused, supervised, io)).rejects.toMatchObject({
    message: 'host mq-1: supervisorctl failed: sudo: a password is required',
    hint: 'allow this user supervisorctl in sudoers with NOPASSWD, or log in as another user',
  });
  const unit = { systemd: { unit: 'broker.service', sudo: true } };
  await expect(control(refused, unit, 'stop', io)).rejects.toMatchObject({
    message: 'host mq-1: systemctl failed: sudo: a password is required',
    hint: 'allow this user systemctl in sudoers with NOPASSWD, or log in as another user',
  });
});
