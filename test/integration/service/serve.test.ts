import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plimsoll } from '../../support/plimsoll.ts';
import { requires } from '../../support/prerequisites.ts';
import { servePlimsoll } from '../../support/served-plimsoll.ts';

/** Nothing listens there: the test holds for any state of the cluster. */
const config = `
clusters:
  orders: { broker: kafka, bootstrap: ['127.0.0.1:1'] }
sources:
  prom: { kind: prometheus, url: http://127.0.0.1:2 }
service:
  domains: { shop: { cluster: orders } }
  clusters: { orders: { source: prom, load: 'sum(rate(messages_total[5m]))' } }
  pathPrefix: /plimsoll
`;

let folder: string;
let words: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-serve-'));
  await writeFile(join(folder, 'plimsoll.yaml'), config);
  words = ['--config', join(folder, 'plimsoll.yaml'), '--state-dir', join(folder, 'state')];
});
afterEach(() => rm(folder, { recursive: true }));

const note = (text: string, operator: object = {}) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...operator },
  body: JSON.stringify({ what: 'annotated', note: text, cluster: 'orders' }),
});
const historyOf = async (text: Response) =>
  ((await text.json()) as { entries: { id: number; change?: unknown }[] }).entries;

test('entries are there after the service was killed, and pages load although cluster and Prometheus are down', async () => {
  {
    await using service = await servePlimsoll(words);
    const operator = await service.operator();
    expect((await service.get('/api/v1/changes', note('before the cut', operator))).status).toBe(201);
    const second = await plimsoll(['serve', '--listen', '127.0.0.1:0', ...words]);
    expect(second.exitCode).toBe(5);
    expect(second.stderr).toContain('another service uses history file');
    await service.kill();
  }
  await using service = await servePlimsoll(words);
  expect(await historyOf(await service.get('/api/v1/ledger'))).toMatchObject([
    { id: 1, change: { what: 'annotated', after: 'before the cut' } },
  ]);
  // Neither the cluster nor Prometheus responds, but the pages do.
  const page = await service.until('/metrics', (text) =>
    text.includes('plimsoll_job_success{task="load",cluster="orders"} 0') &&
    text.includes('plimsoll_job_success{task="reading",cluster="orders"} 0')
      ? text
      : undefined,
  );
  expect(page).toContain('plimsoll_cluster_state{cluster="orders",state="down"} 1');
  expect(page).not.toMatch(/plimsoll_(headroom|now_produce|safe_max)/);
  expect(service.said()).toContain('prometheus-refused');
});

test('an entry added by a command is visible in the running service, with and without the path prefix', async () => {
  await using service = await servePlimsoll(words);
  const added = await plimsoll([
    'history',
    'add',
    'examples/founding-70k',
    '--cluster',
    'orders',
    '--state-dir',
    join(folder, 'state'),
  ]);
  expect(added).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('entry 1, verdict: observed 70,000') as string,
  });
  for (const path of ['/api/v1/clusters/orders', '/plimsoll/api/v1/clusters/orders']) {
    expect(await (await service.get(path)).text()).toContain('"tps":70000');
  }
  expect(await (await service.get('/plimsoll/metrics')).text()).toMatch(
    /plimsoll_safe_max_tps\{cluster="orders",bound="low"\} \d/,
  );
  for (const path of ['/-/healthy', '/-/ready', '/plimsoll/-/healthy', '/exporter']) {
    expect((await service.get(path)).status).toBe(200);
  }
  const backup = join(folder, 'backup.sqlite');
  const copied = await plimsoll(['history', 'backup', '--out', backup, '--state-dir', join(folder, 'state')]);
  expect(copied).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 entry') as string });
});

test('a damaged history is not overwritten, and the error explains how to restore it', async () => {
  await mkdir(join(folder, 'state'));
  const file = join(folder, 'state', 'ledger.sqlite');
  await writeFile(file, 'time,value\n'.repeat(500));
  const refused = await plimsoll(['serve', '--listen', '127.0.0.1:0', ...words]);
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain('plimsoll history restore');
  expect(refused.stderr).not.toContain('    at ');
  expect(await readFile(file, 'utf8')).toBe('time,value\n'.repeat(500));
});

test('listening on all addresses is refused without a login', async () => {
  const refused = await plimsoll(['serve', ...words, '--listen', '0.0.0.0:0']);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--web.config.file') as string });
});

requires('root').test('with a full disk the service keeps serving, and writes again once there is space', async () => {
  const state = join(folder, 'state');
  await mkdir(state);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'plimsoll-test', state]);
  try {
    await using service = await servePlimsoll(words);
    const operator = await service.operator();
    await writeFile(join(state, 'filler'), Buffer.alloc(300 * 1024));
    let last: Response | undefined;
    for (let attempt = 0; attempt < 200 && last?.ok !== false; attempt++) {
      last = await service.get('/api/v1/changes', note('x'.repeat(2000), operator));
    }
    expect(last?.status).toBe(507);
    expect(await last?.json()).toMatchObject({ error: { code: 'ledger-full' } });
    expect(await (await service.get('/metrics')).text()).toContain('plimsoll_history_writable 0');
    expect((await historyOf(await service.get('/api/v1/ledger?limit=1'))).length).toBe(1);
    await rm(join(state, 'filler'));
    expect((await service.get('/api/v1/changes', note('there is room again', operator))).status).toBe(201);
    expect(await (await service.get('/metrics')).text()).toContain('plimsoll_history_writable 1');
  } finally {
    execFileSync('umount', ['-l', state]);
  }
});
