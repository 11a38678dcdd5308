import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../../core/log.ts';
import { seconds } from '../../../core/clock.ts';
import { ExporterConfig, limitsOf } from '../../../exporter/config.ts';
import { discoverClusters } from '../../../exporter/discovery.ts';
import type { LagClock } from '../../../exporter/lag/lag-clock.ts';
import type { LastTargets } from '../../../exporter/target-list.ts';
import { inspectorOf, stoppedClock, troubledSnapshot } from '../../support/golden-metrics-page.ts';

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), 'plimsoll-discovery-'))));
afterAll(() => rm(scratch, { recursive: true }));

const io = { signal: new AbortController().signal };

function discover(
  list: { file?: string; url?: string; authorization?: object; headers?: object },
  clock = stoppedClock,
  lastTargets: LastTargets = new Map(),
  lagClocks = new Map<string, LagClock>(),
) {
  const config = ExporterConfig.parse({
    modules: { plain: { broker: 'kafka', targets: ['127.0.0.1:*'] } },
    targets: [{ module: 'plain', refreshSeconds: 60, ...list }],
  });
  const told: string[] = [];
  const closed: string[] = [];
  const discovery = discoverClusters({
    lists: config.targets,
    lastTargets,
    lagClocks,
    modules: config.modules,
    configured: new Set(['prod']),
    limits: limitsOf(config),
    clock,
    log: createLogger('warn', { write: (line) => void told.push((JSON.parse(line) as { reason: string }).reason) }),
    open: async (name) => ({
      ...inspectorOf(async () => troubledSnapshot),
      [Symbol.asyncDispose]: async () => void closed.push(name),
    }),
  });
  const clusters = (scrape = io) => discovery.clusters(scrape);
  const names = async () => (await clusters()).map(({ name }) => name);
  return { clusters, names, hasUnreadList: discovery.hasUnreadList, told, closed };
}

async function write(name: string, text: string): Promise<string> {
  const file = join(scratch, name);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
  return file;
}

test('each target in a file is a cluster, and a single target has the name set by its group', async () => {
  const file = await write(
    'named.yml',
    '- targets: ["127.0.0.1:1"]\n  labels: { cluster: eu }\n- targets: ["127.0.0.1:2", "127.0.0.1:3,127.0.0.1:4"]\n',
  );
  expect(await discover({ file }).names()).toEqual(['eu', '127.0.0.1:2', '127.0.0.1:3,127.0.0.1:4']);
});

test('a changed file is read again: remaining targets keep their connection, removed ones are closed', async () => {
  const file = await write('changing.json', '[{ "targets": ["127.0.0.1:1", "127.0.0.1:2"] }]');
  const { clusters, closed } = discover({ file });
  const [, before] = await clusters();
  expect(before?.lagClock, 'what dates its lag').toBeDefined();
  for (const { inspector } of await clusters()) await inspector.snapshot(io);
  await write('changing.json', '[{ "targets": ["127.0.0.1:2"] }]');
  expect(await clusters()).toEqual([before]);
  expect((await clusters())[0]).toBe(before);
  expect(closed).toEqual(['127.0.0.1:1']);
});

test('an unreadable list keeps its last targets and is logged once', async () => {
  const file = await write('broken.json', '[{ "targets": ["127.0.0.1:1"] }]');
  const { names, told } = discover({ file });
  await names();
  await write('broken.json', '{ "targets": ["127.0.0.1:9"] }');
  expect([await names(), await names()]).toEqual([['127.0.0.1:1'], ['127.0.0.1:1']]);
  expect(told).toEqual(['it is not a list of { targets, labels }']);
});

test('a target not allowed by the module, or with a name in use, is left out and logged once', async () => {
  const file = await write(
    'refused.json',
    '[{ "targets": ["evil.example:9092"] }, { "targets": ["127.0.0.1:1"], "labels": { "cluster": "prod" } }]',
  );
  const { names, told } = discover({ file });
  expect([await names(), await names()]).toEqual([[], []]);
  expect(told).toEqual([
    '"evil.example:9092" is not among the targets of this module',
    'another cluster has this name',
  ]);
});

/** @param answer response of the list server, until the test ends */
async function serve(answer: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

test('a list counts as unread from the start or a later failure until it can be read', async () => {
  const { names, hasUnreadList } = discover({ file: join(scratch, 'late.json') });
  expect([await names(), hasUnreadList()]).toEqual([[], true]);
  await write('late.json', '[{ "targets": ["127.0.0.1:1"] }]');
  expect([await names(), hasUnreadList()]).toEqual([['127.0.0.1:1'], false]);
  await write('late.json', '{}');
  expect([await names(), hasUnreadList()]).toEqual([['127.0.0.1:1'], true]);
  await write('late.json', '[{ "targets": ["evil.example:9092"] }]');
  expect([await names(), hasUnreadList()], 'a target that is left out').toEqual([[], false]);
});

test('a list over HTTP counts as unread while its server fails', async () => {
  let status = 503;
  await using server = await serve((_, response) => response.writeHead(status).end('[]'));
  let now = 0;
  const { clusters, hasUnreadList } = discover({ url: server.url }, { ...stoppedClock, monotonic: () => seconds(now) });
  await clusters();
  expect(hasUnreadList()).toBe(true);
  status = 200;
  now = 16;
  await clusters();
  expect(hasUnreadList()).toBe(false);
});

test('a list that could not be read before the deadline counts as unread', async () => {
  const { clusters, hasUnreadList } = discover({ file: await write('slow.json', '[]') });
  await clusters({ signal: AbortSignal.abort() });
  expect(hasUnreadList()).toBe(true);
  await clusters();
  expect(hasUnreadList()).toBe(false);
});

test('after a config reload the targets of an unreadable list are kept, those of a removed list are not', async () => {
  const file = await write('handed-over.json', '[{ "targets": ["127.0.0.1:1"] }]');
  const lastTargets: LastTargets = new Map();
  const reload = (list: { file?: string; url?: string }) => discover(list, stoppedClock, lastTargets);
  await reload({ file }).names();
  await write('handed-over.json', '{}');
  const reloaded = reload({ file });
  expect([await reloaded.names(), reloaded.hasUnreadList()]).toEqual([['127.0.0.1:1'], true]);

  const server = await serve((_, response) => response.end('[{ "targets": ["127.0.0.1:2"] }]'));
  await reload({ url: server.url }).names();
  await server[Symbol.asyncDispose]();
  const withoutServer = reload({ url: server.url });
  expect([await withoutServer.names(), withoutServer.hasUnreadList()]).toEqual([['127.0.0.1:2'], true]);
  expect(await reload({ file }).names()).toEqual([]);
});

test('after a config reload a listed cluster keeps its lag history, and one that left the list loses it', async () => {
  const file = await write('reloaded.json', '[{ "targets": ["127.0.0.1:1"] }]');
  const lagClocks = new Map<string, LagClock>();
  const reload = async () => (await discover({ file }, stoppedClock, new Map(), lagClocks).clusters())[0]?.lagClock;
  const before = await reload();
  expect(before).toBeDefined();
  expect(await reload()).toBe(before);
  await write('reloaded.json', '[]');
  expect(await reload()).toBeUndefined();
  expect(lagClocks.size).toBe(0);
});

test('a list over HTTP is requested once per interval', async () => {
  let asked = 0;
  await using server = await serve((_, response) =>
    response.end(JSON.stringify([{ targets: [`127.0.0.1:${++asked}`] }])),
  );
  let now = 0;
  const { names } = discover({ url: server.url }, { ...stoppedClock, monotonic: () => seconds(now) });
  expect([await names(), await names()]).toEqual([['127.0.0.1:1'], ['127.0.0.1:1']]);
  now = 61;
  expect(await names()).toEqual(['127.0.0.1:2']);
});

test('a list over HTTP is requested with the login and headers of its config', async () => {
  const token = await write('token', 'hunter2\n');
  await using server = await serve(({ headers }, response) => {
    const isRight = headers.authorization === 'Bearer hunter2' && headers['x-tenant'] === 'hunter2';
    response.writeHead(isRight ? 200 : 401).end('[{ "targets": ["127.0.0.1:1"] }]');
  });
  const headers = { 'X-Tenant': `\${file:${token}}` };
  const withToken = (path: string) =>
    discover({ url: server.url, authorization: { bearerToken: `\${file:${path}}` }, headers });
  expect(await withToken(token).names()).toEqual(['127.0.0.1:1']);
  const without = discover({ url: server.url });
  expect([await without.names(), without.told]).toEqual([[], ['it answered with status 401']]);
  const missing = withToken(`${token}.missing`);
  expect(await missing.names()).toEqual([]);
  expect(missing.told).toEqual([expect.stringContaining(`cannot read the secret file ${token}.missing`)]);
});

test('a redirect is followed, with a login only on its host', async () => {
  const token = await write('redirect-token', 'hunter2\n');
  const authorization = { bearerToken: `\${file:${token}}` };
  const received: unknown[] = [];
  await using server = await serve(({ url = '', headers }, response) => {
    const [, to] = url.split('?to=');
    if (to === undefined) received.push(headers.authorization);
    else response.writeHead(308, { location: to === 'itself' ? url : to });
    response.end('[{ "targets": ["127.0.0.1:1"] }]');
  });
  const redirected = (to: string, login: object = {}) =>
    discover({ url: new URL(`/?to=${to}`, server.url).href, ...login });
  const elsewhere = new URL(server.url.replace('127.0.0.1', 'localhost')).origin;
  expect(await redirected('/list').names()).toEqual(['127.0.0.1:1']);
  expect(await redirected(`${elsewhere}/list`).names()).toEqual(['127.0.0.1:1']);
  expect(await redirected('/list', { authorization }).names()).toEqual(['127.0.0.1:1']);
  expect(received).toEqual([undefined, undefined, 'Bearer hunter2']);
  const refused = redirected(`${elsewhere}/list?sig=hunter2`, { authorization });
  expect(await refused.names()).toEqual([]);
  expect(refused.told).toEqual([`it redirects to ${elsewhere}, which does not receive the login: configure that URL`]);
  for (const to of ['file:///etc/passwd', 'itself', '']) {
    const list = redirected(to);
    expect([await list.names(), list.told]).toEqual([[], ['it answered with status 308']]);
  }
  expect(received).toHaveLength(3);
});

test('after a config reload, a list of another tenant at the same URL does not show the targets of the first', async () => {
  const lastTargets: LastTargets = new Map();
  const tenant = await write('tenant', 'one');
  const other = await write('other-tenant', 'two');
  await using server = await serve(({ headers }, response) => {
    response.writeHead(headers['x-tenant'] === 'one' ? 200 : 503).end('[{ "targets": ["127.0.0.1:1"] }]');
  });
  const reload = (file: string) =>
    discover({ url: server.url, headers: { 'X-Tenant': `\${file:${file}}` } }, stoppedClock, lastTargets);
  expect(await reload(tenant).names()).toEqual(['127.0.0.1:1']);
  expect(await reload(other).names()).toEqual([]);
});

test('a login of a list in a file is refused, since nothing would use it', () => {
  const authorization = { bearerToken: '${env:TOKEN}' };
  expect(() => discover({ file: join(scratch, 'plain.json'), authorization })).toThrow('belong to a url');
});

test('a hanging list server does not use up the time of the page', async () => {
  await using server = await serve(() => {});
  const scrape = { signal: AbortSignal.timeout(4000) };
  expect(await discover({ url: server.url }).clusters(scrape)).toEqual([]);
  expect(scrape.signal.aborted).toBe(false);
});

test('a failing list server is retried after a while and not at each scrape', async () => {
  let asked = 0;
  await using server = await serve((_, response) => {
    asked++;
    response.writeHead(503).end();
  });
  let now = 0;
  const { names, told } = discover({ url: server.url }, { ...stoppedClock, monotonic: () => seconds(now) });
  await names();
  await names();
  expect(asked).toBe(1);
  now = 16;
  await names();
  expect(asked).toBe(2);
  expect(told).toEqual(['it answered with status 503']);
});

test.for<[string, string, RequestListener]>([
  ['a page for people', 'it is not JSON', (_, response) => response.end('<html>hello</html>')],
  ['nothing but a hang-up', 'the connection was reset', (request) => request.socket.destroy()],
])('a list server that answers with %s is logged with the reason', async ([, reason, answer]) => {
  await using server = await serve(answer);
  const { names, told } = discover({ url: server.url });
  expect(await names()).toEqual([]);
  expect(told).toEqual([reason]);
});

test('an endless list is read only up to the size limit', async () => {
  let sent = 0;
  const piece = Buffer.alloc(64 * 1024, ' ');
  await using server = await serve((_, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(piece)) sent += piece.length;
    };
    response.on('drain', write);
    write();
  });
  const { names, told } = discover({ url: server.url });
  expect(await names()).toEqual([]);
  expect(told).toEqual(['it is larger than 2 MiB']);
  // Socket buffers on the way hold some bytes.
  expect(sent).toBeLessThan(20 * 2 ** 20);
});

test('a file read while it is rewritten keeps its last targets', async () => {
  const file = await write('rewritten.yml', '- targets: ["127.0.0.1:1"]\n');
  const { names, told } = discover({ file });
  await names();
  await writeFile(file, '');
  expect(await names()).toEqual(['127.0.0.1:1']);
  await writeFile(file, '- targets: ["127.0.0.1:2"]\n');
  expect(await names()).toEqual(['127.0.0.1:2']);
  expect(told[0]).toBe('it is empty');
});

test('a path that is not a readable list file is logged with the reason', async () => {
  const large = await write('large.json', ' '.repeat(3 * 2 ** 20));
  for (const [file, reason] of [
    [join(scratch, 'missing.json'), 'no such file'],
    [scratch, 'it is not a file'],
    [large, 'it is larger than 2 MiB'],
  ] as const) {
    const { names, told } = discover({ file });
    await names();
    expect(told).toEqual([reason]);
  }
});
