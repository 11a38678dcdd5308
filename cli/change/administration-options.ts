// Declares the options of every command that administers topics, settings, quotas or groups.

import { z } from 'zod';
import { kafkaClusterOptions, rocketmqClusterOptions } from '../options.ts';
import { confirmNameOption, confirmOption } from '../confirm.ts';
import { duration, flag, list, option, text } from '../command.ts';

/**
 * Declares the options of every command that changes a cluster: confirmation, lease, freeze, approval and state
 * folder.
 */
export const stateFolderOption = {
  'state-dir': text('DIR', 'folder of the journals of changes (default: the XDG state folder)'),
};

const approvalOptions = {
  'write-plan': text('FILE', 'without --execute: also write the plan to a new file, for `plimsoll ops approve`'),
  approval: text('FILE', 'with --execute: approval of this plan by a second person, written by `plimsoll ops approve`'),
};

const permitOptions = {
  'during-freeze': text('REASON', 'start during a change freeze; the reason is kept in the audit log'),
  ...approvalOptions,
};

export const leaseOptions = {
  confirm: confirmOption,
  'take-over': flag(
    'take over the lease (change lock) of a plimsoll process that died: possible after 60 s without a heartbeat; you type the id of the cluster',
  ),
  ...permitOptions,
  ...stateFolderOption,
};

const administrationOptions = {
  execute: flag('carry the plan out; without it nothing is changed'),
  resume: flag('continue a change that was interrupted'),
  abort: flag('roll back a change that was interrupted'),
  wait: duration(
    'how long to wait while a broker does not answer, such as 0s or 5m (default 1m); --resume continues later',
    60,
  ),
  ...leaseOptions,
  json: flag('print one JSON document'),
};

export const kafkaAdministrationOptions = { ...kafkaClusterOptions, ...administrationOptions };
/** For a rollback on RocketMQ brokers. */
export const goneOption = {
  gone: list(
    'NAME',
    'with --abort: a broker or member that will never return, such as broker-b:1; without an answer from it, its former values are printed and not restored',
  ),
};

export const rocketmqAdministrationOptions = { ...rocketmqClusterOptions, ...administrationOptions };

/** For changes that delete something permanently. */
export const deletionOptions = { 'confirm-name': confirmNameOption };

const defaultWatch = 3;

/** For the deletion of a topic. */
export const topicDeletionOptions = {
  ...deletionOptions,
  watch: duration(`how long to watch for incoming messages (default ${defaultWatch}s)`, defaultWatch),
  'accept-writes': flag('delete the topic although messages still come in'),
  'accept-readers': flag('delete the topic although consumer groups read it'),
};

export const topicOption = option('NAME', 'the topic', z.string(), {
  hint: '`plimsoll get topics` lists them',
});

export const groupOption = option('NAME', 'the consumer group', z.string(), {
  hint: '`plimsoll get groups` lists them',
});

const Assignment = z.string().regex(/^[^=\s]+=/, { error: ({ input }) => `${String(input)}: write it as KEY=VALUE` });

/** Repeatable `KEY=VALUE` option. */
export const assignments = (help: string) => list('KEY=VALUE', help, Assignment);

/** @returns values by key; the last value of a key applies */
export function assigned(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const at = each.indexOf('=');
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}
