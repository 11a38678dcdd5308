// Lays out two RocketMQ masters and two slaves on three hosts.

/**
 * Two hosts run a master and the slave of the other master, as in public courses. Each host has a name server, because a change loses
 * its lease if all of them are down for a minute.
 */
export const crosswise = (loss: 'may-lose' | 'acknowledged') => ({
  machines: ['worker1', 'worker2', 'worker3'],
  layout: {
    broker: 'rocketmq',
    mode: 'master-slave',
    nameServers: ['worker1', 'worker2', 'worker3'],
    groups: { 'broker-a': ['worker2', 'worker3'], 'broker-b': ['worker3', 'worker2'] },
    loss,
  },
});
