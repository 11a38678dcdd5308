// Installs, upgrades, downgrades and removes Plimsoll on a clean Debian with the commands of docs/how-to/install.md.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootDebian, type DebianMachine } from '../support/debian-machine.ts';
import { shellBlocksOf } from '../support/documented-blocks.ts';
import { freePorts } from '../../lab/free-port.ts';
import { packVersion, type PackedVersion } from '../support/packed-version.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { version: current } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
const versions = [current, '99.1.0'] as const;
const [older, newer] = versions;

/** Commands of the page, as a reader would copy them. */
const documented = shellBlocksOf(readFileSync(join(repository, 'docs/how-to/install.md'), 'utf8'))
  .flatMap(({ script }) => script.split('\n'))
  .filter((line) => line.trim() !== '');

const settings = `# edited by an operator
clusters:
  orders: { broker: kafka, bootstrap: ["127.0.0.1:9"] }
hosts: { local: { probe: local } }
`;
const note = { what: 'annotated', cluster: 'orders', note: 'written before the upgrade' };

if (fullMatrix)
  requires('root', 'debootstrap', 'nspawn', 'curl').describe('on a clean Debian', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-versions-'));
    const packed = new Map<string, PackedVersion>();
    beforeAll(() => {
      for (const version of versions) packed.set(version, packVersion(version, folder));
    }, 600_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs the one documented line that ends with `end`, for another version, in /root with the archive. */
    function follow(machine: DebianMachine, end: string, version: string): string {
      const lines = documented.filter((line) => line.endsWith(end));
      expect(lines, `docs/how-to/install.md has one line that ends with ${end}`).toHaveLength(1);
      const command = lines[0]?.replaceAll(current, version) ?? '';
      return must(machine, 'sh', '-c', `cd /root && ${command}`);
    }

    function bring(machine: DebianMachine, of: keyof PackedVersion): void {
      for (const archives of packed.values()) {
        copyFileSync(archives[of], join(machine.root, 'root', basename(archives[of])));
      }
    }

    async function answers(machine: DebianMachine, url: string): Promise<void> {
      await expect.poll(() => machine.curl(`${url}/-/healthy`).stdout, { timeout: 30_000, interval: 300 }).toBe('ok\n');
    }

    /** Adds a note through the API, as an operator with the token of the service. */
    function annotate(machine: DebianMachine, url: string, token: string): void {
      const words = ['--fail-with-body', '--header', `Authorization: Bearer ${token}`];
      const body = ['--header', 'Content-Type: application/json', '--data', JSON.stringify(note)];
      const { status, stdout, stderr } = machine.curl(...words, ...body, `${url}/api/v1/changes`);
      expect(status, stdout + stderr).toBe(0);
    }

    const notesOf = (machine: DebianMachine, url: string) =>
      machine.curl(`${url}/api/v1/changes`).stdout.split(note.note).length - 1;

    test('the bundle with its unit needs no network; config and history survive an upgrade, a downgrade and a removal', async () => {
      await using machine = await bootDebian({ packages: [], network: false });
      const url = 'http://127.0.0.1:18761';
      bring(machine, 'bundle');
      const serves = async (version: string) => {
        await answers(machine, url);
        expect(must(machine, 'plimsoll', '--version')).toBe(`${version}\n`);
        expect(must(machine, 'systemctl', 'show', '--value', '--property=ActiveState', 'plimsoll')).toBe('active\n');
        const pid = must(machine, 'systemctl', 'show', '--value', '--property=MainPID', 'plimsoll').trim();
        expect(must(machine, 'readlink', `/proc/${pid}/exe`)).toContain(`/opt/plimsoll-${version}-`);
      };

      expect(follow(machine, 'install.sh plimsoll', older)).toBe(`plimsoll ${older} is installed\n`);
      await serves(older);
      for (const unit of ['plimsoll', 'plimsoll-exporter']) {
        const file = `/opt/plimsoll/deploy/systemd/${unit}.service`;
        expect(machine.run('systemd-analyze', 'verify', file)).toEqual({ status: 0, stdout: '', stderr: '' });
      }
      writeFileSync(join(machine.root, 'etc/plimsoll/plimsoll.yaml'), settings);
      must(machine, 'systemctl', 'restart', 'plimsoll');
      await answers(machine, url);
      must(machine, 'systemctl', 'reload', 'plimsoll');
      annotate(machine, url, must(machine, 'cat', '/var/lib/plimsoll/operator-token').trim());
      // The sandbox of the unit must not stop the service when a scrape reads this machine.
      const scrape = () => machine.curl('--header', 'X-Prometheus-Scrape-Timeout-Seconds: 4', `${url}/metrics`).stdout;
      await expect.poll(scrape, { timeout: 30_000, interval: 300 }).toContain('\nnode_load1{');
      // The file system is read-only only inside the unit (ProtectSystem=strict).
      expect(scrape()).toMatch(/\nnode_filesystem_readonly\{[^}]*mountpoint="\/run"[^}]*\} 0\n/);
      expect(must(machine, 'systemctl', 'show', '--value', '--property=NRestarts', 'plimsoll')).toBe('0\n');

      follow(machine, 'install.sh plimsoll', newer);
      await serves(newer);
      expect(notesOf(machine, url)).toBe(1);
      follow(machine, 'install.sh plimsoll', older);
      await serves(older);
      expect(notesOf(machine, url)).toBe(1);

      // Simulates a load test: a process of the unit that survives a stop, and needs a while to end.
      const loadTest = 'trap "sleep 2; touch ended; exit" TERM; while :; do sleep 0.1; done';
      const dropIn = '/run/systemd/system/plimsoll.service.d';
      const line = `ExecStartPost=/bin/sh -c '(${loadTest}) > /dev/null 2>&1 &'`;
      must(
        machine,
        'sh',
        '-c',
        `mkdir -p ${dropIn} && printf '[Service]\n%s\n' "$1" > ${dropIn}/load-test.conf`,
        '-',
        line,
      );
      must(machine, 'systemctl', 'daemon-reload');
      must(machine, 'systemctl', 'restart', 'plimsoll');
      // It must also survive a stop before the removal.
      must(machine, 'systemctl', 'stop', 'plimsoll');
      expect(follow(machine, 'remove.sh', older)).toContain('/etc/plimsoll and /var/lib/plimsoll* are kept');
      expect(machine.curl(url).status).toBe(7);
      expect(must(machine, 'sh', '-c', 'ls /opt /usr/local/bin; ls /etc/systemd/system | grep plimsoll || true')).toBe(
        '/opt:\n\n/usr/local/bin:\n',
      );
      must(machine, 'test', '-e', '/var/lib/plimsoll/ended');
      must(machine, 'rm', '-r', dropIn);
      expect(readFileSync(join(machine.root, 'etc/plimsoll/plimsoll.yaml'), 'utf8')).toBe(settings);

      follow(machine, 'install.sh plimsoll', newer);
      await serves(newer);
      expect(notesOf(machine, url)).toBe(1);
      follow(machine, 'remove.sh --purge', newer);
      expect(
        must(
          machine,
          'find',
          '/',
          '-xdev',
          '-name',
          '*plimsoll*',
          '-not',
          '-path',
          '/root/*',
          '-not',
          '-path',
          '/proc/*',
        ),
      ).toBe('');
    }, 300_000);

    test('the bundle without a unit is a command, also for users without a home folder', async () => {
      await using machine = await bootDebian({ packages: [], network: false });
      bring(machine, 'bundle');
      expect(follow(machine, 'install.sh', older)).toBe(`plimsoll ${older} is installed\n`);
      expect(machine.run('test', '-e', '/etc/plimsoll').status).toBe(1);
      const nobody = ['setpriv', '--reuid=61999', '--regid=61999', '--clear-groups', 'env', '--unset=HOME'];
      expect(must(machine, ...nobody, 'plimsoll', '--version')).toBe(`${older}\n`);
      follow(machine, 'install.sh', newer);
      const analysis = must(machine, ...nobody, 'plimsoll', 'analyze', '/opt/plimsoll/dist/examples/founding-70k');
      expect(analysis).toContain('Safe maximum  56,000 msg/s (observed at 70,000');
    }, 300_000);

    test('both units run side by side, and install.sh restarts both', async () => {
      await using machine = await bootDebian({ packages: [], network: false });
      bring(machine, 'bundle');
      follow(machine, 'install.sh plimsoll-exporter', older);
      follow(machine, 'install.sh plimsoll', older);
      const urls = ['http://127.0.0.1:18760', 'http://127.0.0.1:18761'];
      for (const url of urls) await answers(machine, url);
      follow(machine, 'install.sh', newer);
      for (const url of urls) await answers(machine, url);
      for (const unit of ['plimsoll', 'plimsoll-exporter']) {
        const pid = must(machine, 'systemctl', 'show', '--value', '--property=MainPID', unit).trim();
        expect(must(machine, 'readlink', `/proc/${pid}/exe`)).toContain(`/opt/plimsoll-${newer}-`);
      }
    }, 300_000);

    test('install.sh rejects a folder at the path of its link, an unknown unit and a bundle outside /opt', async () => {
      await using machine = await bootDebian({ packages: [], network: false });
      bring(machine, 'bundle');
      const archive = `plimsoll-${older}-linux-${process.arch}`;
      must(machine, 'sh', '-c', `cd /root && tar -xzf ${archive}.tar.gz -C /opt && cp -r /opt/${archive} /srv`);
      const install = (path: string, ...words: string[]) =>
        machine.run(`${path}/${archive}/deploy/systemd/install.sh`, ...words);
      expect(install('/opt', 'plimsol')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('no unit plimsol'),
      });
      expect(install('/srv')).toMatchObject({ status: 2, stderr: expect.stringContaining('tar -xzf BUNDLE -C /opt') });
      mkdirSync(join(machine.root, 'opt/plimsoll'));
      expect(install('/opt')).toMatchObject({ status: 5, stderr: expect.stringContaining('mv /opt/plimsoll') });
    }, 300_000);

    test("Debian's npm installs, upgrades, downgrades and removes the package; config and history stay", async () => {
      await using machine = await bootDebian({ packages: ['npm'], network: true });
      bring(machine, 'npmPackage');
      mkdirSync(join(machine.root, 'etc/plimsoll'));
      writeFileSync(join(machine.root, 'etc/plimsoll/plimsoll.yaml'), settings);
      const [port = 0] = await freePorts(1);
      const url = `http://127.0.0.1:${port}`;
      const serve = async () => {
        const words = ['serve', '--config', '/etc/plimsoll/plimsoll.yaml', '--state-dir', '/var/lib/plimsoll'];
        must(machine, 'systemd-run', '--quiet', '--unit=serve', 'plimsoll', ...words, '--listen', `127.0.0.1:${port}`);
        await answers(machine, url);
      };
      const end = async () => {
        must(machine, 'systemctl', 'stop', 'serve');
        await sleep(100);
      };

      follow(machine, '.tgz', older);
      expect(must(machine, 'plimsoll', '--version')).toBe(`${older}\n`);
      await serve();
      annotate(machine, url, must(machine, 'cat', '/var/lib/plimsoll/operator-token').trim());
      for (const version of [newer, older]) {
        await end();
        follow(machine, '.tgz', version);
        expect(must(machine, 'plimsoll', '--version')).toBe(`${version}\n`);
        await serve();
        expect(notesOf(machine, url)).toBe(1);
      }
      await end();
      follow(machine, 'npm uninstall --global plimsoll', older);
      expect(must(machine, 'sh', '-c', 'ls /usr/local/bin /usr/local/lib/node_modules')).not.toContain('plimsoll');
      expect(readFileSync(join(machine.root, 'etc/plimsoll/plimsoll.yaml'), 'utf8')).toBe(settings);
      expect(must(machine, 'ls', '/var/lib/plimsoll')).toContain('ledger.sqlite');
    }, 600_000);
  });

/** @returns its standard output */
function must(machine: DebianMachine, ...words: string[]): string {
  const { status, stdout, stderr } = machine.run(...words);
  expect(status, `${words.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}
