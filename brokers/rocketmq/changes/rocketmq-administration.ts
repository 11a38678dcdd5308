// Administers a RocketMQ cluster: as the change desk, and what deletes topics and groups.

import type { AclRule } from '../../acl-rule.ts';
import type { Io } from '../../driver.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import {
  encodeCreateUser,
  encodeDeleteUser,
  encodeListUsers,
  encodeUpdateUser,
  type BrokerUser,
  type UserChange,
} from '../protocol/auth-users.ts';
import { encodeDeleteAcl, encodeSetAcl, type RocketmqAcl } from '../protocol/change-acl.ts';
import { encodeClean, type Cleanup } from '../protocol/clean-broker.ts';
import { encodeDeleteSubscriptionGroup } from '../protocol/delete-subscription-group.ts';
import { encodeDeleteRoute, encodeDeleteTopic } from '../protocol/delete-topic.ts';
import { encodeListAcls } from '../protocol/list-acls.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';
import { askingThrough, openChangeDesk, type ChangeDesk } from './change-desk.ts';

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
  const of = askingThrough(client);
  return {
    ...openChangeDesk(cluster, config, client),
    deleteTopic: (address, topic, io) => of(address, `delete topic ${topic}`, encodeDeleteTopic({ topic }), io),
    forgetTopic: (address, topic, io) => of(address, `remove the route of ${topic}`, encodeDeleteRoute({ topic }), io),
    deleteGroup: (address, group, io) =>
      of(address, `delete group ${group}`, encodeDeleteSubscriptionGroup({ group }), io),
    clean: (address, what, io) => of(address, `clean up (${what})`, encodeClean(what), io),
    acls: (address, io) => of(address, 'list the access control rules', encodeListAcls(), io),
    setAcl: (address, acl, io) =>
      of(address, `set the rule of ${acl.subject} on ${acl.resource}`, encodeSetAcl(acl), io),
    deleteAcl: (address, acl, io) =>
      of(address, `delete the rule of ${acl.subject} on ${acl.resource}`, encodeDeleteAcl(acl), io),
    users: (address, io) => of(address, 'list the users', encodeListUsers(), io),
    createUser: (address, name, change, io) => of(address, `create user ${name}`, encodeCreateUser(name, change), io),
    updateUser: (address, name, change, io) => of(address, `change user ${name}`, encodeUpdateUser(name, change), io),
    deleteUser: (address, name, io) => of(address, `delete user ${name}`, encodeDeleteUser(name), io),
  };
}
