// Administers a RocketMQ cluster: as the change desk, and what deletes topics and groups.

import type { AclRule } from '../../acl-rule.ts';
import type { Io } from '../../driver.ts';
import { ask } from '../ask.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import {
  encodeCreateUser,
  encodeDeleteUser,
  encodeListUsers,
  encodeUpdateUser,
  parseListUsers,
  parseUserChanged,
  type BrokerUser,
  type UserChange,
} from '../protocol/auth-users.ts';
import { encodeDeleteAcl, encodeSetAcl, parseAclChanged, type RocketmqAcl } from '../protocol/change-acl.ts';
import { encodeClean, parseClean, type Cleanup } from '../protocol/clean-broker.ts';
import { encodeDeleteSubscriptionGroup, parseDeleteSubscriptionGroup } from '../protocol/delete-subscription-group.ts';
import { encodeDeleteTopicInBroker, parseDeleteTopicInBroker } from '../protocol/delete-topic-in-broker.ts';
import {
  encodeDeleteTopicInNameServer,
  parseDeleteTopicInNameServer,
} from '../protocol/delete-topic-in-name-server.ts';
import { encodeListAcls, parseListAcls } from '../protocol/list-acls.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';
import { openChangeDesk, within, type ChangeDesk } from './change-desk.ts';

export interface RocketmqAdministration extends ChangeDesk {
  /** With its messages; one that does not exist is deleted already. */
  deleteTopic(address: string, topic: string, io: Io): Promise<void>;
  /** At a name server: brokers that still have it register it again. */
  forgetTopic(server: string, topic: string, io: Io): Promise<void>;
  /** With its commits; one that does not exist is deleted already. */
  deleteGroup(address: string, group: string, io: Io): Promise<void>;
  /** Resolves when the broker has begun: it deletes files in the background. */
  clean(address: string, what: Cleanup, io: Io): Promise<void>;
  /** @returns undefined where the broker has no ACL 2.0 (RocketMQ 5.3) */
  acls(address: string, io: Io): Promise<readonly AclRule[] | undefined>;
  /** Creates the rule, or replaces that of the same resource. */
  setAcl(address: string, acl: RocketmqAcl, io: Io): Promise<void>;
  deleteAcl(address: string, acl: Pick<RocketmqAcl, 'subject' | 'resource'>, io: Io): Promise<void>;
  /** @returns undefined where the broker has no ACL 2.0 (RocketMQ 5.3) */
  users(address: string, io: Io): Promise<readonly BrokerUser[] | undefined>;
  createUser(address: string, name: string, change: UserChange, io: Io): Promise<void>;
  updateUser(address: string, name: string, change: UserChange, io: Io): Promise<void>;
  deleteUser(address: string, name: string, io: Io): Promise<void>;
}

export function openRocketmqAdministration(cluster: string, config: RocketmqClusterConfig): RocketmqAdministration {
  const client = createRemotingClient({ name: cluster, config });
  const limited = ({ signal }: Io) => ({ signal, within });
  return {
    ...openChangeDesk(cluster, config, client),
    deleteTopic: (address, topic, io) =>
      ask(
        client,
        { action: `delete topic ${topic}`, address },
        encodeDeleteTopicInBroker({ topic }),
        parseDeleteTopicInBroker,
        limited(io),
      ),
    forgetTopic: (address, topic, io) =>
      ask(
        client,
        { action: `remove the route of ${topic}`, address },
        encodeDeleteTopicInNameServer({ topic }),
        parseDeleteTopicInNameServer,
        limited(io),
      ),
    deleteGroup: (address, group, io) =>
      ask(
        client,
        { action: `delete group ${group}`, address },
        encodeDeleteSubscriptionGroup({ group }),
        parseDeleteSubscriptionGroup,
        limited(io),
      ),
    clean: (address, what, io) =>
      ask(client, { action: `clean up (${what})`, address }, encodeClean(what), parseClean, limited(io)),
    acls: (address, io) =>
      ask(client, { action: 'list the access control rules', address }, encodeListAcls(), parseListAcls, limited(io)),
    setAcl: (address, acl, io) =>
      ask(
        client,
        { action: `set the rule of ${acl.subject} on ${acl.resource}`, address },
        encodeSetAcl(acl),
        parseAclChanged,
        limited(io),
      ),
    deleteAcl: (address, acl, io) =>
      ask(
        client,
        { action: `delete the rule of ${acl.subject} on ${acl.resource}`, address },
        encodeDeleteAcl(acl),
        parseAclChanged,
        limited(io),
      ),
    users: (address, io) =>
      ask(client, { action: 'list the users', address }, encodeListUsers(), parseListUsers, limited(io)),
    createUser: (address, name, change, io) =>
      ask(
        client,
        { action: `create user ${name}`, address },
        encodeCreateUser(name, change),
        parseUserChanged,
        limited(io),
      ),
    updateUser: (address, name, change, io) =>
      ask(
        client,
        { action: `change user ${name}`, address },
        encodeUpdateUser(name, change),
        parseUserChanged,
        limited(io),
      ),
    deleteUser: (address, name, io) =>
      ask(client, { action: `delete user ${name}`, address }, encodeDeleteUser(name), parseUserChanged, limited(io)),
  };
}
