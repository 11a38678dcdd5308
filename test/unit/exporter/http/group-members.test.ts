import { expect, test } from 'vitest';
import type { Io } from '../../../../brokers/driver.ts';
import type { ClusterLookup, GroupMembers } from '../../../../brokers/lookup.ts';
import { AppError } from '../../../../core/errors.ts';
import type { GroupCluster } from '../../../../exporter/http/group-members.ts';
import { createExporterApp, listen } from '../../../../exporter/http-server.ts';
import { createFamilies } from '../../../../exporter/exposition/families.ts';

const io = { signal: new AbortController().signal };
const everything = { topics: { deny: [] }, groups: { deny: [] } };
const nobody: GroupMembers = { members: [], notices: [] };

const notAsked = async () => {
  throw new Error('nobody asks for this');
};

function lookupOf(members: ClusterLookup['members'], onClose = () => {}): ClusterLookup {
  return {
    members,
    messages: notAsked,
    partitions: notAsked,
    stored: notAsked,
    settings: notAsked,
    routes: notAsked,
    producers: notAsked,
    topicSettings: notAsked,
    clientQuotas: notAsked,
    topicSizes: notAsked,
    sampleProducers: notAsked,
    clientCounts: notAsked,
    async [Symbol.asyncDispose]() {
      onClose();
    },
  };
}

const serve = (cluster: GroupCluster) => {
  const page = { render: async () => createFamilies(), states: () => [] };
  return listen(createExporterApp(page, { groupsOf: new Map([['lab', cluster]]) }), '127.0.0.1:0', io);
};

async function ask(server: { url: string }, query: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}api/groups?${query}`);
  return { status: response.status, body: await response.json() };
}

test('returns the members of a group, and closes the connection that was opened for it', async () => {
  let closed = 0;
  const member = {
    id: 'a-1',
    clientId: 'a',
    address: '10.0.0.7',
    version: 'V5_3_3',
    subscriptions: { orders: '*' },
    assigned: [{ topic: 'orders', partition: 0, brokerName: 'broker-a' }],
  };
  const members = async (group: string) => ({ assignor: group, members: [member], notices: ['one is silent'] });
  await using server = await serve({ shown: everything, open: async () => lookupOf(members, () => closed++) });
  expect(await ask(server, 'cluster=lab&group=billing')).toEqual({
    status: 200,
    body: {
      schemaVersion: 1,
      cluster: 'lab',
      group: 'billing',
      assignor: 'billing',
      members: [member],
      notices: ['one is silent'],
    },
  });
  expect(closed).toBe(1);
});

test('a scrape opens no connection for group members', async () => {
  let opened = 0;
  await using server = await serve({ shown: everything, open: async () => (opened++, lookupOf(async () => nobody)) });
  await fetch(`${server.url}metrics`);
  await fetch(server.url);
  expect(opened).toBe(0);
});

test.each([
  ['', 400, 'usage', /needs one cluster and one group/],
  ['cluster=lab', 400, 'usage', /needs one cluster/],
  ['cluster=lab&group=a&group=b', 400, 'usage', /needs one cluster and one group/],
  ['cluster=lap&group=a', 404, 'not-found', /unknown cluster "lap"/],
  ['cluster=lab&group=secret-1', 404, 'not-found', /is not shown/],
])('refuses %j with %i and a message', async (query, status, code, message) => {
  const shown = { ...everything, groups: { deny: ['secret-*'] } };
  await using server = await serve({ shown, open: notAsked });
  expect(await ask(server, query)).toEqual({
    status,
    body: { schemaVersion: 1, error: { code, message: expect.stringMatching(message), hint: expect.any(String) } },
  });
});

test('leaves out topics that are not exported', async () => {
  const members = async () => ({
    members: [
      {
        id: 'a',
        clientId: 'a',
        subscriptions: { orders: '*', secrets: '*' },
        assigned: [
          { topic: 'secrets', partition: 0 },
          { topic: 'orders', partition: 1 },
        ],
      },
    ],
    notices: [],
  });
  const shown = { ...everything, topics: { deny: ['secrets'] } };
  await using server = await serve({ shown, open: async () => lookupOf(members) });
  expect((await ask(server, 'cluster=lab&group=a')).body).toMatchObject({
    members: [{ subscriptions: { orders: '*' }, assigned: [{ topic: 'orders', partition: 1 }] }],
  });
});

test('passes on the error of the broker', async () => {
  const open = async () => {
    throw new AppError('credentials-refused', 'the broker refused the user');
  };
  await using server = await serve({ shown: everything, open });
  expect(await ask(server, 'cluster=lab&group=a')).toMatchObject({
    status: 502,
    body: { error: { code: 'credentials-refused', message: 'the broker refused the user' } },
  });
});

test('lists a thousand members and the number of the others', async () => {
  const members = Array.from({ length: 1234 }, (_, index) => ({ id: `${index}`, clientId: 'a' }));
  await using server = await serve({
    shown: everything,
    open: async () => lookupOf(async () => ({ members, notices: [] })),
  });
  const { body } = await ask(server, 'cluster=lab&group=a');
  expect((body as { members: unknown[] }).members).toHaveLength(1000);
  expect(body).toMatchObject({ notices: ['234 more members are not listed'] });
});

test('looks up two groups concurrently, and a third after one of them was aborted', async () => {
  const begun: (() => void)[] = [];
  const members = (_: string, { signal }: Io) =>
    new Promise<GroupMembers>((_resolve, reject) => {
      begun.shift()?.();
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  await using server = await serve({ shown: everything, open: async () => lookupOf(members) });
  const hold = async () => {
    const given = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push(resolve);
    const answer = fetch(`${server.url}api/groups?cluster=lab&group=a`, { signal: given.signal }).catch(() => {});
    await promise;
    return { giveUp: () => given.abort(), answer };
  };
  const [one, other] = [await hold(), await hold()];
  expect(await ask(server, 'cluster=lab&group=a')).toMatchObject({ status: 503 });
  one.giveUp();
  // The server notices a client's disconnect a moment later.
  const { promise: third, resolve } = Promise.withResolvers<void>();
  begun.push(resolve);
  const stop = new AbortController();
  const asking = (async () => {
    while (!stop.signal.aborted) {
      await fetch(`${server.url}api/groups?cluster=lab&group=a`, { signal: stop.signal }).catch(() => {});
    }
  })();
  await third;
  stop.abort();
  other.giveUp();
  await Promise.all([one.answer, other.answer, asking]);
});
