// Checks the prerequisites of tests. A missing one skips its tests with the line that installs it, and fails them under CI=true.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { describe, test } from 'vitest';

interface Prerequisite {
  isHere(): boolean;
  /** Command that installs it. */
  obtain: string;
  /** True if no test of the default run needs it, so .ci/run does not install it. */
  isOfFullMatrix?: true;
}

const answers = (command: string, ...words: string[]) => spawnSync(command, words, { stdio: 'ignore' }).status === 0;

export const prerequisites = {
  java: { isHere: () => (javaMajor() ?? 0) >= 17, obtain: 'apt-get install openjdk-17-jre-headless' },
  maven: { isHere: () => answers('mvn', '--version'), obtain: 'apt-get install maven' },
  pip: { isHere: () => answers('python3', '-m', 'pip', '--version'), obtain: 'apt-get install python3-pip' },
  root: { isHere: () => process.getuid?.() === 0, obtain: 'run the tests as root: network namespaces need it' },
  ip: { isHere: () => answers('ip', '-Version'), obtain: 'apt-get install iproute2' },
  tc: { isHere: () => answers('tc', '-Version'), obtain: 'apt-get install iproute2' },
  ethtool: { isHere: () => answers('ethtool', '--version'), obtain: 'apt-get install ethtool' },
  prometheus: { isHere: () => answers('prometheus', '--version'), obtain: 'apt-get install prometheus' },
  openssl: { isHere: () => answers('openssl', 'version'), obtain: 'apt-get install openssl' },
  promtool: { isHere: () => answers('promtool', '--version'), obtain: 'apt-get install prometheus' },
  alertmanager: {
    isHere: () => answers('prometheus-alertmanager', '--version'),
    obtain: 'apt-get install prometheus-alertmanager',
  },
  'node-exporter': {
    isHere: () => answers('prometheus-node-exporter', '--version'),
    obtain: 'apt-get install prometheus-node-exporter',
  },
  sshd: {
    isHere: () => answers('/usr/sbin/sshd', '-V'),
    obtain: 'apt-get install openssh-server openssh-client',
  },
  supervisor: { isHere: () => answers('supervisord', '--version'), obtain: 'apt-get install supervisor' },
  curl: { isHere: () => answers('curl', '--version'), obtain: 'apt-get install curl' },
  faketime: { isHere: () => answers('faketime', '--version'), obtain: 'apt-get install faketime' },
  go: { isHere: () => isGoNewEnough(), obtain: 'install Go 1.24.5 or newer from go.dev/dl' },
  kdc: {
    isHere: () => existsSync('/usr/sbin/krb5kdc') && existsSync('/usr/include/gssapi.h'),
    obtain: 'apt-get install krb5-kdc krb5-admin-server krb5-user libkrb5-dev build-essential',
  },
  zabbix: {
    isHere: () =>
      ['/usr/sbin/zabbix_server', '/usr/sbin/zabbix_agentd', '/usr/sbin/zabbix-java-gateway.jar'].every(existsSync) &&
      existsSync('/usr/share/zabbix/api_jsonrpc.php') &&
      answers('php', '--version') &&
      existsSync(`${postgresBinaries()}/initdb`),
    obtain:
      'apt-get install zabbix-server-pgsql zabbix-agent zabbix-java-gateway zabbix-frontend-php php-cli php-pgsql postgresql',
    isOfFullMatrix: true,
  },
  debootstrap: { isHere: () => answers('debootstrap', '--version'), obtain: 'apt-get install debootstrap' },
  nspawn: { isHere: () => answers('systemd-nspawn', '--version'), obtain: 'apt-get install systemd-container' },
  chromium: { isHere: () => answers('/usr/bin/chromium', '--version'), obtain: 'apt-get install chromium' },
} satisfies Record<string, Prerequisite>;

export type PrerequisiteName = keyof typeof prerequisites;

/** True for the full matrix: every version, client, broker and many more generated inputs (`npm run test:full`). */
export const fullMatrix = process.env['PLIMSOLL_TEST_FULL'] === '1';

const known = new Map<PrerequisiteName, boolean>();

/**
 * Returns `describe` and `test` that run only if all named prerequisites exist. A suite that cannot run is replaced, including
 * its hooks, by one test with the reason: it is skipped, or under CI=true it fails.
 */
export function requires(...names: readonly PrerequisiteName[]): {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => void | Promise<void>, timeoutMs?: number): void;
} {
  const missing = names.filter((name) => !isHere(name));
  if (missing.length === 0) {
    return {
      describe: (name, body) => void describe(name, body),
      test: (name, body, timeoutMs) => test(name, async () => body(), timeoutMs),
    };
  }
  const why = missing.map((name) => `${name} is missing: ${prerequisites[name].obtain}`).join('; ');
  return {
    describe: (name) => void describe(name, () => refuse('all of it', why)),
    test: (name) => refuse(name, why),
  };
}

export const areHere = (...names: readonly PrerequisiteName[]) => names.every(isHere);

function refuse(name: string, why: string): void {
  test(name, ({ skip }) => {
    if (process.env['CI'] === 'true') throw new Error(why);
    skip(why);
  });
}

function isHere(name: PrerequisiteName): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const now = prerequisites[name].isHere();
  known.set(name, now);
  return now;
}

/** Returns the folder of Debian's newest PostgreSQL. */
export function postgresBinaries(): string {
  const root = '/usr/lib/postgresql';
  const [newest = ''] = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return `${root}/${newest}/bin`;
}

function isGoNewEnough(): boolean {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor = '0', patch = '0'] = /go1\.(\d+)(?:\.(\d+))?/.exec(stdout ?? '') ?? [];
  return Number(minor) > 24 || (Number(minor) === 24 && Number(patch) >= 5);
}

function javaMajor(): number | undefined {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const [, major] = /version "(\d+)/.exec(stderr ?? '') ?? [];
  return major === undefined ? undefined : Number(major);
}
