import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readingSections } from '../../../core/documents/evidence/host-reading.ts';
import { NodeExporterHost } from '../../../hosts/config.ts';
import { openNodeExporterHost } from '../../../hosts/node-exporter/probe.ts';

const recorded = `${readFileSync(
  new URL('../../fixtures/hosts/linux/node-exporter-1.5.0.prom', import.meta.url),
  'utf8',
)}node_exporter_build_info{version="1.5.0"} 1\n`;
const io = { signal: new AbortController().signal };
const everything = new Set(readingSections);

async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const page =
  (text: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(text);
const open = (url: string, over: object = {}) =>
  openNodeExporterHost('broker-1', NodeExporterHost.parse({ probe: 'node-exporter', url, ...over }));

test('converts a page into a reading with the names of the kernel', async () => {
  await using server = await serve(page(recorded));
  const reading = await open(server.url).sample(everything, io);
  expect(reading.networkDevices?.find(({ device }) => device === 'eth0')?.transmitBytes).toBe(104_713_845_331);
  expect(reading.memoryBytes?.['Active(anon)']).toBeGreaterThan(0);
  expect(reading.bonds).toEqual([{ device: 'bond0', members: 2, membersUp: 1 }]);
  expect(reading.fileSystems).toEqual([
    {
      device: '/dev/nvme0n1p1',
      mountpoint: '/var/lib/kafka data',
      type: 'ext4',
      isReadOnly: false,
      error: 'its node_exporter says 1',
    },
  ]);
});

test('reads queues of cards if the qdisc collector is enabled', async () => {
  const figures = { backlog: 6188, drops_total: 2, overlimits_total: 444195 };
  const lines = Object.entries(figures).map(
    ([name, value]) => `node_qdisc_${name}{device="eth0",kind="mq"} ${value}\n`,
  );
  await using server = await serve(page(`node_exporter_build_info 1\n${lines.join('')}`));
  const { queues } = await open(server.url).sample(everything, io);
  expect(queues).toEqual([{ device: 'eth0', kind: 'mq', backlogBytes: 6188, drops: 2, overlimits: 444_195 }]);
});

test('figures that the page lacks or that are not requested are absent', async () => {
  await using server = await serve(page('node_exporter_build_info 1\nnode_load1 1\nnode_load5 2\nnode_load15 3\n'));
  const probe = open(server.url);
  expect(await probe.sample(everything, io)).toEqual({ load: { one: 1, five: 2, fifteen: 3 }, bonds: [], nvme: [] });
  expect(await probe.sample(new Set(['cpus'] as const), io)).toEqual({});
});

test('a disk or card with half of its counters is left out instead of filled with 0', async () => {
  const half = 'node_exporter_build_info 1\nnode_disk_reads_completed_total{device="sda"} 5\n';
  await using server = await serve(page(`${half}node_network_receive_bytes_total{device="eth0"} 5\n`));
  const reading = await open(server.url).sample(everything, io);
  expect(reading.disks).toEqual([]);
  expect(reading).not.toHaveProperty('networkDevices');
});

test('cores and cards are read from the page, and a speed only from the config', async () => {
  await using server = await serve(page(recorded));
  const network = { devices: ['eth0'], speed: '10gbit', speedSource: 'the switch' };
  const inventory = await open(server.url, { network }).describe(io);
  expect(inventory).toMatchObject({
    host: 'broker-1',
    cores: 2,
    networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: 1e10, source: 'config: the switch' } }],
  });
  expect((await open(server.url).describe(io)).networkDevices?.every(({ speed }) => speed === undefined)).toBe(true);
});

/** The output of its collectors netdev and netclass. */
const card = (device: string, id: number, over: { link?: number; origin?: number; operstate?: string } = {}) => {
  const counters = ['receive', 'transmit'].flatMap((direction) =>
    ['bytes', 'packets', 'errs', 'drop'].map(
      (name) => `node_network_${direction}_${name}_total{device="${device}"} 9\n`,
    ),
  );
  const { link = id, origin = 4, operstate = 'up' } = over;
  return [
    ...counters,
    `node_network_iface_id{device="${device}"} ${id}\n`,
    `node_network_iface_link{device="${device}"} ${link}\n`,
    `node_network_name_assign_type{device="${device}"} ${origin}\n`,
    `node_network_info{address="",broadcast="",device="${device}",duplex="full",ifalias="",operstate="${operstate}"} 1\n`,
  ].join('');
};
const bondOfTwo =
  card('lo', 1, { operstate: 'unknown' }) +
  card('eno1', 2) +
  card('eno2', 3) +
  card('eno3', 4, { operstate: 'down' }) +
  card('bond0', 5) +
  card('bond0.7', 6, { link: 5 }) +
  card('br0', 7, { origin: 3 }) +
  card('veth1', 8, { link: 2 }) +
  'node_bonding_slaves{master="bond0"} 2\nnode_bonding_active{master="bond0"} 2\n';

test('a configured speed applies to physical cards, not to the bond, bridge, VLAN or veth above them', async () => {
  await using server = await serve(page(`node_exporter_build_info 1\n${bondOfTwo}`));
  const speed = { bitsPerSecond: 1e10, source: 'config' };
  expect((await open(server.url, { network: { speed: '10gbit' } }).describe(io)).networkDevices).toEqual([
    { device: 'eno1', speed },
    { device: 'eno2', speed },
  ]);
  const network = { devices: ['bond0'], speed: '10gbit' };
  expect((await open(server.url, { network }).describe(io)).networkDevices).toEqual([{ device: 'bond0', speed }]);
});

test('if several cards may be a bond and its members, a configured speed needs named cards', async () => {
  const withoutNetclass = bondOfTwo.replaceAll(/^node_network_(?:iface|name|info).*\n/gm, '');
  await using server = await serve(page(`node_exporter_build_info 1\n${withoutNetclass}`));
  const { networkDevices } = await open(server.url, { network: { speed: '10gbit' } }).describe(io);
  expect(networkDevices).toHaveLength(6);
  expect(networkDevices?.every((each) => each.speed === undefined)).toBe(true);
});

test('a configured speed applies to the only card besides those of containers', async () => {
  const names = ['lo', 'eth0', 'docker0', 'veth7ab2', 'br-9f1c', 'virbr0', 'cni0', 'flannel.1', 'cali12'];
  const cards = names.map((name, index) => card(name, index + 1)).join('');
  const withoutNetclass = cards.replaceAll(/^node_network_(?:iface|name|info).*\n/gm, '');
  await using server = await serve(page(`node_exporter_build_info 1\n${withoutNetclass}`));
  expect((await open(server.url, { network: { speed: '10gbit' } }).describe(io)).networkDevices).toEqual([
    { device: 'eth0', speed: { bitsPerSecond: 1e10, source: 'config' } },
  ]);
});

test.each([
  ['a page of HTML', page('<html><body>Node Exporter</body></html>'), /page for people/],
  ['no such path', page('not found', 404), /HTTP 404/],
  ['a redirect', page('', 302), /HTTP 302/],
  ['another exporter', page('kafka_brokers 3\n'), /no metrics of a node_exporter/],
  ['an empty page', page(''), /no metrics of a node_exporter/],
])('%s is an error with host, URL and remedy', async (_, answer, words) => {
  await using server = await serve(answer);
  await expect(open(server.url).sample(everything, io)).rejects.toMatchObject({
    code: 'host-unreadable',
    message: expect.stringMatching(words),
    hint: expect.stringMatching(/node_exporter|broker-1:9100/),
  });
  await expect(open(server.url).sample(everything, io)).rejects.toThrow(`host broker-1 from ${server.url}`);
});

test('reports a refused connection with the reason', async () => {
  const { url } = await (async () => {
    await using server = await serve(page(''));
    return { url: server.url };
  })();
  await expect(open(url).sample(everything, io)).rejects.toThrow(/ECONNREFUSED/);
});

test('distinguishes refused credentials, sends given ones, and never shows the secret', async () => {
  await using server = await serve(({ headers }, response) => {
    const isRight = headers.authorization === `Basic ${Buffer.from('scraper:s3cret').toString('base64')}`;
    response.writeHead(isRight ? 200 : 401).end(isRight ? recorded : '');
  });
  process.env['PLIMSOLL_TEST_PASSWORD'] = 's3cret';
  try {
    const authorization = { username: 'scraper', password: '${env:PLIMSOLL_TEST_PASSWORD}' };
    const reading = await open(server.url, { authorization }).sample(everything, io);
    expect(reading.cpus).toHaveLength(2);
    process.env['PLIMSOLL_TEST_PASSWORD'] = 'wr0ng';
    const refused = open(server.url, { authorization }).sample(everything, io);
    await expect(refused).rejects.toMatchObject({ code: 'credentials-refused' });
    await expect(refused).rejects.not.toThrow(/wr0ng/);
  } finally {
    delete process.env['PLIMSOLL_TEST_PASSWORD'];
  }
});

test('an abort ends the reading with its reason', async () => {
  await using server = await serve(() => {});
  const signal = AbortSignal.timeout(20);
  await expect(open(server.url).sample(everything, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
});
