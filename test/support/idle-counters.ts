// Provides counters of a host that has been idle since it started.

export const idleCore = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };

export const idleCard = {
  device: 'eth0',
  receiveBytes: 0,
  receivePackets: 0,
  receiveErrors: 0,
  receiveDrops: 0,
  transmitBytes: 0,
  transmitPackets: 0,
  transmitErrors: 0,
  transmitDrops: 0,
};
