// Follows GC logs of real JVMs locally and over sshd while either end is killed.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { HostsConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { parseExposition } from '../support/exposition.ts';
import { compileGcProgram, sum } from '../support/gc-matrix/gc-program.ts';
import { machineJvm } from '../support/jvms/jvms.ts';
import { spawnPlimsoll } from '../support/plimsoll.ts';
import { requires } from '../support/prerequisites.ts';
import { makeKey, publicKeyOf, startSshd } from '../support/sshd.ts';
import { printedPauses } from '../truth/printed-pauses.ts';

const hosts = ['here', 'far'] as const;
type Host = (typeof hosts)[number];
interface Figures {
  count: number;
  seconds: number;
  unread: number;
  runs: number;
  /** True if the exporter searched for the file and did not find it. */
  isWithoutFile: boolean;
}

requires('java', 'maven', 'sshd').describe('followed GC logs', () => {
  const cleanUp = new AsyncDisposableStack();
  let folder: string;
  let classes: string;
  let configFile: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-gc-tail-'));
    cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'logs'));
    classes = await compileGcProgram(folder);
    const privateKeyFile = makeKey(folder, 'user_key');
    const sshd = cleanUp.use(await startSshd({ folder, authorized: [publicKeyOf(privateKeyFile)] }));
    const knownHostsFile = join(folder, 'known_hosts');
    writeFileSync(knownHostsFile, sshd.knownHost);
    const gcLogs = { broker: { files: join(folder, 'logs', 'gc_*.log') } };
    const login = { address: `127.0.0.1:${sshd.port}`, user: userInfo().username, privateKeyFile, knownHostsFile };
    configFile = join(folder, 'plimsoll.yaml');
    // JSON is valid YAML.
    writeFileSync(
      configFile,
      JSON.stringify({
        hosts: {
          here: { probe: 'local', gcLogs, processes: {} },
          far: { probe: 'ssh', ...login, gcLogs, processes: {} },
        },
      }),
    );
  });
  afterAll(() => cleanUp.disposeAsync());

  const logFiles = () => globSync(join(folder, 'logs', 'gc_*'));

  function startJvm(rounds: number): { jvm: ChildProcess; ended: Promise<unknown> } {
    const log = `-Xlog:gc*,safepoint:file=${join(folder, 'logs', 'gc_%p_%t.log')}:time,tags:filecount=500,filesize=8k`;
    // A killed JVM does not remove its flight recordings.
    const recordings = `-XX:FlightRecorderOptions=repository=${join(folder, 'recordings')}`;
    const words = ['-Xms96m', '-Xmx96m', '-XX:+UseG1GC', recordings, log, '-cp', classes, 'GcProgram'];
    const program = [machineJvm().java, ...words, String(rounds), join(folder, 'unused.jfr')];
    // Leaves CPU time to the reader.
    const jvm = spawn('nice', ['-n', '19', ...program], { stdio: 'ignore' });
    cleanUp.defer(() => void jvm.kill('SIGKILL'));
    return { jvm, ended: once(jvm, 'exit') };
  }

  async function startExporter() {
    const words = ['--config', configFile, '--listen', '127.0.0.1:0', '--state-dir', join(folder, 'state')];
    const { child, written, finished } = spawnPlimsoll(['exporter', ...words]);
    cleanUp.defer(() => void child.kill('SIGKILL'));
    let hasEnded = false;
    void finished.then(() => (hasEnded = true));
    while (!written.stdout.includes('\n')) {
      if (hasEnded) expect.fail(`the exporter ended: ${written.stderr}`);
      await Promise.race([once(child.stdout, 'data'), finished]);
    }
    const url = written.stdout.replace('listening on ', '').trim();
    return {
      async scrape(): Promise<Record<Host, Figures>> {
        const { samples } = parseExposition(await (await fetch(`${url}metrics`)).text());
        return Object.fromEntries(hosts.map((host) => [host, figuresOf(samples, host)])) as Record<Host, Figures>;
      },
      async kill(signal: 'SIGKILL' | 'SIGTERM') {
        child.kill(signal);
        await finished;
      },
    };
  }

  function figuresOf(samples: ReadonlyMap<string, string>, host: Host): Figures {
    const all = (name: string) =>
      sum(
        [...samples]
          .filter(([key]) => key.startsWith(`${name}{`) && key.includes(`host="${host}"`))
          .map(([, v]) => Number(v)),
      );
    return {
      count: all('jvm_gclog_pause_seconds_count'),
      seconds: all('jvm_gclog_pause_seconds_sum'),
      unread: all('jvm_gclog_unread_bytes'),
      runs: all('jvm_gclog_runs_total'),
      isWithoutFile: [...samples].some(
        ([key, value]) => key.startsWith('jvm_gclog_success{') && key.includes(`host="${host}"`) && value === '0',
      ),
    };
  }

  requires('java', 'maven', 'sshd').test(
    'count every pause once while exporter and JVM are killed and logs rotate',
    async () => {
      const seen: Record<Host, number[]> = { here: [], far: [] };
      const scrapeOften = async (times: number) => {
        const exporter = await startExporter();
        const before = logFiles().length;
        // On a busy machine the JVM writes little.
        for (let time = 0; time < times || (logFiles().length < before + 2 && time < 50); time++) {
          const told = await exporter.scrape();
          for (const host of hosts) seen[host].push(told[host].count);
          await delay(100);
        }
        return exporter;
      };

      // Earlier log content is not counted: this exporter must count zero.
      const first = await startExporter();
      for (let isSeen = false; !isSeen;) {
        const told = await first.scrape();
        isSeen = hosts.every((host) => told[host].isWithoutFile);
      }
      const killed = startJvm(1000);
      await first.kill('SIGKILL');
      // Killed while the scrape is in progress.
      const second = await scrapeOften(4);
      const answer = second.scrape().catch(() => undefined);
      await delay(5);
      await second.kill('SIGKILL');
      await answer;
      killed.jvm.kill('SIGKILL');
      await killed.ended;
      const ending = startJvm(4);
      await (await scrapeOften(4)).kill('SIGTERM');
      await ending.ended;

      const exporter = await startExporter();
      let told = await exporter.scrape();
      for (let time = 0; time < 20 && hosts.some((host) => told[host].unread > 0); time++)
        told = await exporter.scrape();
      await exporter.kill('SIGTERM');

      const files = logFiles();
      const printed = files.flatMap((path) => printedPauses(readFileSync(path, 'latin1')));
      const truth = printed.filter(({ isInner }) => !isInner).map(({ seconds }) => seconds);
      expect(files.length).toBeGreaterThan(5);
      expect(printed.length).toBeGreaterThan(50);
      for (const host of hosts) {
        expect(told[host], host).toMatchObject({ count: printed.length, unread: 0, runs: 2 });
        expect(told[host].seconds).toBeCloseTo(sum(truth), 6);
        // Counters of pauses never decrease.
        expect(seen[host]).toEqual(seen[host].toSorted((a, b) => a - b));
        expect(new Set(seen[host]).size).toBeGreaterThan(1);
      }
    },
    180_000,
  );

  requires('java', 'maven', 'sshd').test(
    'count pauses from the start of a load test, with the longest of each reading',
    async () => {
      const config = HostsConfig.parse((JSON.parse(readFileSync(configFile, 'utf8')) as { hosts: unknown }).hosts);
      await using open = new AsyncDisposableStack();
      const machines = hosts.map((name) => {
        const probe = open.use(openHost(name, config[name] ?? expect.fail(`${name} is not configured`)));
        const counts = open.use(probe.countPauses?.() ?? expect.fail(`${name} cannot count pauses`));
        return { counts, longest: 0, taken: { pauses: 0, pauseSeconds: 0 } };
      });
      const readAll = () =>
        Promise.all(
          machines.map(async (machine) => {
            const [log] = (await machine.counts.sample({ signal: AbortSignal.timeout(20_000) })).logs;
            const { counts, longestPauseSeconds = 0 } = machine.counts.take(log ?? expect.fail('no log'));
            expect(log?.trouble).toBeUndefined();
            machine.longest = Math.max(machine.longest, longestPauseSeconds);
            machine.taken = counts ?? machine.taken;
          }),
        );

      await startJvm(2).ended;
      // Nothing in these logs is counted.
      const before = new Set(logFiles());
      await readAll();
      expect(machines.map(({ taken }) => taken.pauses)).toEqual([0, 0]);
      const { ended } = startJvm(4);
      let hasEnded = false;
      void ended.then(() => (hasEnded = true));
      while (!hasEnded) {
        await readAll();
        await delay(100);
      }
      await readAll();

      const files = logFiles().filter((path) => !before.has(path));
      const printed = files.flatMap((path) => printedPauses(readFileSync(path, 'latin1')));
      const truth = printed.filter(({ isInner }) => !isInner).map(({ seconds }) => seconds);
      for (const { taken, longest } of machines) {
        expect(taken).toEqual({ pauses: printed.length, pauseSeconds: expect.closeTo(sum(truth), 6) as number });
        expect(longest).toBeCloseTo(Math.max(...truth), 6);
      }
    },
    60_000,
  );
});
