// Runs a RocketMQ that checks permissions, and creates one user for each list of grants.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import type { RocketmqGrant } from '../../brokers/rocketmq/permissions.ts';
import { ask } from '../../brokers/rocketmq/ask.ts';
import { answered, type Request, type Response } from '../../brokers/rocketmq/protocol/frame.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import {
  encodeUpdateConsumerOffset,
  type UpdateConsumerOffset,
} from '../../brokers/rocketmq/protocol/offset-requests.ts';
import { encodeUpdateSubscriptionGroup } from '../../brokers/rocketmq/protocol/group-requests.ts';
import { startRocketmq, type RocketmqRequest } from './rocketmq.ts';

export interface RocketmqUser {
  name: string;
  grants: readonly RocketmqGrant[];
  /** Placeholders for topic and group in grants. */
  topic: string;
  group: string;
}

export type RestrictedRocketmq = Awaited<ReturnType<typeof restrictedRocketmq>>;

const secret = 'not-a-secret';
const [createUser, createAcl] = [3001, 3006];

/** Uses ACL 2.0. */
export async function restrictedRocketmq(request: RocketmqRequest, users: readonly RocketmqUser[]) {
  const rocketmq = await startRocketmq({ ...request, acl: true });
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-permissions-'));
  const { config: open } = rocketmq;
  process.env['PLIMSOLL_TEST_SECRET_KEY'] = secret;
  const io = { signal: AbortSignal.timeout(300_000) };
  /** Sends a request as the first user, who has all permissions. */
  async function toBrokers(request: Request): Promise<void> {
    await using client = createRemotingClient({ name: 'lab', config: open });
    for (const { address } of rocketmq.brokers) {
      const attempt = { action: `send request ${request.code}`, address };
      const parse = (reply: Response) => answered(reply, `request ${request.code}`);
      await ask(client, attempt, { ...request, parse }, io);
    }
  }
  for (const request of users.flatMap(requestsFor)) await toBrokers(request);
  const written = parse(await readFile(rocketmq.configPath, 'utf8')) as { clusters: { lab: object } };
  const clusterOf = (user: { name: string }) => ({
    ...written.clusters.lab,
    credentials: { accessKey: user.name, secretKey: '${env:PLIMSOLL_TEST_SECRET_KEY}' },
  });
  return {
    folder,
    /** Config of the first user, who has all permissions. */
    open,
    configPath: rocketmq.configPath,
    brokers: rocketmq.brokers,
    namesrv: rocketmq.namesrv,
    home: rocketmq.home,
    configOf: (user: { name: string }) => RocketmqClusterConfig.parse({ ...clusterOf(user), loadTest: undefined }),
    /** @returns the path of a config file */
    async writeConfig(user: { name: string }): Promise<string> {
      const path = join(folder, `${user.name}.yaml`);
      const { hosts } = written as { hosts?: object };
      await writeFile(path, stringify({ clusters: { lab: clusterOf(user) }, ...(hosts && { hosts }) }));
      return path;
    },
    createGroup: (name: string) =>
      toBrokers(encodeUpdateSubscriptionGroup({ group: name, broadcast: false, maxRetries: 16 })),
    commit: (commit: UpdateConsumerOffset) => toBrokers(encodeUpdateConsumerOffset(commit)),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true });
      await rocketmq[Symbol.asyncDispose]();
    },
  };
}

function requestsFor({ name: username, grants, topic, group }: RocketmqUser): Request[] {
  const user = { username, password: secret, userType: 'Normal' };
  const byResource = Map.groupBy(
    grants,
    ({ resource, name }) =>
      `${resource.charAt(0).toUpperCase()}${resource.slice(1)}:${name.replace('TOPIC', topic).replace('GROUP', group)}`,
  );
  const entries = [...byResource].map(([resource, of]) => ({
    resource,
    actions: of.map(({ action }) => action),
    sourceIps: [],
    decision: 'Allow',
  }));
  const body = (document: object) => Buffer.from(JSON.stringify(document));
  const created = { code: createUser, fields: { username }, body: body(user) };
  if (entries.length === 0) return [created];
  const subject = `User:${username}`;
  const acl = { subject, policies: [{ policyType: 'Custom', entries }] };
  return [created, { code: createAcl, fields: { subject }, body: body(acl) }];
}
