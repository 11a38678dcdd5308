// Lists the commands that change a cluster, for the registry.

import type { CommandGroups } from '../command-list.ts';
import { instanceCommands } from '../instances/commands.ts';

export const changeCommands = {
  ops: { summary: 'Plan and execute changes: topics, settings, groups, replicas, offsets, brokers.' },
  send: {
    summary: 'Send one message to a topic: key, headers, tag; shows where it would go first.',
    load: async () => (await import('../commands/send.ts')).sendCommand,
  },
  receive: {
    summary: 'Receive the next messages of a topic once, also from the offsets of a group.',
    load: async () => (await import('../commands/receive.ts')).receiveCommand,
  },
  'ops approve': {
    summary: 'Review the plan of a change as a second person and sign it.',
    load: async () => (await import('../commands/ops-approve.ts')).opsApproveCommand,
  },
  ...instanceCommands,
  'ops status': {
    summary: 'Show which clusters are being changed, by whom, and the current or next freeze.',
    load: async () => (await import('../commands/ops-status.ts')).opsStatusCommand,
  },
  'ops kafka delete-records': {
    summary: 'Delete the oldest messages of a Kafka topic, up to an offset or a time.',
    load: async () => (await import('../commands/ops-kafka-delete-records.ts')).opsKafkaDeleteRecordsCommand,
  },
  'ops kafka alter-acls': {
    summary: 'Create or delete access control rules of Kafka; the rollback restores them.',
    load: async () => (await import('../commands/ops-kafka-alter-acls.ts')).opsKafkaAlterAclsCommand,
  },
  'ops kafka alter-scram-user': {
    summary: 'Create, change or delete the SCRAM password of a Kafka user.',
    load: async () => (await import('../commands/ops-kafka-alter-scram-user.ts')).opsKafkaAlterScramUserCommand,
  },
  'ops rocketmq alter-acl': {
    summary: 'Create, replace or delete an access control rule on every RocketMQ broker (5.3 and later).',
    load: async () => (await import('../commands/ops-rocketmq-alter-acl.ts')).opsRocketmqAlterAclCommand,
  },
  'ops rocketmq alter-user': {
    summary: 'Create, change or delete a user on every RocketMQ broker (5.3 and later).',
    load: async () => (await import('../commands/ops-rocketmq-alter-user.ts')).opsRocketmqAlterUserCommand,
  },
  'ops kafka partitions': {
    summary: 'Add partitions to a topic: shows keys that move, groups that lose order, and leader load first.',
    load: async () => (await import('../commands/ops-kafka-partitions.ts')).opsKafkaPartitionsCommand,
  },
  'ops kafka reassign': {
    summary:
      'Reassign partitions with the least data movement, from files or a live cluster; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-kafka-reassign.ts')).opsKafkaReassignCommand,
  },
  'ops kafka resend': {
    summary: 'Send messages of a dead-letter topic again, each once; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-kafka-resend.ts')).opsKafkaResendCommand,
  },
  'ops kafka create-topic': {
    summary: 'Create a Kafka topic with partitions, copies and settings; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-kafka-create-topic.ts')).opsKafkaCreateTopicCommand,
  },
  'ops kafka alter-topic': {
    summary: 'Change settings of a Kafka topic; shows before and after, validated by the broker.',
    load: async () => (await import('../commands/ops-kafka-alter-topic.ts')).opsKafkaAlterTopicCommand,
  },
  'ops kafka delete-topic': {
    summary: 'Delete a Kafka topic; shows what is lost, who writes and which groups read it first.',
    load: async () => (await import('../commands/ops-kafka-delete-topic.ts')).opsKafkaDeleteTopicCommand,
  },
  'ops kafka alter-config': {
    summary: 'Change settings of a Kafka broker or of all; shows before and after, validated by the broker.',
    load: async () => (await import('../commands/ops-kafka-alter-config.ts')).opsKafkaAlterConfigCommand,
  },
  'ops kafka alter-quotas': {
    summary: 'Set or remove quotas of Kafka users and clients; shows before and after.',
    load: async () => (await import('../commands/ops-kafka-alter-quotas.ts')).opsKafkaAlterQuotasCommand,
  },
  'ops kafka delete-group': {
    summary: 'Delete a Kafka consumer group or its offsets in a topic; backs the offsets up first.',
    load: async () => (await import('../commands/ops-kafka-delete-group.ts')).opsKafkaDeleteGroupCommand,
  },
  'ops offsets reset': {
    summary: 'Move the offsets of a group by time, offset or shift; shows skips and repeats first, writes a backup.',
    load: async () => (await import('../commands/ops-offsets-reset.ts')).opsOffsetsResetCommand,
  },
  'ops offsets backup': {
    summary: 'Save the committed offsets of a consumer group.',
    load: async () => (await import('../commands/ops-offsets-backup.ts')).opsOffsetsBackupCommand,
  },
  'ops offsets restore': {
    summary: 'Restore the offsets of a consumer group from a backup; shows the effect first.',
    load: async () => (await import('../commands/ops-offsets-restore.ts')).opsOffsetsRestoreCommand,
  },
  'ops offsets copy': {
    summary: 'Copy the offsets of a group to another; shows skips and repeats first, writes a backup.',
    load: async () => (await import('../commands/ops-offsets-copy.ts')).opsOffsetsCopyCommand,
  },
  'ops rocketmq scale-in': {
    summary: 'Remove a RocketMQ broker: close it to writes, drain it, stop it and remove its routes.',
    load: async () => (await import('../commands/ops-rocketmq-scale-in.ts')).opsRocketmqScaleInCommand,
  },
  'ops rocketmq check-routes': {
    summary: 'Find RocketMQ routes to unreachable brokers, or that differ from the brokers.',
    load: async () => (await import('../commands/ops-rocketmq-check-routes.ts')).opsRocketmqCheckRoutesCommand,
  },
  'ops rocketmq scale-out': {
    summary: 'Add a RocketMQ broker: copy settings, topics and groups, and verify that it takes traffic.',
    load: async () => (await import('../commands/ops-rocketmq-scale-out.ts')).opsRocketmqScaleOutCommand,
  },
  'ops rocketmq create-topic': {
    summary:
      'Create a RocketMQ topic: queues, permission, order, attributes; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-rocketmq-create-topic.ts')).opsRocketmqCreateTopicCommand,
  },
  'ops rocketmq alter-topic': {
    summary: 'Change permission, order or attributes of a RocketMQ topic; shows before and after.',
    load: async () => (await import('../commands/ops-rocketmq-alter-topic.ts')).opsRocketmqAlterTopicCommand,
  },
  'ops rocketmq delete-topic': {
    summary: 'Delete a RocketMQ topic; shows what is lost, whether it is written and which groups read it first.',
    load: async () => (await import('../commands/ops-rocketmq-delete-topic.ts')).opsRocketmqDeleteTopicCommand,
  },
  'ops rocketmq alter-config': {
    summary: 'Change settings of running RocketMQ brokers; shows before and after, validated against their reports.',
    load: async () => (await import('../commands/ops-rocketmq-alter-config.ts')).opsRocketmqAlterConfigCommand,
  },
  'ops rocketmq create-group': {
    summary: 'Create a RocketMQ subscription group; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-rocketmq-create-group.ts')).opsRocketmqCreateGroupCommand,
  },
  'ops rocketmq alter-group': {
    summary: 'Change a RocketMQ subscription group; shows before and after.',
    load: async () => (await import('../commands/ops-rocketmq-alter-group.ts')).opsRocketmqAlterGroupCommand,
  },
  'ops rocketmq delete-group': {
    summary:
      'Delete a RocketMQ subscription group with its offsets, retry and dead-letter topics; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-rocketmq-delete-group.ts')).opsRocketmqDeleteGroupCommand,
  },
  'ops rocketmq clean': {
    summary:
      'Delete expired commit log files or unused consume queues on RocketMQ brokers now; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-rocketmq-clean.ts')).opsRocketmqCleanCommand,
  },
  'ops rocketmq queues': {
    summary: 'Change the number of queues of a RocketMQ topic without losing or stranding messages.',
    load: async () => (await import('../commands/ops-rocketmq-queues.ts')).opsRocketmqQueuesCommand,
  },
  'ops rocketmq resend': {
    summary:
      'Send messages of a dead-letter or retry topic again, each once; prints the plan unless --execute is given.',
    load: async () => (await import('../commands/ops-rocketmq-resend.ts')).opsRocketmqResendCommand,
  },
  'ops rocketmq name-servers': {
    summary: 'Add, remove or replace a RocketMQ name server without interrupting clients.',
    load: async () => (await import('../commands/ops-rocketmq-name-servers.ts')).opsRocketmqNameServersCommand,
  },
  'ops rocketmq drill': {
    summary: 'Stop a RocketMQ leader and measure failover: write gap, routes, recovery, messages.',
    load: async () => (await import('../commands/ops-rocketmq-drill.ts')).opsRocketmqDrillCommand,
  },
  'ops rocketmq switch': {
    summary: 'Swap the master and slave of a RocketMQ broker.',
    load: async () => (await import('../commands/ops-rocketmq-switch.ts')).opsRocketmqSwitchCommand,
  },
} satisfies CommandGroups[string];
