// Runs the Grafana of a folder on loopback, with the committed dashboards and a Prometheus provisioned.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { AppError } from '../../core/errors.ts';
import { freePorts } from '../../lab/free-port.ts';

export interface RunningGrafana extends AsyncDisposable {
  /** Address without trailing slash. */
  url: string;
  version: string;
}

const provisioning = fileURLToPath(new URL('../../dashboards/grafana/provisioning/plimsoll.yaml', import.meta.url));
const startSeconds = 180;

/** Prevents all external requests. Every visitor is an administrator. */
const settings = {
  GF_SERVER_HTTP_ADDR: '127.0.0.1',
  GF_AUTH_ANONYMOUS_ENABLED: 'true',
  GF_AUTH_ANONYMOUS_ORG_ROLE: 'Admin',
  GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  GF_ANALYTICS_ENABLED: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
  GF_LOG_MODE: 'file',
};

/**
 * @param home folder with `bin`, `conf` and `public`, of a package or a source tree
 * @param dashboards JSON of each, by file name
 * @param scrapeInterval scrape interval of the Prometheus, such as `5s`
 */
export async function startGrafana(
  home: string,
  { dashboards, prometheusUrl, scrapeInterval }: Provisioned,
): Promise<RunningGrafana> {
  const [command, ...args] = serverOf(home);
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-grafana-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  await provision(folder, { dashboards, prometheusUrl, scrapeInterval });
  const [port] = await freePorts(1);
  const child = spawn(command, args, {
    cwd: home,
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...process.env,
      ...settings,
      GF_SERVER_HTTP_PORT: String(port),
      GF_PATHS_DATA: join(folder, 'data'),
      GF_PATHS_LOGS: join(folder, 'logs'),
      GF_PATHS_PLUGINS: join(folder, 'plugins'),
      GF_PATHS_PROVISIONING: join(folder, 'provisioning'),
    },
  });
  const ended = once(child, 'exit');
  opened.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + startSeconds * 1000; Date.now() < end; await setTimeout(500)) {
    if (child.exitCode !== null) break;
    const version = await healthyVersion(url);
    if (version === undefined) continue;
    const resources = opened.move();
    return { url, version, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  }
  const log = await readFile(join(folder, 'logs', 'grafana.log'), 'utf8').catch(() => 'it wrote no log');
  throw new Error(`Grafana of ${home} did not start within ${startSeconds} s: ${log.slice(-2000)}`);
}

interface Provisioned {
  dashboards: ReadonlyMap<string, string>;
  prometheusUrl: string;
  scrapeInterval: string;
}

/** Returns the version once Grafana's database is ready. */
async function healthyVersion(url: string): Promise<string | undefined> {
  try {
    const health = (await (await fetch(`${url}/api/health`)).json()) as { database?: string; version?: string };
    return health.database === 'ok' ? (health.version ?? 'unknown') : undefined;
  } catch {
    // Grafana refuses connections until it listens.
    return undefined;
  }
}

/**
 * Packages have the program in `bin`, a source tree in a platform folder below; newer versions have one program with
 * subcommands.
 */
function serverOf(home: string): [string, ...string[]] {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  for (const folder of [join(home, 'bin'), join(home, 'bin', platform)]) {
    const [one, server] = [join(folder, 'grafana'), join(folder, 'grafana-server')];
    if (existsSync(one)) return [one, 'server', '--homepath', home];
    if (existsSync(server)) return [server, '-homepath', home];
  }
  throw new AppError('prerequisite-missing', `no Grafana in ${home}: neither bin/grafana nor bin/grafana-server`, {
    hint: 'set GRAFANA_HOME to the folder with bin, conf and public, such as /usr/share/grafana',
  });
}

async function provision(folder: string, { dashboards, prometheusUrl, scrapeInterval }: Provisioned): Promise<void> {
  const [json, sources, providers] = ['json', 'provisioning/datasources', 'provisioning/dashboards'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  for (const each of [json, sources, providers]) await mkdir(each, { recursive: true });
  for (const [name, text] of dashboards) await writeFile(join(json, name), text);
  const source = {
    name: 'Prometheus',
    type: 'prometheus',
    uid: 'prometheus',
    access: 'proxy',
    url: prometheusUrl,
    isDefault: true,
    jsonData: { timeInterval: scrapeInterval },
  };
  // JSON is valid YAML.
  await writeFile(join(sources, 'prometheus.yaml'), JSON.stringify({ apiVersion: 1, datasources: [source] }));
  const shipped = parse(await readFile(provisioning, 'utf8')) as { providers: { options: object }[] };
  for (const provider of shipped.providers) provider.options = { path: json };
  await writeFile(join(providers, 'plimsoll.yaml'), JSON.stringify(shipped));
}
