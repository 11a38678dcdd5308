// Runs a real Zabbix of Debian: its server, an agent, the Java gateway and the API of its frontend, on a separate database.

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { freePorts } from '../../lab/free-port.ts';
import { findJava } from '../../lab/prerequisites.ts';
import { postgresBinaries } from './prerequisites.ts';

export interface RunningZabbix extends AsyncDisposable {
  /** URL of api_jsonrpc.php. */
  url: string;
  agentPort: number;
  /** Calls the API as the administrator. @throws Error with the message of Zabbix */
  call<Result>(method: string, params: object): Promise<Result>;
}

const data = '/usr/share/zabbix-server-pgsql';
/** Parts of the frontend that the API needs; the rest is for browsers. */
const frontendParts = ['api_jsonrpc.php', 'app', 'conf', 'include', 'locale', 'modules', 'vendor'];

/** Takes about 30 s, because the database imports the templates that Zabbix ships. */
export async function startZabbix(): Promise<RunningZabbix> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-zabbix-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const [database = 0, server = 0, agent = 0, gateway = 0, web = 0] = await freePorts(5);
  const log = join(folder, 'server.log');

  function start(program: string, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(program, words, { stdio: 'ignore', cwd: folder, ...options });
    const ended = once(child, 'exit');
    opened.defer(async () => {
      // For PostgreSQL: closes connections and stops.
      child.kill(program.endsWith('postgres') ? 'SIGINT' : 'SIGTERM');
      await ended;
    });
    return child;
  }

  await startDatabase();
  await writeFile(
    join(folder, 'server.conf'),
    lines({
      AllowRoot: 1,
      DBHost: folder,
      DBPort: database,
      DBName: 'zabbix',
      DBUser: 'zabbix',
      ListenIP: '127.0.0.1',
      ListenPort: server,
      LogFile: log,
      PidFile: join(folder, 'server.pid'),
      SocketDir: folder,
      CacheUpdateFrequency: 1,
      StartPollers: 4,
      StartJavaPollers: 2,
      StartPingers: 0,
      StartDiscoverers: 0,
      JavaGateway: '127.0.0.1',
      JavaGatewayPort: gateway,
    }),
  );
  start('/usr/sbin/zabbix_server', ['-f', '-c', join(folder, 'server.conf')]);
  await writeFile(
    join(folder, 'agent.conf'),
    lines({
      AllowRoot: 1,
      Server: '127.0.0.1',
      ListenIP: '127.0.0.1',
      ListenPort: agent,
      StartAgents: 3,
      LogFile: join(folder, 'agent.log'),
      PidFile: join(folder, 'agent.pid'),
    }),
  );
  start('/usr/sbin/zabbix_agentd', ['-f', '-c', join(folder, 'agent.conf')]);
  const io = { signal: AbortSignal.timeout(30_000), environment: process.env, progress: () => undefined };
  const properties = { listenIP: '127.0.0.1', listenPort: gateway, startPollers: 2, timeout: 10 };
  start(await findJava(io), [
    '-Xmx64m',
    '-XX:+UseSerialGC',
    ...Object.entries(properties).map(([key, value]) => `-Dzabbix.${key}=${value}`),
    '-jar',
    '/usr/sbin/zabbix-java-gateway.jar',
  ]);
  await startFrontend();

  const url = `http://127.0.0.1:${web}/api_jsonrpc.php`;
  let session: string | undefined;
  async function call<Result>(method: string, params: object): Promise<Result> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json-rpc' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...(session !== undefined && { auth: session }) }),
    });
    const { result, error } = (await answer.json()) as { result: Result; error?: { message: string; data: string } };
    if (error) throw new Error(`${method}: ${error.message} ${error.data}`);
    return result;
  }
  for (const end = Date.now() + 60_000; ; await delay(500)) {
    // Default password of a new installation.
    session = await call<string>('user.login', { username: 'Admin', password: 'zabbix' }).catch((error: Error) => {
      if (Date.now() > end) throw error;
      return undefined;
    });
    if (session !== undefined) break;
  }
  const resources = opened.move();
  return { url, agentPort: agent, call, [Symbol.asyncDispose]: () => resources.disposeAsync() };

  async function startDatabase(): Promise<void> {
    // PostgreSQL refuses to run as root.
    const [uid = 0, gid = 0] = await postgresUser();
    const files = join(folder, 'database');
    await mkdir(files);
    await chown(files, uid, gid);
    await chmod(folder, 0o777);
    const as = { uid, gid, stdio: 'ignore' } as const;
    const words = ['-D', files, '-U', 'zabbix', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await done(spawn(join(postgresBinaries(), 'initdb'), words, { ...as, cwd: folder }), 'initdb');
    const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'listen_addresses='];
    const options = settings.flatMap((setting) => ['-c', setting]);
    start(join(postgresBinaries(), 'postgres'), ['-D', files, '-k', folder, '-p', String(database), ...options], as);
    const at = ['-h', folder, '-p', String(database), '-U', 'zabbix', '-q', '-v', 'ON_ERROR_STOP=1'];
    const psql = join(postgresBinaries(), 'psql');
    for (const end = Date.now() + 30_000; ; await delay(200)) {
      const child = spawn(psql, [...at, '-d', 'postgres', '-c', 'CREATE DATABASE zabbix'], { stdio: 'ignore' });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code === 0) break;
      if (Date.now() > end) throw new Error('PostgreSQL did not start within 30 s');
    }
    for (const file of ['schema', 'images', 'data']) {
      const child = spawn(psql, [...at, '-d', 'zabbix', '-f', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
      const ended = done(child, `psql with ${file}.sql`);
      await pipeline(createReadStream(join(data, `${file}.sql.gz`)), createGunzip(), child.stdin);
      await ended;
    }
    // Without statistics, creating a host with templates takes minutes.
    await done(spawn(psql, [...at, '-d', 'zabbix', '-c', 'ANALYZE'], { stdio: 'ignore' }), 'ANALYZE');
  }

  async function startFrontend(): Promise<void> {
    const root = join(folder, 'frontend');
    for (const part of frontendParts)
      await cp(join('/usr/share/zabbix', part), join(root, part), { recursive: true, verbatimSymlinks: true });
    // Debian's frontend reads its settings only from /etc.
    const reader = join(root, 'include/classes/core/CConfigFile.php');
    const settings = join(folder, 'zabbix.conf.php');
    const text = await readFile(reader, 'utf8');
    await writeFile(reader, text.replace('/etc/zabbix/zabbix.conf.php', settings));
    const connection = { TYPE: 'POSTGRESQL', SERVER: folder, PORT: String(database), DATABASE: 'zabbix' };
    const values = Object.entries({ ...connection, USER: 'zabbix', PASSWORD: '', SCHEMA: '' });
    const assigned = values.map(([key, value]) => `$DB['${key}'] = '${value}';`).join('\n');
    const address = `$ZBX_SERVER = '127.0.0.1';\n$ZBX_SERVER_PORT = '${server}';\n$ZBX_SERVER_NAME = '';`;
    const rest = `$DB['DOUBLE_IEEE754'] = true;\n$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;`;
    await writeFile(settings, `<?php\n${assigned}\n${rest}\n${address}\n`);
    start('php', ['-S', `127.0.0.1:${web}`, '-t', root]);
  }
}

const lines = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

async function done(child: ChildProcess, what: string): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
}

async function postgresUser(): Promise<number[]> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((each) => each.startsWith('postgres:')) ?? '';
  return line.split(':').slice(2, 4).map(Number);
}
