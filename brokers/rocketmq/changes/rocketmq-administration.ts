// Administers a RocketMQ cluster: extends the change desk by deletions, cleanup and access control.

import type { Io } from '../../driver.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import {
  encodeCreateUser,
  encodeDeleteUser,
  encodeUpdateUser,
  type UserChange,
  encodeDeleteAcl,
  encodeSetAcl,
  type RocketmqAcl,
} from '../protocol/access-requests.ts';
import { encodeClean, type Cleanup } from '../protocol/broker-requests.ts';
import { encodeDeleteSubscriptionGroup } from '../protocol/group-requests.ts';
import { encodeDeleteRoute, encodeDeleteTopic } from '../protocol/topic-requests.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';
import { askingThrough, openChangeDesk } from './change-desk.ts';

export type RocketmqAdministration = ReturnType<typeof openRocketmqAdministration>;

export function openRocketmqAdministration(cluster: string, config: RocketmqClusterConfig) {
  const client = createRemotingClient({ name: cluster, config });
  const of = askingThrough(client);
  return {
    ...openChangeDesk(cluster, config, client),
    /** Deletes a topic with its messages; succeeds if it does not exist. */
    deleteTopic: (address: string, topic: string, io: Io) =>
      of(address, `delete topic ${topic}`, encodeDeleteTopic({ topic }), io),
    /** Removes the route at a name server; brokers that still have the topic register it again. */
    forgetTopic: (server: string, topic: string, io: Io) =>
      of(server, `remove the route of ${topic}`, encodeDeleteRoute({ topic }), io),
    /** Deletes a group with its committed offsets; succeeds if it does not exist. */
    deleteGroup: (address: string, group: string, io: Io) =>
      of(address, `delete group ${group}`, encodeDeleteSubscriptionGroup({ group }), io),
    /** Resolves when the deletion of files has started; the broker continues it in the background. */
    clean: (address: string, what: Cleanup, io: Io) => of(address, `clean up (${what})`, encodeClean(what), io),
    /** Creates the rule, or replaces the subject's rule of the same resource. */
    setAcl: (address: string, acl: RocketmqAcl, io: Io) =>
      of(address, `set the rule of ${acl.subject} on ${acl.resource}`, encodeSetAcl(acl), io),
    deleteAcl: (address: string, acl: Pick<RocketmqAcl, 'subject' | 'resource'>, io: Io) =>
      of(address, `delete the rule of ${acl.subject} on ${acl.resource}`, encodeDeleteAcl(acl), io),
    createUser: (address: string, name: string, change: UserChange, io: Io) =>
      of(address, `create user ${name}`, encodeCreateUser(name, change), io),
    updateUser: (address: string, name: string, change: UserChange, io: Io) =>
      of(address, `change user ${name}`, encodeUpdateUser(name, change), io),
    deleteUser: (address: string, name: string, io: Io) =>
      of(address, `delete user ${name}`, encodeDeleteUser(name), io),
  };
}
